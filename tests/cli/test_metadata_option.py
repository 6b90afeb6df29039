"""`--metadata` of the commands: which fields it adds, and where they go."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaner import Cleaner
from cleaner.metadata import FIELDS

HTML = (
    "<html><head><meta name=author content='Ada Lind'><meta property='og:site_name' "
    "content='The Courier'><meta property='article:tag' content='Harbour'></head><body><main>"
    "<h1>The gate held back the tide</h1><p>May 1, 2024</p>"
    "<p>The harbour gate of the old town held back the tide on Sunday night, and nobody had to "
    "carry sandbags as in the winter before, the council said on Monday morning.</p>"
    "<p>Forecasters expect the next tide in three days, and say that it will be higher than the "
    "last one was, so that the gate must be closed again.</p></main></body></html>"
)
OWN = {"url": "https://courier.example/1", "date": "fetched", "html": HTML}


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.html"
    path.write_text(HTML)
    return path


def objects(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def as_lines(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_all_of_it_is_added_before_the_text(run, page):
    (row,) = objects(run("clean", "--metadata", page, "--to", "jsonl"))
    assert list(row) == ["id", *FIELDS, "text"]
    assert {name: row[name] for name in FIELDS} == Cleaner().label(page).metadata
    assert (row["author"], row["tags"], row["language"]) == ("Ada Lind", ["Harbour"], "en")
    assert row["image"] is None


def test_names_choose_of_it(run, page):
    for given in (["--metadata", "author,title"], ["--metadata=author,title"]):
        (row,) = objects(run("clean", *given, page, "--to", "jsonl"))
        assert list(row) == ["id", "title", "author", "text"]


def test_what_follows_and_is_no_name_is_an_input(run, page, monkeypatch):
    monkeypatch.chdir(page.parent)
    (page.parent / "crawl").mkdir()
    page.rename(page.parent / "crawl" / page.name)
    for given in (["crawl"], ["crawl/page.html"], ["--to", "jsonl", "crawl"], ["--", "crawl"]):
        options = [] if "jsonl" in given else ["--to", "jsonl"]
        (row,) = objects(run("clean", *options, "--metadata", *given))
        assert row["author"] == "Ada Lind"
    (row,) = objects(run("clean", "--to", "jsonl", "--metadata", stdin=HTML))
    assert row["author"] == "Ada Lind"


def test_a_wrong_name_is_told(run, page):
    for given in (["--metadata", "titel"], ["--metadata=title,titel"]):
        result = run("clean", *given, page)
        assert result.exit_code == 2
        assert "unknown metadata 'titel': choose from title, author" in result.stderr


@pytest.mark.parametrize("command", ["clean", "label", "run"])
def test_own_fields_of_these_names_stay(run, tmp_path, command):
    path = as_lines(tmp_path / "in.jsonl", OWN)
    options = ["--metadata", "author,date,url"]
    if command == "run":
        run("run", path, "-o", tmp_path / "out", "--workers", 1, *options)
        with gzip.open(next((tmp_path / "out").glob("*.jsonl.gz"))) as lines:
            (row,) = map(json.loads, lines)
    else:
        (row,) = objects(run(command, path, *options))
    assert (row["date_original"], row["url_original"]) == ("fetched", OWN["url"])
    assert (row["author"], row["date"], row["url"]) == ("Ada Lind", "2024-05-01", OWN["url"])


def test_the_title_of_labels_is_ours_where_it_is_asked_for(run, tmp_path):
    path = as_lines(tmp_path / "in.jsonl", {"title": "Given", "html": HTML})
    (row,) = objects(run("label", path, "--metadata", "title"))
    assert list(row) == ["title_original", "title", "paragraphs"]
    assert (row["title_original"], row["title"]) == ("Given", "The gate held back the tide")
    (row,) = objects(run("label", path, "--metadata", "author"))
    assert list(row) == ["title", "author", "paragraphs"]
    assert row["title"] == "Given"


@pytest.mark.parametrize("command", ["clean", "label"])
def test_parquet_has_types_also_for_what_is_unknown(run, tmp_path, command):
    given, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"title": [7], "text": ["Only a line"]}), given)
    run(command, given, "--metadata", "-o", out)
    table = pq.read_table(out)
    types = {name: table.schema.field(name).type for name in FIELDS}
    assert types == {
        **dict.fromkeys(FIELDS, pa.string()), "tags": pa.list_(pa.string())
    }  # fmt: skip
    assert table.schema.field("title_original").type == pa.int64()
    assert table["tags"].to_pylist() == [None]


def test_workers_give_the_same(run, page):
    files = [page, page]
    alone = run("clean", "--metadata", *files, "--to", "jsonl").stdout
    assert run("clean", "--metadata", *files, "--to", "jsonl", "--workers", 2).stdout == alone


def test_a_run_holds_to_its_metadata(run, page, tmp_path):
    out = tmp_path / "out"
    run("run", page, "-o", out, "--workers", 1, "--metadata", "title")
    result = run("run", page, "-o", out, "--workers", 1)
    assert result.exit_code == 2
    assert "--metadata title" in result.stderr


def test_a_file_comes_out_as_an_object_where_metadata_is_asked_for(run, page):
    assert objects(run("clean", "--metadata", page)) == objects(
        run("clean", "--metadata", page, "--to", "jsonl")
    )
    for command in (
        ["clean", page, "--to", "text"],
        ["clean", page, "-o", page.with_suffix(".txt")],
    ):
        result = run(*command, "--metadata")
        assert (result.exit_code, page.with_suffix(".txt").exists()) == (2, False)
        assert "--metadata is of fields, and text has none" in result.stderr
    result = run("run", page, "--to", "text", "--metadata", "-o", page.parent / "out")
    assert (result.exit_code, (page.parent / "out").exists()) == (2, False)


def test_before_markdown_stand_fields_that_are_read_again(run, page, tmp_path):
    told = ("title", "author", "date", "site_name", "language", "tags")
    (row,) = objects(run("clean", "--metadata", ",".join(told), page))
    out = tmp_path / "page.md"
    run("clean", "--metadata", page, "-o", out)
    head, _, text = out.read_text().removeprefix("---\n").partition("\n---\n\n")
    assert text == run("clean", page, "--to", "markdown").stdout
    pairs = dict(line.split(": ", 1) for line in head.splitlines())
    assert {name: json.loads(value) for name, value in pairs.items()} == {
        name: value for name, value in Cleaner().label(page).metadata.items() if value is not None
    }
    (again,) = objects(run("clean", "--metadata", ",".join(told), out))
    assert [again[name] for name in told] == [row[name] for name in told]
    assert again["text"] == text.rstrip("\n")
    run("run", page, "--to", "markdown", "--metadata", "-o", tmp_path / "run")
    assert (tmp_path / "run" / "page-00000.md").read_text() == out.read_text()


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["--metadata", "autor"], "unknown metadata 'autor': choose from title"),
        (["--metadata", "Title"], "unknown metadata 'Title'"),
        (["--metadata", "title,", "date"], "'title,' lacks a name"),
        (["--metadata", "title,,author"], "'title,,author' lacks a name"),
        (["--metadata", ","], "',' lacks a name"),
        (["--metadata", ""], "'' lacks a name"),
        (["--language", ""], "'' lacks a name"),
    ],
)
def test_a_slip_in_names_is_told_and_no_file(run, page, names, says):
    result = run("clean", *names, page)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_a_slip_behind_dedupe_is_told_and_no_file(run, page, tmp_path):
    result = run("run", "--dedupe", "naer", page, "-o", tmp_path / "out")
    assert (result.exit_code, (tmp_path / "out").exists()) == (2, False)
    assert "'naer' is not one of 'exact', 'near'" in result.stderr
