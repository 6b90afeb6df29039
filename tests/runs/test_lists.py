"""The lists beside the shards: who was dropped and why, who failed, and who came out empty."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from cleaner.errors import PageError
from cleaner.formats import Record, encode_rows, read_records
from cleaner.pages import Page
from cleaner.runs.lists import MAX_ID, failed_row, id_of, without_reason
from cleaner.runs.reading import Reading

TEXT = "A line of the story that is long enough, and so is kept by any model of worth."
JUNK = "Subscribe to our newsletter\nFollow us\nAll rights reserved\nPrivacy policy\nCookies\n"


def test_what_was_dropped_is_named_with_the_reason(
    run_counted, write_pages, list_of, texts, tmp_path
):
    a = write_pages(tmp_path / "in" / "a.jsonl", [{"id": "x", "text": texts[0]}, {"text": ""}])
    write_pages(
        tmp_path / "in" / "b.jsonl",
        [
            {"url": "https://a.example/", "text": texts[1]},
            {"id": 7, "text": texts[0]},
            {"id": 8.5, "text": texts[1]},
            {"id": ["list"], "url": "u", "text": texts[1]},
        ],
    )
    out = tmp_path / "out"
    result, counts = run_counted(a.parent, "--dedupe", "--only-articles", out=out)
    b = a.with_name("b.jsonl")
    probability = list_of(out, "dropped")[0].pop("probability")
    assert 0 <= probability < 0.5
    assert probability == round(probability, 4)
    assert list_of(out, "dropped")[1:] == [
        {"id": 7, "where": f"{b}:2", "reason": "duplicate", "first": "x"},
        {"id": 8.5, "where": f"{b}:3", "reason": "duplicate", "first": "https://a.example/"},
        {"id": "u", "where": f"{b}:4", "reason": "duplicate", "first": "https://a.example/"},
    ]
    named = {k: v for k, v in list_of(out, "dropped")[0].items() if k != "probability"}
    assert named == {"id": f"{a}:2", "where": f"{a}:2", "reason": "no article"}
    assert counts["pages"]["no_article"] == 1
    assert f"dropped see {out / 'dropped.jsonl'}" in result.output


def test_pages_of_other_languages_are_dropped_and_named(
    run_counted, write_pages, list_of, rows_of, seed_pages, tmp_path
):
    pages = [
        {"id": p["id"], "text": "\n".join(x["text"] for x in p["paragraphs"])} for p in seed_pages
    ]
    pages += [{"id": "few", "text": "Oh!"}, {"id": "told", "html": "<html lang=fr-BE>Oh!"}]
    one = write_pages(tmp_path / "in.jsonl", pages)
    out, report = tmp_path / "out", tmp_path / "report.html"
    result, counts = run_counted(one, "--language=es,fr", "--report", report, out=out)
    assert [row["id"] for row in rows_of(out)] == ["granizo", "loutres", "told"]
    dropped = {row["id"]: row for row in list_of(out, "dropped")}
    assert dropped["werft"]["language"] == "de"
    assert list(dropped["few"].items())[2:] == [("reason", "other language"), ("language", None)]
    number = counts["pages"]["other_language"]
    assert number == len(dropped) == len(pages) - 3
    assert f"no article + {number} other language + 0 failed" in result.output
    assert "--language es,fr" in report.read_text()
    assert "other language" in report.read_text()


def test_a_page_that_comes_out_with_next_to_nothing_of_much_is_listed(
    run_counted, write_pages, list_of, texts, tmp_path
):
    pages = [
        {"id": "all junk", "text": JUNK * 40},
        {"id": "short", "text": JUNK * 10},
        {"id": "a story", "text": texts[0]},
    ]
    one = write_pages(tmp_path / "in.jsonl", pages)
    out, report = tmp_path / "out", tmp_path / "report.html"
    keep = "--keep=caption"  # which none of the junk is taken for
    result, counts = run_counted(one, keep, "--report", report, out=out)
    listed = list_of(out, "suspicious")
    assert {"id": "all junk", "where": f"{one}:1", "words": 40 * 12, "kept": 0} in listed
    assert "short" not in [row["id"] for row in listed]
    assert counts["suspicious"] == len(listed)
    assert f"check   {len(listed)} out with next to none of their text" in result.output
    assert str(out / "suspicious.jsonl") in result.output
    assert f"{len(listed)} came out with next to none of their text" in report.read_text()
    _, counts = run_counted(one, out=tmp_path / "story")
    assert "a story" not in [row["id"] for row in list_of(tmp_path / "story", "suspicious")]


def test_pages_of_parquet_are_called_by_ids_of_any_number(run_counted, list_of, texts, tmp_path):
    ids = pa.array([3, 4], pa.int32())
    parquet.write_table(pa.table({"id": ids, "text": texts[:1] * 2}), tmp_path / "in.parquet")
    run_counted(tmp_path / "in.parquet", "--dedupe", out=tmp_path / "out")
    [row] = list_of(tmp_path / "out", "dropped")
    assert (row["id"], row["first"]) == (4, 3)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": "a", "url": "u"}, "a"),
        ({"id": 0}, 0),
        ({"id": "x" * (MAX_ID + 1), "url": "u"}, "u"),
        ({"id": "", "url": "u"}, "u"),
        ({"id": True, "url": "u"}, "u"),
        ({"id": None}, "here"),
        ({"id": 2**63, "url": {"a": 1}}, "here"),
        ({"id": float("nan")}, "here"),
        ({"id": b"bytes"}, "here"),
        ({"id": "half \ud83d"}, "half \ufffd"),
        ({}, "here"),
    ],
)
def test_a_page_is_called_by_its_id_else_its_url_else_where_it_is(fields, expected):
    assert id_of(Record(Page("", "text"), fields, "here")) == expected


FIELD = st.one_of(
    st.sampled_from(["error", "where", "error_", "where_", "error__", "id", "text", "html"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)
VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.integers(), max_size=2),
)


def what(page):
    """The page, or what is wrong with it, less the fields that are there beside."""
    return page if isinstance(page, Page) else str(page).partition("(it has")[0]


@given(st.dictionaries(FIELD, VALUE, max_size=8), st.integers(1, 3))
@settings(deadline=None)
def test_a_failed_page_comes_back_as_it_was_however_often_it_fails(fields, times):
    """All fields in their order, a user's `error` and `where` too."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "pages.jsonl")

        def read():
            [[record]] = read_records(str(path))
            return record

        path.write_bytes(b"".join(encode_rows([[fields]], "jsonl")))
        first = record = read()
        for time in range(times):
            row = failed_row(record, PageError(f"{time}"), Reading())
            assert list(row.values())[-2:] == [f"{time}", record.where]
            path.write_bytes(b"".join(encode_rows([[row]], "jsonl")))
            record = without_reason(read())
    assert list(record.fields.items()) == list(first.fields.items())
    if fields:
        assert what(record.page) == what(first.page)
    else:  # there was no page then either
        assert str(record.page) == f"{times - 1}"
    assert replace(record, page=first.page) == first


def test_fields_called_as_ours_are_kept_by_a_run_and_its_second_try(
    hostile, monkeypatch, run_counted, write_pages, list_of, rows_of, tmp_path
):
    page = {"where": "mine", "error": [7], "id": 1, "text": f"RAISE {TEXT}", "error_": None}
    one = write_pages(tmp_path / "in.jsonl", [page])
    out, again = tmp_path / "out", tmp_path / "again"
    run_counted(one, out=out)
    [row] = list_of(out, "failed")
    assert {name: row[name] for name in page} == page
    assert list(row)[-2:] == ["error__", "where_"]
    assert row["where_"] == f"{one}:1"
    monkeypatch.undo()
    run_counted(out / "failed.jsonl", out=again)
    assert rows_of(again) == [page]


@pytest.mark.parametrize(
    ("charset", "known"),
    [
        *((name, True) for name in ("windows-1252", "ISO-8859-1", "shift_jis", "gbk", "koi8-r")),
        *((name, False) for name in ("punycode", "idna", "unicode_escape", "utf-7", "utf-16")),
        *((name, False) for name in ("rot13", "zlib", "base64", "undefined", "none-such", "cp037")),
    ],
)
def test_failed_html_is_read_in_charsets_of_browsers_only(charset, known):
    words = "Zwölf Boxkämpfer" if known and charset[:2] in ("wi", "IS") else "Boxer"
    encoding = charset if known else "latin-1"
    source = f'<meta charset="{charset}"><p>{words} '.encode(encoding) + b"\xa9\xae\\u0041 +AEE-"
    record = Record(Page(source * 1000, "html"), {}, "here")
    row = failed_row(record, PageError("no"), Reading())
    if known:
        assert row["html"] == (source * 1000).decode(encoding)
    else:
        assert row["html"].encode(errors="surrogateescape") == source * 1000


def test_lists_are_the_same_however_the_work_is_shared(run, write_pages, files_of, texts, tmp_path):
    pages = [{"id": n, "text": texts[n % 7]} for n in range(60)] + [{"text": JUNK * 40}]
    one = write_pages(tmp_path / "in.jsonl", pages)
    found = []
    for workers in (1, 2):
        out = tmp_path / str(workers)
        run("run", one, "-o", out, "--dedupe", "--shard-size=0.05", f"--workers={workers}")
        found.append({k: v for k, v in files_of(out).items() if k != "manifest.json"})
    assert found[0] == found[1]
    assert len(json.loads(b"[%s]" % b",".join(found[0]["dropped.jsonl"].splitlines()))) > 50


@pytest.mark.parametrize(("failures", "more"), [(10, False), (11, True)])
def test_the_list_is_pointed_to_where_not_all_failures_are_told(
    run_counted, write_pages, tmp_path, failures, more
):
    write_pages(tmp_path / "a.jsonl", [{"no": "text"}] * failures)
    result, counts = run_counted(tmp_path / "a.jsonl", out=tmp_path / "out")
    assert counts["pages"]["failed"] == failures
    assert ("of further failures see failed.jsonl" in result.output) == more


PACKED = bytes(range(256)) * 20
"""What no charset has."""


@pytest.mark.parametrize(
    ("name", "data"),
    [("page.md", PACKED), ("page.txt", PACKED[7:]), ("page.html", b"%PDF-1.4 no more")],
)
def test_what_is_no_page_fails_again_the_same(run, list_of, tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    first, again = tmp_path / "first", tmp_path / "again"
    assert run("run", tmp_path / name, "-o", first).exit_code == 1
    assert run("run", first / "failed.jsonl", "-o", again).exit_code == 1
    (row,), (row_again,) = list_of(first, "failed"), list_of(again, "failed")
    assert row.pop("where") != row_again.pop("where")
    assert row == row_again
    assert row["id"] == str(tmp_path / name)


def test_a_text_that_was_a_file_of_another_kind_fails_alone(run, list_of, write_pages, tmp_path):
    pages = write_pages(tmp_path / "in.jsonl", [{"text": "%PDF-1.4\ufffd"}, {"text": TEXT}])
    parquet.write_table(pa.table({"text": ["GIF89a\ufffd", TEXT]}), tmp_path / "in.parquet")
    out = tmp_path / "out"
    assert run("run", pages, tmp_path / "in.parquet", "-o", out).exit_code == 1
    rows = list_of(out, "failed")
    assert [row["text"] for row in rows] == ["%PDF-1.4\ufffd", "GIF89a\ufffd"]
    assert "this is a PDF file" in rows[0]["error"]


@pytest.mark.parametrize(("to", "ending"), [("text", "txt"), ("markdown", "md")])
def test_a_page_of_its_own_that_fails_leaves_no_file(run, list_of, tmp_path, to, ending):
    page, out = tmp_path / "in" / "page.md", tmp_path / "out"
    page.parent.mkdir()
    made = out / f"page-00000.{ending}"
    for text, there in ((PACKED, False), (TEXT.encode(), True), (PACKED[7:], False)):
        page.write_bytes(text)
        for _ in range(2):  # the second time all is done
            assert run("run", page.parent, "-o", out, "--to", to).exit_code == int(not there)
            assert made.exists() == there
            assert len(list_of(out, "failed")) == int(not there)


def test_what_could_not_be_read_is_told_again_as_it_was(run, list_of, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"text": "a"}\n{broken\n')
    csv = tmp_path / "bad.csv"
    csv.write_text("id,text\n8,The council voted, it said\n")
    first, again = tmp_path / "first", tmp_path / "again"
    assert run("run", bad, csv, "-o", first).exit_code == 1
    assert run("run", first / "failed.jsonl", "-o", again).exit_code == 1
    rows = list_of(first, "failed")
    assert list_of(again, "failed") == rows
    assert [row["where"] for row in rows] == [f"{bad}:2", f"{csv}:2"]
    assert all(list(row) == ["error", "where"] for row in rows)
