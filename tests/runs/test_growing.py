"""Runs whose inputs come, change and go: what is done stays, and the rest is as it should be."""

import json
import os
import shutil
import signal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from waiting import status_of

STRIDE = 9
"""Steps by which a run comes further each time before it is killed."""

DEDUPE = ("--dedupe", "--precision=0", "--shard-size=0.012", "--workers=2")


@pytest.fixture
def pages_of(texts):
    """Make pages with the sample texts of some numbers, called by a letter and these."""

    def pages_of(name, *numbers):
        return [{"id": f"{name}{n}", "text": f"{texts[n % 5]}\nPage {n}."} for n in numbers]

    return pages_of


def times_of(out):
    return {p.name: p.stat().st_mtime_ns for p in out.rglob("*.gz")}


NO_MORE = "left out pages as duplicates of some that are no more; give their inputs again: "


def ids_of(rows):
    return [row["id"] for row in rows]


def test_new_files_get_shards_and_what_is_done_stays(
    run_counted, write_pages, pages_of, rows_of, list_of, tmp_path
):
    folder, out = tmp_path / "in", tmp_path / "out"
    write_pages(folder / "b.jsonl", pages_of("b", 0, 1, 2))
    (folder / "one.txt").write_text("A page of its own.")
    run_counted(folder, *DEDUPE, out=out)
    before = times_of(out)
    write_pages(folder / "a.jsonl", pages_of("a", 2, 3))
    write_pages(folder / "b.ndjson", [])
    (folder / "two.txt").write_text("Another page of its own.")
    _, counts = run_counted(folder, *DEDUPE, out=out)
    after = times_of(out)
    assert {name: after[name] for name in before} == before
    assert {"a-00000.jsonl.gz", "b.ndjson-00000.jsonl.gz", "pages~2-00000.jsonl.gz"} < set(after)
    assert counts["pages"]["in"] == 7
    assert [(row["id"], row["first"]) for row in list_of(out, "dropped")] == [("a2", "b2")]
    _, counts_again = run_counted(folder, *DEDUPE, out=out)
    assert (times_of(out), counts_again) == (after, counts)


def test_runs_of_one_day_after_the_other_share_a_folder(
    run_counted, write_pages, pages_of, list_of, tmp_path
):
    days = [
        write_pages(tmp_path / f"day{n}" / "crawl.jsonl", pages_of(f"{n}-", *range(n, n + 3)))
        for n in (1, 2)
    ]
    out = tmp_path / "out"
    run_counted(days[0], *DEDUPE, out=out)
    result, counts = run_counted(days[1].parent, *DEDUPE, out=out)
    assert f"not given now; what became of them stays: 1 file ({days[0]})" in result.output
    assert (counts["pages"]["in"], counts["pages"]["out"]) == (6, 4)
    assert [row["first"] for row in list_of(out, "dropped")] == ["1-2", "1-3"]


def test_what_is_done_of_files_not_given_may_be_moved_away_and_is_known(
    run_counted, run, write_pages, pages_of, tmp_path
):
    a = write_pages(tmp_path / "a.jsonl", [*pages_of("a", 0, 1), {"no": "text"}])
    b = write_pages(tmp_path / "b.jsonl", pages_of("b", 1, 2))
    out, summary = tmp_path / "out", tmp_path / "summary.json"
    run_counted(a, *DEDUPE, out=out)
    (out / "a-00000.jsonl.gz").unlink()
    result = run("run", b, *DEDUPE, "-o", out, "--summary", summary)
    assert (result.exit_code, "made again" in result.output) == (1, False)
    assert json.loads(summary.read_text())["pages"]["duplicates"] == 1
    assert [path.name for path in out.glob("*.gz")] == ["b-00000.jsonl.gz"]
    part = out / ".cleaner" / "states" / "a-00000.failed.jsonl"
    part.unlink()
    result = run("run", b, *DEDUPE, "-o", out)
    says = f"cleaner: {part}: was removed or changed; give its input, too, to have it made again\n"
    assert (result.exit_code, result.output) == (1, says)
    result = run("run", a, b, *DEDUPE, "-o", out)
    assert (result.exit_code, "made again: 1 shard" in result.output) == (1, True)
    assert len(list(out.glob("*.gz"))) == 2


@pytest.mark.parametrize("how", ["gone", "not given"])
def test_what_became_of_a_file_that_went_stays_and_is_told(
    run_counted, write_pages, pages_of, rows_of, tmp_path, how
):
    names = [write_pages(tmp_path / f"{x}.jsonl", pages_of(x, 0, 1)) for x in "ab"]
    out = tmp_path / "out"
    _, before = run_counted(*names, out=out)
    if how == "gone":
        names[0].unlink()
    result, counts = run_counted(names[1], out=out)
    assert "not given now; what became of them stays: 1 file" in result.output
    assert counts == before
    assert len(rows_of(out)) == 4


def test_a_file_that_changed_is_done_again_and_no_other(
    run_counted, write_pages, pages_of, rows_of, list_of, tmp_path
):
    """Its pages take the place of those of before; those that others were dropped for come back
    where they are, if they are not in it any more."""
    folder, out = tmp_path / "in", tmp_path / "out"
    write_pages(folder / "a.jsonl", pages_of("a", *range(12)))
    write_pages(folder / "b.jsonl", pages_of("b", 3, 20))
    write_pages(folder / "c.jsonl", pages_of("c", 3, 4, 21))
    write_pages(folder / "d.jsonl", pages_of("d", 22))
    run_counted(folder, *DEDUPE, out=out)
    assert len(list(out.glob("a-*"))) > 2
    before = times_of(out)
    write_pages(folder / "a.jsonl", [*pages_of("new", 4, 22), {"id": 0, "no": "text"}])
    result, counts = run_counted(folder, *DEDUPE, out=out)
    assert f"changed since, and so cleaned again: 1 file ({folder / 'a.jsonl'})" in result.output
    assert "removed, as their inputs changed: " in result.output
    assert len(list(out.glob("a-*"))) == 1
    ids = ids_of(rows_of(out))
    assert sorted(ids) == ["b20", "b3", "c21", "d22", "new4"]
    dropped = [(row["id"], row["first"]) for row in list_of(out, "dropped")]
    assert dropped == [("c3", "b3"), ("c4", "new4"), ("new22", "d22")]
    after = times_of(out)
    assert after["d-00000.jsonl.gz"] == before["d-00000.jsonl.gz"]
    assert counts["pages"]["failed"] == 1
    _, counts_again = run_counted(folder, *DEDUPE, out=out)
    assert (times_of(out), counts_again) == (after, counts)


def test_a_folder_that_was_moved_is_the_same(
    run_counted, write_pages, pages_of, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "sub/a.jsonl"):
        write_pages(tmp_path / "in" / name, pages_of(name, 0, 1))
    _, before = run_counted("in", out=tmp_path / "out")
    (tmp_path / "in").rename(tmp_path / "moved")
    for inputs in ("moved", str(tmp_path / "moved")):
        result, counts = run_counted(inputs, out=tmp_path / "out")
        assert counts == before
        assert "not given" not in result.output


def test_a_page_beside_others_that_changed_is_done_with_all_of_them(
    run, run_counted, rows_of, tmp_path
):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.txt").write_text(f"The page with the number {n}.")
    run_counted(folder, *DEDUPE, out=out)
    (folder / "0.txt").unlink()
    result, counts = run_counted(folder, *DEDUPE, out=out)
    assert "what became of them stays" in result.output
    assert counts["pages"]["in"] == 3
    (folder / "1.txt").write_text("Another page instead.")
    rows = rows_of(out)
    (folder / "new.jsonl").write_text('{"id": "new", "text": "Another one."}\n')
    result = run("run", folder, *DEDUPE, "-o", out)
    assert result.exit_code == 1
    assert (
        "to be done again with files that are not given now, and so left as they" in result.stderr
    )
    assert f"1 file ({folder / '1.txt'})" in result.stderr
    assert rows_of(out)[1:] == rows
    assert rows_of(out)[0]["id"] == "new"
    (folder / "0.txt").write_text("The page is there again.")
    (folder / "new.jsonl").unlink()
    run_counted(folder, *DEDUPE, out=out)
    found = [os.path.basename(name) for name in ids_of(rows_of(out))]
    assert found == ["new", "0.txt", "1.txt", "2.txt"]


def test_what_was_not_done_is_still_to_be_given(
    start, run_counted, run, write_pages, pages_of, rows_of, tmp_path
):
    a, b = (write_pages(tmp_path / f"{x}.jsonl", pages_of(x, *range(9))) for x in "ab")
    out = tmp_path / "out"
    for step in count(20, 2):
        assert status_of(start("run", a, *DEDUPE, "-o", out, kill_at=step)) == -signal.SIGKILL
        if 0 < len(list(out.glob("a-*"))) == len(list(out.glob(".cleaner/states/*.state"))):
            break
    result, counts = run_counted(b, *DEDUPE, out=out)
    assert f"not given now, and not done, so still to be given: 1 file ({a})" in result.output
    assert len(ids_of(rows_of(out))) == 9
    result, counts = run_counted(a, b, *DEDUPE, out=out)
    assert counts["pages"]["in"] == 18
    assert len({row["text"] for row in rows_of(out)}) == len(rows_of(out)) == 9


def test_reports_of_earlier_starts_are_no_inputs(run, write_pages, pages_of, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_pages(tmp_path / "in" / "a.jsonl", pages_of("a", 0))
    command = ("run", "in", "-o", "out", "--workers=1")
    run(*command, "--report", "in/report.html", "--summary", "in/summary.jsonl")
    result = run(*command, "--review", "in/review.html")
    assert (result.exit_code, "1 in = 1 out" in result.output) == (0, True), result.output
    (tmp_path / "in" / "new.html").write_text("<p>A page that nobody wrote for a report.")
    result = run(*command, "--report", "in/new.html")
    assert (result.exit_code, "is one of the files that are read" in result.output) == (2, True)


def grow_folder(folder, write_pages, pages_of):
    """Add files to a folder, and let some change and go."""
    write_pages(folder / "a.jsonl", [*pages_of("new", 1, 30, 31), {"no": "text"}])
    write_pages(folder / "A" / "e.jsonl", pages_of("e", 3, 40))
    (folder / "d.jsonl").unlink()
    (folder / "one.txt").write_text("It is another page now.")


@pytest.fixture
def folder(write_pages, pages_of, tmp_path):
    folder = tmp_path / "in"
    write_pages(folder / "a.jsonl", [*pages_of("a", *range(9)), {"no": "text"}])
    write_pages(folder / "b.jsonl", pages_of("b", 2, 3, 10, 11, 12, 13))
    write_pages(folder / "c.jsonl", pages_of("c", 3, 4, 10, 20))
    write_pages(folder / "d.jsonl", pages_of("d", 3, 21, 22))
    (folder / "one.txt").write_text("A page of its own.")
    return folder


@pytest.mark.parametrize("dedupe", ["exact", "near"])
def test_a_run_that_grew_is_killed_and_goes_on_to_the_same_bytes(
    start, run_counted, folder, write_pages, pages_of, files_of, tmp_path, dedupe
):
    options = (*DEDUPE[1:], f"--dedupe={dedupe}")
    base, undisturbed, out = (tmp_path / name for name in ("base", "undisturbed", "out"))
    run_counted(folder, *options, out=base)
    shutil.copytree(base, undisturbed)
    shutil.copytree(base, out)
    grow_folder(folder, write_pages, pages_of)
    _, counts = run_counted(folder, *options, out=undisturbed)
    expected = files_of(undisturbed)
    for step in count(1, STRIDE):
        status = status_of(start("run", folder, *options, "-o", out, kill_at=step))
        if status != -signal.SIGKILL:
            break
    assert status == 1, (tmp_path / "log").read_text()
    assert step > 6 * STRIDE
    assert files_of(out) == expected
    _, counts_there = run_counted(folder, *options, out=out)
    assert {**counts_there, "seconds": 0} == {**counts, "seconds": 0}


@pytest.mark.parametrize("step", [20, 45, 70])
def test_it_is_all_the_same_when_files_come_while_a_run_is_stopped(
    start, run_counted, folder, write_pages, pages_of, files_of, tmp_path, step
):
    undisturbed, out = tmp_path / "undisturbed", tmp_path / "out"
    run_counted(folder, *DEDUPE, out=undisturbed)
    assert status_of(start("run", folder, *DEDUPE, "-o", out, kill_at=step)) == -signal.SIGKILL
    write_pages(folder / "A" / "e.jsonl", pages_of("e", 3, 40))
    (folder / "two.txt").write_text("Another page of its own.")
    run_counted(folder, *DEDUPE, out=undisturbed)
    run_counted(folder, *DEDUPE, out=out)
    assert files_of(out) == files_of(undisturbed)


@given(st.data())
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_happens_to_the_inputs_each_text_comes_out_once(
    run_counted, rows_of, list_of, write_pages, pages_of, data
):
    """That of each file as it was last seen; and what duplicates were dropped for is there."""
    numbers = st.lists(st.integers(0, 9), max_size=6)
    with TemporaryDirectory() as place:
        folder, out = Path(place, "in"), Path(place, "out")
        last: dict[str, list[int]] = {}
        for turn in range(3):
            for name in data.draw(st.lists(st.sampled_from("abcd"), min_size=1, unique=True)):
                if name in last and data.draw(st.booleans()):
                    (folder / f"{name}.jsonl").unlink(missing_ok=True)
                else:
                    last[name] = data.draw(numbers)
                    write_pages(folder / f"{name}.jsonl", pages_of(f"{name}{turn}-", *last[name]))
            if not list(folder.glob("*")):
                continue
            result, counts = run_counted(folder, *DEDUPE, out=out)
            rows = rows_of(out)
            assert counts["pages"]["in"] == sum(map(len, last.values()))
            texts = [row["text"].rpartition("Page ")[2] for row in rows]
            assert len(texts) == len(set(texts))
            missing = {f"{n}." for each in last.values() for n in each} - set(texts)
            firsts = {row["first"] for row in list_of(out, "dropped")}
            if NO_MORE in result.output:  # of a file that went, and so can't be made again
                assert firsts - set(ids_of(rows))
            else:
                assert not missing | (firsts - set(ids_of(rows)))


def test_a_file_that_is_given_twice_is_read_once(run, write_pages, pages_of, rows_of, tmp_path):
    file, out = write_pages(tmp_path / "in" / "a.jsonl", pages_of("a", 0, 1)), tmp_path / "out"
    for files in ([file.parent, file, file.parent], [file, file]):
        result = run("run", *files, "-o", out)
        assert ids_of(rows_of(out)) == ["a0", "a1"]
        assert "given more than once, and read once: 1 file" in result.stderr


def test_a_folder_that_is_empty_by_now_is_no_error(run, write_pages, pages_of, rows_of, tmp_path):
    file, out = write_pages(tmp_path / "in" / "a.jsonl", pages_of("a", 0)), tmp_path / "out"
    run("run", file.parent, "-o", out)
    file.unlink()
    result = run("run", file.parent, tmp_path / "*.warc", "-o", out)
    assert (result.exit_code, ids_of(rows_of(out))) == (0, ["a0"])
    assert f"what became of them stays: 1 file ({file})" in result.stderr
    assert run("run", file.parent, "-o", tmp_path / "new").exit_code == 2
    assert run("run", file, "-o", out).exit_code == 2


def test_the_output_folder_as_an_input_is_told(run, write_pages, pages_of, rows_of, tmp_path):
    file, out = write_pages(tmp_path / "a.jsonl", pages_of("a", 0)), tmp_path / "out"
    run("run", file, "-o", out)
    for own in (out, out / "a-00000.jsonl.gz", out / "manifest.json"):
        result = run("run", file, own, "-o", out)
        assert (result.exit_code, ids_of(rows_of(out))) == (0, ["a0"])
        told = f"in the folder that is written to, and not read: 1 path ({own})"
        assert told in result.stderr
    result = run("run", out / "a-00000.jsonl.gz", "-o", out)
    assert (result.exit_code, ids_of(rows_of(out))) == (0, ["a0"])
    assert run("run", tmp_path / "new", "-o", tmp_path / "new").exit_code == 2


def test_what_holds_nothing_is_told(run, write_pages, pages_of, rows_of, tmp_path):
    file, out = write_pages(tmp_path / "a.jsonl", pages_of("a", 0)), tmp_path / "out"
    run("run", file, "-o", out)
    (tmp_path / "empty").mkdir()
    result = run("run", file, tmp_path / "crwal" / "*.html", tmp_path / "empty", "-o", out)
    assert (result.exit_code, ids_of(rows_of(out))) == (0, ["a0"])
    assert f"{tmp_path / 'crwal' / '*.html'}: no file matches" in result.stderr
    assert f"{tmp_path / 'empty'}: no file in this folder ends in" in result.stderr


def test_a_shard_that_is_not_counted_is_told(run, write_pages, pages_of, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    for name in "ab":
        write_pages(folder / f"{name}.jsonl", pages_of(name, 0))
    run("run", folder, "-o", out)
    shutil.rmtree(out / ".cleaner")
    (folder / "a.jsonl").unlink()
    result = run("run", folder, "-o", out)
    assert result.exit_code == 0
    told = f"not counted, as they are not done; remove them: 1 shard ({out / 'a-00000.jsonl.gz'})"
    assert told in result.stderr
