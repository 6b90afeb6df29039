"""Runs that are stopped at any point: the same command goes on, and nothing shows that it was."""

import json
import os
import random
import re
import signal
import subprocess
import time

import pytest

KILLS = 20


@pytest.fixture
def inputs(tmp_path, write_pages, texts):
    """Some files: texts with duplicates in one and between two, and lines that are bad."""
    rng = random.Random(5)
    folder = tmp_path / "in"
    for name in ("a.jsonl", "b/c.jsonl.gz", "d.jsonl"):
        pages = [{"id": n, "text": rng.choice(texts) + f"\nPage {n % 70}"} for n in range(120)]
        pages[7] = pages[90] = {"id": 0, "no": "text"}
        write_pages(folder / name, pages)
    for n in range(5):
        (folder / f"page{n}.txt").write_text(texts[n])
    return folder


@pytest.fixture
def undisturbed(run, inputs, tmp_path, files_of):
    """What a run gives that nothing stops, and the options that it had."""
    options = ("--workers=2", "--shard-size=0.1", "--dedupe", "--only-articles")
    out = tmp_path / "undisturbed"
    result = run("run", inputs, "-o", out, *options)
    assert result.exit_code == 1, result.output
    return files_of(out), options


@pytest.fixture
def accounts_of(run, inputs, tmp_path):
    """Return summary and report of a run that is done, without the seconds."""

    def accounts_of(out, options):
        summary, report = tmp_path / "summary.json", tmp_path / "report.html"
        run("run", inputs, "-o", out, *options, "--summary", summary, "--report", report)
        counts = {k: v for k, v in json.loads(summary.read_text()).items() if k != "seconds"}
        return counts, re.sub(r"[\d,]+ seconds", "", report.read_text())

    return accounts_of


def test_a_killed_run_goes_on_to_the_same_bytes(
    start, inputs, undisturbed, tmp_path, files_of, accounts_of
):
    expected, options = undisturbed
    accounts = accounts_of(tmp_path / "undisturbed", options)
    assert len(expected) > 12
    assert {"failed.jsonl", "dropped.jsonl"} < set(expected)
    assert accounts[0]["pages"]["duplicates"] > 100
    kills = finished = 0
    rng = random.Random()
    while kills < KILLS or not finished:
        out = tmp_path / f"out{finished}"
        process = start("run", inputs, "-o", out, *options)
        if kills < KILLS:
            process.join(rng.uniform(0, 0.7))
        else:
            process.join()
        if process.is_alive():
            process.kill()
            process.join()
            kills += 1
            for name, data in files_of(out).items():  # what is there is whole
                if not name.rpartition("/")[2].startswith("."):
                    assert data == expected[name], name
        else:
            assert process.exitcode == 1, (tmp_path / "log").read_text()
            assert files_of(out) == expected
            assert accounts_of(out, options) == accounts
            finished += 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_that_goes_on(start, inputs, undisturbed, tmp_path, files_of, number):
    expected, options = undisturbed
    out = tmp_path / "out"
    process = start("run", inputs, "-o", out, *options)
    while not list(out.rglob("*.json*")):
        time.sleep(0.01)
    os.kill(process.pid, number)
    process.join()
    log = (tmp_path / "log").read_text()
    assert process.exitcode == 130, log
    assert log.splitlines()[-1] == "cleaner: stopped; the same command goes on where it was"
    assert not list((out / ".cleaner" / "unfinished").iterdir())
    process = start("run", inputs, "-o", out, *options)
    process.join()
    assert process.exitcode == 1
    assert files_of(out) == expected


def test_a_run_whose_files_may_not_grow_says_so_and_goes_on(
    start, inputs, undisturbed, tmp_path, files_of
):
    expected, options = undisturbed
    out = tmp_path / "out"
    process = start("run", inputs, "-o", out, *options, file_size=15_000)
    process.join()
    log = (tmp_path / "log").read_text()
    assert process.exitcode == 1, log
    assert "can't be written (File too large); mend this, and the same command goes on" in log
    assert not list((out / ".cleaner" / "unfinished").iterdir())
    process = start("run", inputs, "-o", out, *options)
    process.join()
    assert files_of(out) == expected


def test_a_full_disk_says_so_and_the_run_goes_on(start, inputs, undisturbed, tmp_path, files_of):
    expected, options = undisturbed
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(map(len, expected.values())) // 2
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("can't mount a small disk here")
    try:
        process = start("run", inputs, "-o", disk / "out", *options)
        process.join()
        log = (tmp_path / "log").read_text()
        assert process.exitcode == 1, log
        assert "can't be written (No space left on device); mend this" in log
        subprocess.run(["mount", "-o", "remount,size=10m", disk], check=True)
        process = start("run", inputs, "-o", disk / "out", *options)
        process.join()
        assert files_of(disk / "out") == expected
    finally:
        subprocess.run(["umount", disk], check=True)


def test_two_runs_do_not_work_in_one_folder(start, run, inputs, tmp_path):
    out = tmp_path / "out"
    process = start("run", inputs, "-o", out, "--workers=1")
    while not (out / "manifest.json").exists():
        time.sleep(0.01)
    result = run("run", inputs, "-o", out, "--workers=1")
    process.join()
    assert result.exit_code == 2
    assert "another run is at work" in result.output


def test_of_runs_that_begin_at_once_in_one_new_folder_one_wins(start, inputs, tmp_path):
    for n in range(3):
        out = tmp_path / f"out{n}"
        options = [("-o", out, "--workers=1", f"--precision=0.{x}") for x in (4, 5, 6)]
        processes = [start("run", inputs, *each) for each in options]
        for process in processes:
            process.join()
        log = (tmp_path / "log").read_text()
        assert sorted(process.exitcode for process in processes) == [1, 2, 2], log
        winner = [process.exitcode for process in processes].index(1)
        manifest = json.loads((out / "manifest.json").read_bytes())
        assert f"--precision={manifest['options']['--precision']}" == options[winner][-1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (["--precision=0.8"], "with --precision 0.5, not 0.8"),
        (["--to=parquet"], "with --to jsonl.gz, not parquet"),
        (["--dedupe"], "with --dedupe False, not True"),
    ],
)
def test_a_folder_holds_one_run(run, write_pages, tmp_path, change, says):
    one = write_pages(tmp_path / "in.jsonl", [{"text": "A line"}])
    command = ("run", one, "-o", tmp_path / "out", "--workers=1")
    assert run(*command).exit_code == 0
    result = run(*command, *change)
    assert (result.exit_code, result.output) == (
        2,
        f"cleaner: {tmp_path / 'out'} holds another run: {says}; give another folder with -o\n",
    )
    assert run(*command).exit_code == 0
    write_pages(one, [{"text": "Another line"}])
    assert f"its input {one} changed since" in run(*command).output


def test_the_manifest_says_what_was_done(run, write_pages, tmp_path):
    one = write_pages(tmp_path / "in.jsonl", [{"text": "A line"}])
    run("run", one, "-o", tmp_path / "out", "--workers=1", "--precision=0.7")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["options"]["--precision"] == 0.7
    assert manifest["inputs"][0]["path"] == str(one)
    assert {kind: len(digest) for kind, digest in manifest["models"].items()} == {
        "text": 64,
        "html": 64,
    }
