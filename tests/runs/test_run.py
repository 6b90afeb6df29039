"""Runs: every page is accounted for, and comes out as `cleaner clean` has it."""

import gzip
import json
import os
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

WORKERS = "--workers=2"


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_shard_for_each_file_in_the_layout_of_the_folder(
    run, write_pages, rows_of, texts, tmp_path
):
    folder = tmp_path / "in"
    write_pages(folder / "a.jsonl", [{"id": 1, "text": texts[0]}])
    write_pages(folder / "sub" / "a.jsonl.gz", [{"text": texts[1], "n": [1, {"x": None}]}])
    write_pages(folder / "sub" / "a.ndjson", [{"text": texts[2]}])
    write_pages(folder / "sub" / "A.jsonl", [{"text": texts[3]}])
    write_pages(folder / "pages.jsonl", [])
    (folder / "one.txt").write_text(texts[4])
    (folder / "two.html").write_text(f"<p>{texts[5]}")
    out = tmp_path / "out"
    result = run("run", folder, "-o", out, WORKERS)
    assert result.exit_code == 0, result.output
    found = sorted(str(p.relative_to(out)) for p in out.rglob("*.jsonl.gz"))
    assert found == [
        "a-00000.jsonl.gz",
        "pages-00000.jsonl.gz",
        "pages.jsonl-00000.jsonl.gz",
        "pages~2-00000.jsonl.gz",
        "sub/A-00000.jsonl.gz",
        "sub/a.jsonl.gz-00000.jsonl.gz",
        "sub/a.ndjson-00000.jsonl.gz",
    ]
    clean = run("clean", folder, "--to=jsonl").output
    assert [row.get("n") for row in lines_of(clean)].count([1, {"x": None}]) == 1
    assert sorted(map(str, rows_of(out))) == sorted(map(str, lines_of(clean)))


def test_large_inputs_are_cut_by_size_and_nothing_is_lost(
    run, write_pages, rows_of, texts, tmp_path
):
    one = write_pages(tmp_path / "in.jsonl.gz", [{"id": n, "text": t} for n, t in enumerate(texts)])
    whole = run("clean", one, "--to=jsonl")
    out = tmp_path / "out"
    run("run", one, "-o", out, WORKERS, "--shard-size=0.02")
    assert rows_of(out) == lines_of(whole.output)
    assert len(list(out.glob("in-*.jsonl.gz"))) > 3


def test_text_and_parquet_come_out_too(run, seeds, write_pages, texts, tmp_path):
    for name, text in (("a", texts[0]), ("b", texts[1])):
        (tmp_path / f"{name}.txt").write_text(text)
    run("run", tmp_path / "a.txt", tmp_path / "b.txt", "-o", tmp_path / "1", "--to=text", WORKERS)
    for name in ("a", "b"):
        text = run("clean", tmp_path / f"{name}.txt").output
        assert (tmp_path / "1" / f"{name}-00000.txt").read_text() == text
    table = pa.table({"text": texts[:3], "day": pa.array([1, 2, None], pa.date32())})
    parquet.write_table(table, tmp_path / "in.parquet")
    run("run", tmp_path / "in.parquet", "-o", tmp_path / "2", "--to=parquet", WORKERS)
    run("clean", tmp_path / "in.parquet", "-o", tmp_path / "clean.parquet")
    made = parquet.read_table(tmp_path / "2" / "in-00000.parquet")
    assert made.equals(parquet.read_table(tmp_path / "clean.parquet"))


def test_every_route_gives_the_same_text(
    run, write_pages, rows_of, warc_record, seed_pages, tmp_path
):
    pages = [page["html"] for page in seed_pages if page.get("html")]
    assert len(pages) > 3
    single = []
    for n, html in enumerate(pages):
        path = tmp_path / f"{n}.html"
        path.write_text(html, encoding="utf-8")
        single.append(run("clean", path).output.rstrip("\n"))
    jsonl = write_pages(tmp_path / "in" / "a.jsonl", [{"html": html} for html in pages])
    table = pa.table({"html": pages})
    parquet.write_table(table, tmp_path / "in" / "b.parquet")
    warc = b"".join(warc_record(html.encode(), n) for n, html in enumerate(pages, 1))
    (tmp_path / "in" / "c.warc.gz").write_bytes(gzip.compress(warc))
    run("run", tmp_path / "in", "-o", tmp_path / "out", WORKERS)
    assert [row["text"] for row in rows_of(tmp_path / "out")] == 3 * single
    for workers in (1, 2):
        rows = lines_of(run("clean", jsonl, f"--workers={workers}").output)
        assert [row["text"] for row in rows] == single


def test_options_are_those_of_clean(run, write_pages, rows_of, texts, tmp_path):
    one = write_pages(tmp_path / "in.jsonl", [{"id": n, "body": t} for n, t in enumerate(texts)])
    options = ("--text-field=body", "--keep=article,caption", "--precision=0.8", "--only-articles")
    run("run", one, "-o", tmp_path / "out", WORKERS, *options)
    rows = lines_of(run("clean", one, *options, "--to=jsonl").stdout)
    assert rows_of(tmp_path / "out") == rows
    assert 0 < len(rows) < len(texts)


PAGE = st.one_of(
    st.sampled_from(["A story", "Another", ""]).map(lambda text: json.dumps({"text": text})),
    st.sampled_from(["no json", "[]", '{"x": 1}', '{"text": 3}']),
)


@given(st.lists(PAGE, max_size=30), st.booleans(), st.booleans())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_page_is_accounted_for(run_counted, rows_of, lines, dedupe, only_articles):
    with tempfile.TemporaryDirectory() as folder:
        one, out = Path(folder, "in.jsonl"), Path(folder, "out")
        one.write_text("".join(f"{line}\n" for line in lines))
        options = ["--dedupe"] * dedupe + ["--only-articles"] * only_articles
        _, counts = run_counted(one, *options, out=out)
        rows = rows_of(out)
    assert counts["pages"]["in"] == len(lines)
    if dedupe:
        assert len({row["text"] for row in rows}) == len(rows)


def test_the_first_of_some_duplicates_stays(run, write_pages, rows_of, texts, tmp_path):
    names = ("a", "b", "c")
    for name in names:
        pages = [{"id": f"{name}{n}", "text": texts[n % 4]} for n in range(9)]
        write_pages(tmp_path / "in" / f"{name}.jsonl", pages)
    out = tmp_path / "out"
    result = run("run", tmp_path / "in", "-o", out, "--dedupe", "--shard-size=0.01", WORKERS)
    assert [row["id"] for row in rows_of(out)] == ["a0", "a1", "a2", "a3"]
    assert "27 in = 4 out + 0 no article + 0 failed + 23 duplicate" in result.output
    assert result.exit_code == 0


GOOD = "A line of the story that is long enough, and so is kept by any model of worth."


def test_a_failed_page_costs_only_itself_and_can_be_tried_again(
    hostile, monkeypatch, run, write_pages, rows_of, tmp_path
):
    texts = [GOOD, "HANG", GOOD, "EAT", "KILL", GOOD, "RAISE"]
    pages = [{"id": n, "text": t, "url": f"https://a.example/{n}"} for n, t in enumerate(texts)]
    pages[4] = {"id": 4, "html": "<p>KILL"}
    one = write_pages(tmp_path / "in.jsonl", pages)
    out = tmp_path / "out"
    limits = ("--page-timeout=10", "--page-memory=400")
    result = run("run", one, "-o", out, WORKERS, *limits)
    assert result.exit_code == 1
    assert [row["id"] for row in rows_of(out)] == [0, 2, 5]
    assert "7 in = 3 out + 0 no article + 4 failed + 0 duplicate" in result.output
    failed = lines_of((out / "failed.jsonl").read_text())
    assert [row.pop("error") for row in failed] == [
        "took more than 10 seconds",
        "took more than 400 MB of memory",
        "ended its worker (SIGKILL)",
        "can't be labelled (LookupError: no such thing); please report this page",
    ]
    assert [row.pop("where") for row in failed] == [f"{one}:{n}" for n in (2, 4, 5, 7)]
    assert failed == [pages[1], pages[3], pages[4], pages[6]]
    assert f"cleaner: {one}:2: took more than 10 seconds" in result.output

    monkeypatch.undo()
    again = tmp_path / "again"
    assert run("run", out / "failed.jsonl", "-o", again, WORKERS).exit_code == 0
    assert [sorted(row) for row in rows_of(again)] == [
        ["id", "text", "url"],
        ["id", "text", "url"],
        ["id", "text"],
        ["id", "text", "url"],
    ]


def test_what_can_be_read_of_bad_input_is_read(
    run, write_pages, rows_of, warc_record, texts, tmp_path
):
    folder = tmp_path / "in"
    one = write_pages(
        folder / "a.jsonl.gz", [{"text": f"{t}\n{n}"} for n in range(9) for t in texts]
    )
    one.write_bytes(one.read_bytes()[:-100])
    parquet.write_table(pa.table({"text": texts * 20}), folder / "b.parquet", row_group_size=100)
    data = bytearray((folder / "b.parquet").read_bytes())
    data[100:400] = bytes(300)
    (folder / "b.parquet").write_bytes(data)
    (folder / "c.parquet").write_bytes(data[:-50])
    records = [warc_record(b"<p>A line of a story", n) for n in range(1, 4)]
    (folder / "d.warc").write_bytes(b"".join(records)[:-40])
    (folder / "e.txt").write_bytes(b"%PDF-1.4 \xff\x00")
    out = tmp_path / "out"
    result = run("run", folder, "-o", out, WORKERS)
    assert result.exit_code == 1
    failed = {row["where"]: row["error"] for row in lines_of((out / "failed.jsonl").read_text())}
    assert "the gzip data is cut off at byte" in failed[str(one)]
    assert (
        "100 rows of row group 1 can't be read, before byte"
        in failed[f"{folder / 'b.parquet'}: row 1"]
    )
    assert "no index of Parquet at byte" in failed[str(folder / "c.parquet")]
    cut = f"{folder / 'd.warc'}: record at byte {len(records[0] + records[1])}"
    assert "the record is cut off" in failed[cut]
    assert "this is a PDF file" in failed[str(folder / "e.txt")]
    for where, reason in failed.items():
        assert f"cleaner: {where}: {reason}" in result.output
    shards = {path.name: gzip.decompress(path.read_bytes()) for path in out.glob("*.jsonl.gz")}
    counts = {name: data.count(b"\n") for name, data in shards.items()}
    assert counts["a-00000.jsonl.gz"] > 100
    assert counts["b-00000.jsonl.gz"] == 20 * len(texts) - 100
    assert counts["d-00000.jsonl.gz"] == 2


def test_a_folder_may_hold_its_own_output(run, write_pages, rows_of, tmp_path):
    write_pages(tmp_path / "in.jsonl", [{"text": "A line"}])
    for _ in range(2):
        result = run("run", tmp_path, "-o", tmp_path / "out", WORKERS)
        assert result.exit_code == 0, result.output
        assert "1 in = 1 out" in result.output
    assert len(rows_of(tmp_path)) == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], "no INPUT: give files, folders, patterns or URLs"),
        (["-"], "a run can't go on with standard input; give files, or take cleaner clean"),
        (["gone.txt"], "gone.txt: No such file or directory; check the name"),
        (["empty"], "empty: no file in this folder ends in .txt"),
        (["/dev/null"], "/dev/null: is no file; a run must be able to read it again"),
        (["--report=no/r.html", "a.txt"], "no/r.html: its folder does not exist; make it first"),
        (["--workers=0", "a.txt"], "Invalid value for '--workers'"),
        (["--to=html", "a.txt"], "Invalid value for '--to'"),
    ],
)
def test_wrong_use_is_told_before_anything_is_done(run, tmp_path, monkeypatch, args, says):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    result = run("run", *args, "-o", "out")
    assert (result.exit_code, says in result.output) == (2, True), result.output
    assert not Path("out", "manifest.json").exists()


def test_names_of_fields_that_are_no_utf_8_are_no_trouble(
    run_counted, write_pages, list_of, tmp_path
):
    field = os.fsdecode(b"text\xff")
    one = write_pages(tmp_path / "in.jsonl", [{field: GOOD}, {"text": GOOD}])
    for _ in range(2):
        _, counts = run_counted(one, f"--text-field={field}", out=tmp_path / "out")
        assert (counts["pages"]["out"], counts["pages"]["failed"]) == (1, 1)


NUMBERS = ("--page-timeout", "--page-memory", "--shard-size", "--max-page-size", "--precision")


@pytest.mark.parametrize("option", [*NUMBERS, "--workers"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e308", "-1", f"{10**30}", "x", ""])
def test_a_number_that_is_none_or_out_of_range_is_refused(
    run, write_pages, tmp_path, option, value
):
    one = write_pages(tmp_path / "in.jsonl", [{"text": GOOD}])
    result = run("run", one, "-o", tmp_path / "out", option, value)
    assert result.exit_code == 2
    assert result.output.startswith(f"cleaner: Invalid value for '{option}'")
    assert result.output.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_largest_and_the_smallest_numbers_are_kept_to(run_counted, write_pages, tmp_path):
    one = write_pages(tmp_path / "in.jsonl", [{"text": GOOD}, {"text": GOOD}])
    most = ("--page-timeout=1e7", "--page-memory=10000000", "--shard-size=1e6")
    _, counts = run_counted(one, *most, "--precision=1", out=tmp_path / "most")
    assert counts["pages"]["out"] == 2
    _, counts = run_counted(one, "--shard-size=1e-300", "--precision=0", out=tmp_path / "least")
    assert counts["pages"]["out"] == len(list((tmp_path / "least").glob("*.gz"))) == 2


def test_a_row_whose_field_is_no_page_fails_with_all_its_fields(run, write_pages, tmp_path):
    row = {"id": 3, "note": "keep", "text": "", "html": ["x"]}
    one = write_pages(tmp_path / "in.jsonl", [row])
    assert run("run", one, "-o", tmp_path / "out", WORKERS).exit_code == 1
    (failed,) = [json.loads(line) for line in (tmp_path / "out" / "failed.jsonl").open()]
    assert {name: failed[name] for name in row} == row


def test_other_files_are_not_written_over(run, write_pages, tmp_path):
    one = write_pages(tmp_path / "in.jsonl", [{"text": "A line"}])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    result = run("run", one, "-o", tmp_path / "out", WORKERS)
    assert result.exit_code == 2
    assert "holds other files (mine.txt); give a new or empty folder" in result.output


def test_the_report_stands_alone_and_shows_pages_as_text(run, write_pages, texts, tmp_path):
    evil = [f"<script>alert({n})</script> & more of the story of the day" for n in range(30)]
    pages = [{"text": t} for t in [*evil, *texts]]
    one = write_pages(tmp_path / "<b>in.jsonl", pages)
    report = tmp_path / "report.html"
    run("run", one, "-o", tmp_path / "out", "--report", report, WORKERS)
    html = report.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;b&gt;in.jsonl" in html
    assert "src=" not in html
    assert "://" not in html
    assert html.count("<article") == 20
    assert html.count("<table") == 3
    assert f"{len(pages):,} pages in" in html
    assert html.count("most in doubt: ") == html.count("drawn by lot</p>") == 10
