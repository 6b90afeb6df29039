"""Near-duplicates: who is dropped, for whom, and that it is the same however the run went."""

import json
import random
import sys

import numpy as np
import pytest

from cleaner.runs.near import HASHES, Sketches, make_sketch

NEAR = ("--dedupe=near", "--precision=0")


def edited(text, n):
    """A text with a few other words, as an agency's story has on its way to others."""
    first, rest = text.split("\n", 1)
    return f"{first}, the papers say\n{rest}\nFirst told by agency number {n}."


@pytest.fixture
def pages(texts):
    """Some stories, each with an edited copy and one that is the same, out of order."""
    pages = []
    for n, text in enumerate(texts[:8]):
        pages.append({"id": f"first {n}", "text": text})
        pages.append({"id": f"edited {n}", "text": edited(text, n)})
        pages.append({"id": f"same {n}", "text": text})
    random.Random(3).shuffle(pages)
    return pages


def test_pages_with_small_edits_are_dropped_and_named(
    run_counted, write_pages, rows_of, list_of, pages, tmp_path
):
    one = write_pages(tmp_path / "in.jsonl", pages)
    out, report = tmp_path / "out", tmp_path / "r.html"
    result, counts = run_counted(one, *NEAR, "--report", report, out=out)
    stories = [row["id"][-1] for row in rows_of(out)]
    assert sorted(stories) == sorted(set(stories)) == list("01234567")
    assert counts["pages"]["near_duplicates"] >= 8
    kept = {row["id"] for row in rows_of(out)}
    for row in list_of(out, "dropped"):
        assert row["first"][-1] == row["id"][-1]
        assert row["first"] in kept
        is_near = row["reason"] == "near duplicate"
        assert is_near == ("edited" in row["id"] + row["first"])
        assert 0.8 <= row.get("similarity", 0.9) <= 1
        assert ("similarity" in row) == is_near
    number = counts["pages"]["near_duplicates"]
    assert f"0 failed + {number} near duplicate + " in result.output
    assert "--dedupe near, --near-threshold 0.8" in report.read_text()


def test_the_threshold_says_how_alike_they_are(run_counted, write_pages, pages, tmp_path):
    one = write_pages(tmp_path / "in.jsonl", pages)
    found = [
        run_counted(one, *NEAR, f"--near-threshold={x}", out=tmp_path / str(x))[1]["pages"]["out"]
        for x in (0.6, 0.97, 1)
    ]
    assert found[0] == 8 < found[1] < found[2] == 16


def test_texts_without_spaces_have_shingles_too(run_counted, write_pages, rows_of, tmp_path):
    story = "船は五月一日から毎日また島へ渡ると、その持ち主は話している。港の人は喜んだ。" * 2
    texts = [
        story,
        story.replace("五月", "六月"),
        "学校の屋根は安全だと町の議会が木曜日に伝えた。" * 2,
    ]
    one = write_pages(tmp_path / "in.jsonl", [{"id": n, "text": t} for n, t in enumerate(texts)])
    run_counted(one, *NEAR, "--near-threshold=0.6", out=tmp_path / "out")
    assert [row["id"] for row in rows_of(tmp_path / "out")] == [0, 2]


def test_empty_and_short_texts_are_near_to_none_but_their_own(
    run_counted, write_pages, rows_of, tmp_path
):
    texts = ["", "!", "?", "One", "Two", "one two three", "One two four", "", "!"]
    one = write_pages(tmp_path / "in.jsonl", [{"id": n, "text": t} for n, t in enumerate(texts)])
    run_counted(one, *NEAR, out=tmp_path / "out")
    assert [row["id"] for row in rows_of(tmp_path / "out")] == [*range(7)]


def test_it_is_the_same_however_the_work_is_shared_and_made_again(
    run, run_counted, write_pages, files_of, pages, tmp_path
):
    inputs = [write_pages(tmp_path / f"{n}.jsonl", pages[n::3]) for n in range(3)]
    expected = None
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        assert run("run", *inputs, *NEAR, f"--workers={workers}", "-o", out).exit_code == 0
        there = {k: v for k, v in files_of(out).items() if k != "manifest.json"}
        assert there == (expected or there)
        expected = there
    for name in ("0-00000.jsonl.gz", "1-00000.jsonl.gz"):
        (out / name).unlink()
    run_counted(*inputs, *NEAR, out=out)
    assert {k: v for k, v in files_of(out).items() if k != "manifest.json"} == expected


def test_what_finds_them_is_missing_or_another(run, write_pages, pages, tmp_path, monkeypatch):
    one = write_pages(tmp_path / "in.jsonl", pages[:2])
    command = ("run", one, "-o", tmp_path / "out", "--workers=1", *NEAR)
    assert run(*command).exit_code == 0
    path = tmp_path / "out" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    path.write_text(json.dumps(manifest | {"sketches": "rensa 1"}))
    result = run(*command)
    assert (result.exit_code, "with sketches of rensa 1, and" in result.output) == (2, True)
    monkeypatch.setitem(sys.modules, "rensa", None)
    result = run(*command)
    assert result.exit_code == 2
    assert result.output.startswith("cleaner: --dedupe near needs rensa: pip install '")
    assert "[near]'" in result.output


def test_dedupe_stands_alone_or_with_what_it_is(run, write_pages, pages, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_pages(tmp_path / "in.jsonl", pages[:2])
    for n, given in enumerate([("--dedupe", "in.jsonl"), ("in.jsonl", "--dedupe", "exact")]):
        assert run("run", *given, "-o", f"{n}").exit_code == 0
        manifest = json.loads((tmp_path / f"{n}" / "manifest.json").read_bytes())
        assert manifest["options"]["--dedupe"] == "exact"
    for given, says in [
        (("--dedupe=most",), "'most' is not one of 'exact', 'near'"),
        (("--dedupe", "--near-threshold=0.9"), "--near-threshold is of near-duplicates; find"),
        (("--dedupe=near", "--near-threshold=0.5"), "0.5 is not in the range 0.6<=x<=1"),
    ]:
        result = run("run", "in.jsonl", *given, "-o", "out")
        assert (result.exit_code, says in result.output) == (2, True), result.output


def test_sketches_are_found_among_many():
    """As many as make the arrays double, most of them unlike any other."""
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 256, (3000, HASHES), np.uint8)
    known = Sketches(0.8)
    for number, row in enumerate(rows):
        known.add(row.tobytes(), -number)
    for number in range(0, 3000, 100):
        assert known.find(rows[number].tobytes()) == [(number, 1.0)]
        copy = rows[number].copy()
        copy[40:60] ^= 1
        [(found, similarity)] = known.find(copy.tobytes())
        assert found == number
        assert similarity == pytest.approx(1 - 20 / HASHES, abs=0.01)
        copy[40:70] ^= 3
        assert known.find(copy.tobytes()) == []
        known.add(rows[number].tobytes(), 5)
        assert next(n for n, _ in known.find(rows[number].tobytes())) == number


def test_a_sketch_tells_how_much_two_texts_share():
    words = [f"word{n}" for n in range(2000)]
    whole = np.frombuffer(make_sketch(" ".join(words)), np.uint8)
    for share in (0.25, 0.5, 0.9):
        part = np.frombuffer(make_sketch(" ".join(words[: int(share * 2000)])), np.uint8)
        assert (whole == part).mean() == pytest.approx(share, abs=0.12)
