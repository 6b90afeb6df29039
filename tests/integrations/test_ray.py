import runpy
import secrets
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs the extra ray, which is not installed")

import numpy as np
import pandas as pd
import pyarrow as pa
import ray

from cleaner import Options, UsageError
from cleaner.integrations.ray import NewsCleaner

EXAMPLES = Path(__file__).parents[2] / "examples"
FORMATS = ["numpy", "pandas", "pyarrow"]


def start_ray(tries=4):
    """Start Ray, which waits half a minute for its own processes, too short on a busy machine."""
    try:
        ray.init(
            num_cpus=2,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="warning",
            object_store_memory=100 << 20,
            _node_ip_address="127.0.0.1",
        )
    except Exception:
        ray.shutdown()
        if tries == 1:
            raise
        start_ray(tries - 1)


@pytest.fixture(scope="module")
def cluster():
    """Ray with two workers on this machine, which tells nobody of it: one for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))  # else the home folder gets one
        start_ray()
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield
        ray.shutdown()


@pytest.fixture(scope="module")
def rows(pages, shop):
    """The seeds, a shop, an empty page, nulls and a PDF; HTML as bytes."""
    found = [{**page, "html": page["html"] and page["html"].encode()} for page in pages]
    found += [{"id": "shop", "text": shop}, {"id": "empty", "text": ""}]
    return [*found, {"id": "null"}, {"id": "pdf", "html": b"%PDF-1.7"}]


@pytest.fixture(scope="module")
def dataset(cluster, rows):
    """The rows in two blocks, in memory: the two workers are for the actors."""
    return ray.data.from_arrow([pa.Table.from_pylist(rows[n::2]) for n in range(2)])


def batch_of(rows, format):
    table = pa.Table.from_pylist(rows)
    if format == "pyarrow":
        return table
    if format == "pandas":
        return table.to_pandas()
    return {name: np.array(table[name].to_pylist(), dtype=object) for name in table.column_names}


def rows_of(batch):
    if isinstance(batch, dict):
        batch = pd.DataFrame(batch)
    return batch.to_pylist() if isinstance(batch, pa.Table) else batch.to_dict("records")


@pytest.fixture(scope="module")
def watched():
    """A `NewsCleaner` that also counts how often its process has loaded models."""

    class Watched(NewsCleaner):  # not of this module, which no worker can import
        def __call__(self, batch):
            from cleaner.integrations.cleaning import _load

            made = super().__call__(batch)
            loads = [_load.cache_info().misses] * len(rows_of(made))
            if isinstance(made, pa.Table):
                return made.append_column("loads", pa.array(loads))
            made["loads"] = np.array(loads)
            return made

    return Watched


@pytest.mark.parametrize("format", FORMATS)
def test_two_actors_give_the_text_of_the_command(dataset, rows, expected, watched, format):
    actors = ray.data.ActorPoolStrategy(size=2)
    made = dataset.map_batches(watched, compute=actors, batch_format=format, batch_size=4)
    found = {row["id"]: row for row in made.take_all()}
    assert {row["loads"] for row in found.values()} == {1}
    assert len(found) == len(rows)
    assert {name: found[name]["text"] for name in expected} == expected
    assert [found[name]["text"] for name in ("empty", "null", "pdf")] == ["", "", ""]
    errors = {name: row["text_error"] for name, row in found.items() if row["text_error"]}
    assert "a PDF file" in errors.pop("pdf")
    assert errors == {}
    assert all(found[row["id"]]["html"] == row.get("html") for row in rows)


def test_an_instance_is_run_by_tasks(dataset, expected):
    step = NewsCleaner(Options(only_articles=True))
    found = {row["id"]: row["text"] for row in dataset.map_batches(step, batch_size=4).take_all()}
    assert not {"shop", "empty", "null"} & found.keys()
    assert found.pop("pdf") == ""
    assert found == {name: expected[name] for name in found}
    assert len(found) >= len(expected) - 1  # one of the seeds is a listing


def test_the_example(cluster, expected, capsys):
    runpy.run_path(str(EXAMPLES / "ray_dataset.py"), run_name="__main__")  # in the cluster here
    assert f"observatory-dark-sky\n\n{expected['observatory']}\n" in capsys.readouterr().out


@pytest.mark.parametrize("format", FORMATS)
def test_a_batch_of_each_format(rows, shop, expected, format):
    step = NewsCleaner(Options(only_articles=True, metadata=["author", "tags"]), text_field="html")
    seed = next(row for row in rows if row["id"] == "observatory")
    tag = b"<meta property='article:tag' content='Tide'>"
    given = [{"id": "shop", "html": shop.encode()}, {"id": "pdf", "html": b"%PDF-1.7"},
             {"id": "known", "html": tag + seed["html"]}]  # fmt: skip
    made = step(batch_of(given, format))
    assert type(made) is type(batch_of(given, format))
    pdf, known = rows_of(made)
    assert [*pdf] == ["id", "html", "html_error", "author", "tags"]
    assert (pdf["id"], pdf["html"], pdf["author"], pdf["tags"]) == ("pdf", "", "", "")
    assert "a PDF file" in pdf["html_error"]
    assert (known["author"], known["tags"]) == ("Minna Caldbeck", "Tide, Science")
    assert known["html"] == expected["observatory"]
    assert known["html_error"] == ""
    nothing = step(batch_of(given[:1], format))
    assert rows_of(nothing) == rows_of(step(nothing)) == []


def test_tables_keep_their_types(rows):
    table = pa.table({"text": pa.array(["One"], pa.large_string()), "n": pa.array([1], pa.int8())})
    made = NewsCleaner(Options(only_articles=True))(table)
    assert made.schema.types == [pa.string(), pa.int8(), pa.string()]
    assert len(made) == 0


def test_wrong_use():
    for format in FORMATS:
        with pytest.raises(
            UsageError, match=r"no column 'text', 'html' or 'markdown' \(there are url, body\)"
        ):
            NewsCleaner()(batch_of([{"url": "a", "body": "b"}], format))
    with pytest.raises(UsageError, match="take map_batches"):
        NewsCleaner()({"html": "<p>One</p>"})
    with pytest.raises(UsageError, match="not a list"):
        NewsCleaner()(["<p>One</p>"])
    with pytest.raises(UsageError, match="no models folder '/nowhere'"):
        NewsCleaner(Options(models="/nowhere"))
    with pytest.raises(UsageError, match="html_field is 5"):
        NewsCleaner(html_field=5)
