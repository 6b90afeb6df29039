"""Shards: names that any file system takes, and inputs that change under the reading."""

import json
import os
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.runs.manifest import Input
from cleaner.runs.shards import find_sources

TEXT = "A line of the story that is long enough, and so is kept by any model of worth."

PART = st.one_of(
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1),
    st.sampled_from(["..", ".", "", ".cleaner", "manifest.json", "Failed.jsonl", "a-00000.txt"]),
    st.integers(1, 255).map(lambda n: "é" * (n // 2) + "x" * (n % 2)),
    st.binary(min_size=1, max_size=9).map(lambda b: os.fsdecode(b.translate(None, b"/\0") or b"x")),
)


@given(
    st.lists(st.lists(PART, min_size=1, max_size=30).map("/".join), max_size=12),
    st.sampled_from(["auto", "html"]),
)
@settings(deadline=None)
def test_every_source_has_a_name_of_its_own_that_can_be_had(relatives, format):
    inputs = [Input(f"in/{n}", r, 1, 1) for n, r in enumerate(relatives)]
    sources = find_sources(inputs, format, alone=False)
    assert [file for source in sources for file in source.files] == inputs
    names = [source.name for source in sources]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        parts = name.split("/")
        assert all(0 < len(os.fsencode(part)) <= 255 - 40 for part in parts)
        assert not {"", ".", ".."} & set(parts)
        assert len(os.fsencode(name)) <= 1100
        own = {".cleaner", "manifest.json", "failed.jsonl", "dropped.jsonl", "suspicious.jsonl"}
        assert not own & {part.casefold() for part in parts[:-1]}


def test_many_files_of_one_name_take_no_time_each(tmp_path):
    inputs = [Input(f"{n}/a.jsonl", "a.jsonl", 1, 1) for n in range(20_000)]
    names = [source.name for source in find_sources(inputs, "auto", alone=False)]
    assert names[:4] == ["a", "a.jsonl", "a.jsonl~2", "a.jsonl~3"]
    assert names[-1] == "a.jsonl~19999"


@pytest.mark.skipif(sys.platform != "linux", reason="takes names that others refuse")
def test_files_of_any_name_are_cleaned(run_counted, write_pages, files_of, rows_of, tmp_path):
    long = "x" * 243
    names = [
        f"{long}-a.jsonl",
        f"{long}-b.jsonl",
        "é" * 120 + ".jsonl",
        os.fsdecode(b"caf\xe9.jsonl"),
        "new\nline.jsonl",
        f"lock/{'y' * 240}/a.jsonl",
        "manifest.json/a.jsonl",
        "states/failed.jsonl/a.jsonl",
        "a-00000.jsonl.gz/a.jsonl",
        "a.jsonl",
        "/".join("d" * 150 for _ in range(20)) + "/a.jsonl",
    ]
    for n, name in enumerate(names):
        write_pages(tmp_path / "in" / name, [{"id": n, "text": TEXT}, {"no": "text"}])
    out = tmp_path / "out"
    _, counts = run_counted(tmp_path / "in", out=out)
    assert counts["pages"]["out"] == counts["pages"]["failed"] == len(names)
    assert sorted(row["id"] for row in rows_of(out)) == list(range(len(names)))
    before = files_of(out)
    run_counted(tmp_path / "in", out=out)
    assert files_of(out) == before


def test_no_pattern_or_archive_leads_out_of_the_output_folder(
    run_counted, write_pages, rows_of, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    write_pages(tmp_path / "in" / "sub" / "x.jsonl", [])
    write_pages(tmp_path / "secret.jsonl", [{"text": TEXT}])
    with zipfile.ZipFile("evil.zip", "w") as archive:
        archive.writestr("a/../../../evil.jsonl", json.dumps({"text": TEXT}))
    out = tmp_path / "o" / "u" / "t"
    before = {p for p in tmp_path.rglob("*") if out.parent not in p.parents}
    run_counted("in/*/../../secret.jsonl", "zip://**/*.jsonl::evil.zip", out=out)
    assert len(rows_of(out)) == 2
    outside = {p for p in tmp_path.rglob("*") if out.parent not in p.parents}
    made = {tmp_path / "o", tmp_path / "o" / "u", tmp_path / "summary-of-run.json"}
    assert outside - before == made


CHANGES = {
    "emptied": ": > {}",
    "cut off": "truncate -s 50 {}",
    "longer": "echo >> {}",
    "another": "cp {0} {0}.new && echo >> {0}.new && mv {0}.new {0}",
    "touched": "touch {}",
    "gone": "rm {}",
    "a pipe": "rm {0} && mkfifo {0}",
}


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("kind", ["jsonl", "txt"])
def test_an_input_that_changes_while_the_run_is_at_work_is_told(
    hostile, run_counted, run, write_pages, list_of, tmp_path, how, kind
):
    folder = tmp_path / "in"
    last = folder / f"z.{kind}"
    change = f"SHELL {CHANGES[how].format(last)}"
    if kind == "jsonl":
        write_pages(last, [{"text": TEXT} for _ in range(9)])
    else:
        folder.mkdir()
        last.write_text(TEXT)
    for n in range(20):  # more than are read ahead of the page that makes the change
        write_pages(folder / f"a{n:02d}.jsonl", [{"text": TEXT if n else change}])
    (folder / "zz.txt").write_text(TEXT)
    out = tmp_path / "out"
    result, counts = run_counted(folder, out=out)
    [row] = [row for row in list_of(out, "failed") if row["where"] == str(last)]
    assert row["error"].startswith("changed since the run began, so that pages of it may be")
    assert f"cleaner: {last}: changed since the run began" in result.output
    torn = how == "cut off" and kind == "jsonl"  # a line, which fails for itself
    assert counts["pages"]["failed"] == 1 + torn
    whole = {"emptied": 0, "gone": 0, "a pipe": 0, "cut off": 0}.get(how, 9)
    if kind == "txt":
        whole = int(how not in ("gone", "a pipe"))
    assert counts["pages"]["out"] == 20 + whole + 1
    if how == "a pipe":
        last.unlink()
    again, counts = run_counted(folder, out=out)
    assert str(last) in again.output
    assert counts["pages"]["failed"] == torn
    assert counts["pages"]["out"] == 20 + whole + 1


def test_a_shard_of_an_input_that_changed_is_not_done(
    hostile, run_counted, write_pages, rows_of, tmp_path
):
    """Where the input is what it was when the command is given again, it is read again."""
    folder = tmp_path / "in"
    last = write_pages(folder / "z.jsonl", [{"id": n, "text": TEXT} for n in range(9)])
    change = f"SHELL cp -p {last} {tmp_path}/copy; rm {last}"
    for n in range(20):
        write_pages(folder / f"a{n:02d}.jsonl", [{"text": TEXT if n else change}])
    out = tmp_path / "out"
    assert run_counted(folder, out=out)[1]["pages"]["failed"] == 1
    (tmp_path / "copy").rename(last)
    assert run_counted(folder, out=out)[1]["pages"]["failed"] == 0
    assert [row["id"] for row in rows_of(out)[-9:]] == list(range(9))
    assert not Path(out, "failed.jsonl").exists()


def test_an_input_without_rows_keeps_its_columns(run, tmp_path):
    rows = pa.table({"id": pa.array([1], pa.uint8()), "text": ["A line of the story."]})
    pq.write_table(rows.slice(0, 0), tmp_path / "a.parquet")
    run("run", tmp_path / "a.parquet", "-o", tmp_path / "out", "--to", "parquet")
    assert pq.read_schema(tmp_path / "out" / "a-00000.parquet").types == rows.schema.types
