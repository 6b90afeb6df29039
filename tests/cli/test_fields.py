"""Which fields come out: where the clean text goes, and what stays of what came in."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lxml import html as lxml_html

from cleaner import Cleaner, Document, UsageError

TEXT = "The ferry returns\n\nThe ferry to the island sails again, its owner says.\n"
HTML = "<html><body><h1>The gate is shut</h1><p>The harbour gate is shut for the winter.</p></body>"
BOTH = {"id": 1, "text": TEXT, "html": HTML, "n": 2}


@pytest.fixture
def given(tmp_path):
    """Write rows as a file of each format."""

    def write(ending, *rows):
        path = tmp_path / f"pages.{ending}"
        if ending == "parquet":
            pq.write_table(pa.Table.from_pylist(list(rows)), path)
        else:
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


def objects(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def cleaned(run, command, path, *options):
    """The rows that `clean` or `run` gives."""
    if command == "clean":
        return objects(run("clean", path, *options))
    out = path.parent / "out"
    run("run", path, "-o", out, "--workers", 1, *options)
    with gzip.open(next(out.glob("*.jsonl.gz"))) as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("command", ["clean", "run"])
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_a_text_beside_html_stays(run, given, command, ending):
    (row,) = cleaned(run, command, given(ending, BOTH))
    text = Cleaner().clean(HTML)
    assert list(row.items()) == [
        ("id", 1), ("text_original", TEXT), ("n", 2), ("text", text)
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["clean", "run"])
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_the_clean_text_can_have_a_field_of_its_own(run, given, command, ending):
    rows = [BOTH, {**BOTH, "html": None}]
    options = ("--output-field", "story")
    first, second = cleaned(run, command, given(ending, *rows), *options)
    assert first == {"id": 1, "text": TEXT, "n": 2, "story": Cleaner().clean(HTML)}
    assert second == {"id": 1, "text": TEXT, "n": 2, "story": Cleaner().clean(TEXT)}


@pytest.mark.parametrize("command", ["clean", "run"])
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_html_can_be_kept(run, given, command, ending):
    path = given(ending, {"n": 1, "html": HTML}, {"n": 2, "html": None})
    first, second = cleaned(run, command, path, "--keep-html")
    assert first == {"n": 1, "html": HTML, "text": Cleaner().clean(HTML)}
    assert second == {"n": 2, "html": None, "text": ""}


def test_html_of_files_and_of_warc_gets_its_field(run, tmp_path, warc_record):
    page, text = tmp_path / "page.html", tmp_path / "page.txt"
    page.write_bytes(HTML.replace("gate", "gâte").encode("windows-1252"))
    text.write_text(TEXT)
    rows = objects(run("clean", page, text, "--keep-html", "--to", "jsonl"))
    assert [row["html"] for row in rows] == [HTML.replace("gate", "gâte"), None]
    warc = tmp_path / "page.warc"
    warc.write_bytes(warc_record(HTML.encode()))
    out = tmp_path / "out.parquet"
    run("clean", warc, "--keep-html", "-o", out)
    table = pq.read_table(out)
    assert table.column_names == ["id", "url", "date", "html", "text"]
    assert table["html"].to_pylist() == [HTML]


def test_a_field_whose_name_is_taken_stays_under_another(run, given, tmp_path):
    row = {"story": 1.5, "story_original": "x", "text": TEXT}
    (found,) = objects(run("clean", given("jsonl", row), "--output-field", "story"))
    assert (found["story_original"], found["story_original_"]) == ("x", 1.5)
    assert (found["text"], found["story"]) == (TEXT, Cleaner().clean(TEXT))
    out = tmp_path / "out.parquet"
    run("clean", given("parquet", row), "--output-field", "story", "-o", out)
    assert pq.read_table(out).to_pylist() == [found]


def test_as_text_and_csv_the_chosen_field_is_the_clean_text(run, given):
    path = given("jsonl", BOTH)
    text = run("clean", path, "--output-field", "story", "--to", "text").stdout
    assert text == Cleaner().clean(HTML) + "\n"
    head = run("clean", path, "--output-field", "story", "--to", "csv").stdout.splitlines()[0]
    assert head == "id,text,n,story"


def test_a_field_needs_a_name(run, given):
    result = run("clean", given("jsonl", BOTH), "--output-field", "")
    assert result.exit_code == 2
    assert "a field needs a name" in result.stderr


def test_a_run_holds_to_its_fields(run, given, tmp_path):
    path, out = given("jsonl", BOTH), tmp_path / "out"
    run("run", path, "-o", out, "--workers", 1)
    result = run("run", path, "-o", out, "--workers", 1, "--keep-html")
    assert result.exit_code == 2
    assert "--keep-html" in result.stderr


def test_offsets_lay_labels_over_the_text(run, given):
    (row,) = objects(run("label", "--offsets", given("jsonl", {"text": TEXT})))
    for paragraph in row["paragraphs"]:
        assert list(paragraph) == ["text", "label", "probability", "begin", "end"]
        assert TEXT[paragraph["begin"] : paragraph["end"]] == paragraph["text"]


def test_offsets_of_html_are_paths(run, given, tmp_path):
    path = given("jsonl", {"html": HTML}, {"text": TEXT})
    first, second = objects(run("label", "--offsets", "--workers", 2, path))
    tree = lxml_html.document_fromstring(HTML)
    for paragraph in first["paragraphs"]:
        assert list(paragraph) == ["text", "label", "probability", "xpath"]
        (element,) = tree.xpath(paragraph["xpath"])
        assert element.text_content() == paragraph["text"]
    out = tmp_path / "out.parquet"
    run("label", "--offsets", path, "-o", out)
    rows = pq.read_table(out).to_pylist()
    assert rows[0]["paragraphs"][0]["begin"] is None
    assert rows[1]["paragraphs"][0]["begin"] == second["paragraphs"][0]["begin"] == 0


def test_words_of_a_page_and_those_kept(run, given):
    given_row = {"text": TEXT, "words": "own"}
    (row,) = objects(run("label", "--metadata", "words,kept_words", given("jsonl", given_row)))
    document = Cleaner().label(TEXT)
    assert row["words_original"] == "own"
    assert (row["words"], row["kept_words"]) == (document.words, document.kept_words)
    assert document.words == len(TEXT.split())
    assert document.kept_words == len(Cleaner().clean(TEXT).split()) > 0


def test_none_of_these_is_for_training(run, given):
    for option in ("--offsets", "--metadata=words"):
        result = run("label", "--for-training", option, given("jsonl", BOTH))
        assert result.exit_code == 2
        assert option.partition("=")[0] in result.stderr


def test_a_document_without_its_page_has_no_places(cleaner):
    document = cleaner.label(TEXT)
    assert [TEXT[p.begin : p.end] for p in document.places] == list(document.texts)
    with pytest.raises(UsageError, match="no page to look in"):
        _ = Document(document.texts, document.scores).places


@pytest.mark.parametrize("command", ["clean", "label"])
def test_figures_of_a_page(run, given, command, tmp_path):
    names = "kept_words,junk_probability,is_article,language"
    path = given("jsonl", {"text": TEXT})
    (row,) = objects(run(command, "--metadata", names, path))
    document = Cleaner().label(TEXT)
    assert row["kept_words"] == document.kept_words
    assert row["junk_probability"] == pytest.approx(document.junk_probability, abs=1e-4)
    assert row["is_article"] == pytest.approx(document.is_article, abs=1e-4)
    assert 0 < row["junk_probability"] < 1
    assert row["language"] is None  # of so short a text
    out = tmp_path / "out.parquet"
    run(command, "--metadata", names, path, "-o", out)
    types = pq.read_schema(out)
    assert [str(types.field(name).type) for name in names.split(",")] == [
        "int64", "double", "double", "string",
    ]  # fmt: skip


def test_kept_words_are_those_of_the_labels_to_keep(run, given):
    path = given("jsonl", {"text": f"{TEXT}\n\nPhoto: A. Lind\n\nHome | News | About us"})
    labels = "headline,article,caption,related-links,sponsored,boilerplate"
    (row,) = objects(run("clean", "--keep", labels, "--metadata", "words,kept_words", path))
    assert row["kept_words"] == len(row["text"].split())
    assert row["words"] == row["kept_words"] > Cleaner().label(TEXT).words


def test_a_page_of_which_nothing_is_kept_is_surely_not_right(cleaner):
    assert cleaner.label("").junk_probability == 1
    assert cleaner.label("Home\nAbout us\nContact").junk_probability == 1


def test_html_is_kept_in_fields_alone(run, given, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(HTML)
    assert objects(run("clean", "--keep-html", page))[0]["html"] == HTML
    result = run("clean", "--keep-html", page, "--to", "text")
    assert result.exit_code == 2
    assert "--keep-html is of fields, and text has none" in result.stderr


def test_pages_for_training_have_the_address_that_they_call_theirs(run, tmp_path):
    page, marked = tmp_path / "page.html", tmp_path / "page.md"
    address = "https://news.example.org/1"
    page.write_text(HTML.replace("<body>", f"<link rel=canonical href={address}><body>"))
    marked.write_text(f"---\nurl: {address}\n---\n# A line\n")
    rows = objects(run("label", "--for-training", page, marked))
    assert [row["id"] for row in rows] == [str(page), str(marked)]
    assert {row["url"] for row in rows} == {address}
    assert {row["site"] for row in rows} == {"example.org"}


def test_fields_that_have_no_place_are_told(run, given, tmp_path):
    path = given("jsonl", BOTH)
    for option in ("--metadata", "--offsets"):
        result = run("label", "--to", "table", option, path)
        assert result.exit_code == 2
        assert f"{option} is of fields, and a table has none" in result.stderr
    for command in (["clean", path], ["run", path, "-o", tmp_path / "out"]):
        result = run(*command, "--metadata", "title", "--output-field", "title")
        assert result.exit_code == 2
        assert "--output-field title is the name of metadata" in result.stderr
    page = tmp_path / "page.html"
    page.write_text(HTML)
    assert objects(run("clean", page, "--output-field", "story"))[0].keys() == {"id", "story"}


def test_names_that_are_given_twice_are_taken_together(run, given):
    path = given("jsonl", BOTH)
    (row,) = objects(run("clean", "--metadata", "title", "--metadata", "words", path))
    assert {"title", "words"} < row.keys()
    assert objects(run("clean", "--keep", "headline", "--keep", "article", path)) == objects(
        run("clean", path)
    )
    path = given("jsonl", {"html": HTML.replace("<html>", "<html lang=en>")})
    assert len(objects(run("clean", path, "--language", "de_AT", "--language", "en-US"))) == 1
