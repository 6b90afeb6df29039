import os
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("datasets", reason="needs the extra datasets, which is not installed")

from datasets import Dataset, IterableDataset

from cleaner import Options, UsageError
from cleaner.integrations.datasets import NewsCleaner


@pytest.fixture
def parquet(tmp_path, pages, shop):
    """The seeds with a shop and an empty page, as a file of Parquet."""
    rows = [*pages, {"id": "shop", "text": shop}, {"id": "empty"}]
    Dataset.from_list(rows).to_parquet(tmp_path / "pages.parquet")
    return tmp_path / "pages.parquet"


def load(parquet):
    return Dataset.from_parquet(str(parquet), cache_dir=str(parquet.parent / "cache"))


def test_map_gives_the_text_of_the_command(parquet, expected):
    given = load(parquet)
    cleaned = given.map(NewsCleaner(), batched=True, batch_size=4, remove_columns=["html"])
    assert cleaned.column_names == ["id", "url", "text", "text_original", "text_error"]
    assert cleaned["id"][:] == given["id"][:]
    texts = dict(zip(cleaned["id"], cleaned["text"], strict=True))
    assert {name: texts[name] for name in expected} == expected
    assert texts["empty"] == ""
    assert set(cleaned["text_error"]) == {""}


def test_map_leaves_out_what_is_no_article(parquet, expected):
    step = NewsCleaner(Options(only_articles=True))
    cleaned = load(parquet).map(step, batched=True, batch_size=4, remove_columns=["html"])
    assert cleaned.column_names == ["id", "url", "text", "text_original", "text_error"]
    assert not {"shop", "empty"} & set(cleaned["id"])
    assert len(cleaned) >= len(expected) - 1  # one of the seeds is a listing
    assert all(row["text"] == expected[row["id"]] for row in cleaned)


def test_map_with_two_processes_and_as_a_stream(parquet, expected):
    given, step = load(parquet), NewsCleaner(Options(only_articles=True))
    settings = {"batched": True, "batch_size": 4, "remove_columns": ["html"]}
    alone = given.map(step, **settings).to_list()
    assert given.map(step, num_proc=2, **settings).to_list() == alone
    stream = given.to_iterable_dataset()
    assert isinstance(stream, IterableDataset)
    assert list(stream.map(step, **settings)) == alone


def test_a_format_of_arrays_is_read_too(parquet):
    given, step = load(parquet), NewsCleaner(Options(only_articles=True))
    expected = given.map(step, batched=True)["text"][:]
    assert list(given.with_format("numpy").map(step, batched=True)["text"]) == expected


def test_pages_that_cannot_be_read_stop_nothing(expected, pages):
    story = pages[0]
    given = Dataset.from_dict({"html": [b"%PDF-1.7", b"\x1f\x8b", story["text"].encode()]})
    step = NewsCleaner(Options(only_articles=True), text_field="clean")
    cleaned = given.map(step, batched=True, batch_size=1, writer_batch_size=1)
    assert cleaned["clean"][:2] == ["", ""]
    assert "a PDF file" in cleaned["clean_error"][0]
    assert "gzip data" in cleaned["clean_error"][1]
    assert cleaned["clean_error"][2:] in ([""], [])


CODE = """
import sys
from datasets import Dataset
from cleaner import Options
from cleaner.integrations.datasets import NewsCleaner
options = Options(precision=float(sys.argv[3]))
pages = Dataset.from_parquet(sys.argv[1], cache_dir=sys.argv[2])
cleaned = pages.map(NewsCleaner(options), batched=True)
print(cleaned.cache_files[0]["filename"], "cleaner.features.words" in sys.modules)
import cleaner.integrations.cleaning as cleaning
print(bool(cleaning._load(options)._models))
"""


def test_another_process_finds_the_result_in_the_cache(parquet):
    def run(seed, precision):
        result = subprocess.run(
            [sys.executable, "-c", CODE, parquet, parquet.parent / "cache", str(precision)],
            env=os.environ | {"PYTHONHASHSEED": seed, "HF_HUB_OFFLINE": "1"},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout.split()

    first, second, other = run("1", 0.5), run("2", 0.5), run("2", 0.6)
    assert first[0] == second[0] != other[0]
    assert (first[-1], second[-1], other[-1]) == ("True", "False", "True")  # models were loaded


def test_the_fingerprint_is_that_of_options_and_models(tmp_path, seeds):
    from datasets.fingerprint import Hasher

    models = shutil.copytree(seeds.parent / "models", tmp_path / "models")
    steps = [NewsCleaner(), NewsCleaner(Options(keep=["article"])), NewsCleaner(html_field="raw"),
             NewsCleaner(Options(only_articles=True)), NewsCleaner(Options(accurate=True)),
             NewsCleaner(Options(models=models))]  # fmt: skip
    about = models / "text" / "model.json"
    about.write_text(about.read_text() + "\n")
    steps.append(NewsCleaner(Options(models=models)))
    assert len({Hasher.hash(step) for step in steps}) == len(steps)
    used = NewsCleaner()
    used({"html": ["<p>One</p>"]})
    assert Hasher.hash(used) == Hasher.hash(NewsCleaner(Options(keep=("headline", "article"))))


def test_wrong_use():
    told = r"no column 'text', 'html' or 'markdown' \(there are url, body\)"
    with pytest.raises(UsageError, match=told):
        NewsCleaner()({"url": ["a"], "body": ["b"]})
    with pytest.raises(UsageError, match="batched=True"):
        NewsCleaner()({"html": "<p>One</p>"})
    with pytest.raises(UsageError, match="take the format off"):
        Dataset.from_dict({"html": ["a"]}).with_format("arrow").map(NewsCleaner(), batched=True)
    for options in ({"text_field": 5}, {"html_field": None}):
        with pytest.raises(UsageError, match="give the name of a field"):
            NewsCleaner(**options)
    with pytest.raises(UsageError, match="unknown label 'story'"):
        NewsCleaner(Options(keep=["story"]))


def test_metadata_are_columns_of_texts():
    page = (
        "<meta name=author content='Ada Lind'><meta property='article:tag' content='Harbour'>"
        "<meta property='article:tag' content='Tide'><h1>The gate</h1><p>It held back the tide."
    )
    given = Dataset.from_dict({"html": ["", page]})
    step = NewsCleaner(Options(metadata=["author", "tags"]))
    cleaned = given.map(step, batched=True, batch_size=1, remove_columns=["html"])
    assert cleaned.column_names == ["text", "text_error", "author", "tags"]
    assert cleaned["author"][:] == ["", "Ada Lind"]
    assert cleaned["tags"][:] == ["", "Harbour, Tide"]


def test_columns_whose_names_are_taken_stay():
    story = "The ferry came back to the harbour on Monday, its crew said, after two weeks."
    rows = {"text": ["my own"], "html": [f"<h1>Ferry</h1><p>{story}"], "title": [5]}
    found = NewsCleaner(Options(metadata=["title"]))(dict(rows))
    assert found["text_original"] == ["my own"]
    assert found["title_original"] == [5]
    assert (found["title"], found["text"]) == (["Ferry"], [f"Ferry\n\n{story}"])
    assert "text_original" not in NewsCleaner()({"text": [story]})
