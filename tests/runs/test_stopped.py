"""Runs that are stopped at any point: the same command goes on, and nothing shows that it was."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from functools import partial
from itertools import count

import pytest
from waiting import status_of, wait_until

from cleaner.model.store import find_models
from cleaner.pages import split_page

PAUSE = "The ferry waits at the pier until the fog has lifted."
"""The page that a run pauses at."""

STRIDE = 3
"""Steps by which a run comes further each time before it is killed."""


def _pause(page, met):
    """Split a page; hang at the one that is to be paused at, where it was not met before."""
    if page.source == PAUSE and not met.exists():
        met.touch()
        time.sleep(1000)
    return split_page(page)


@pytest.fixture
def paused(monkeypatch, tmp_path):
    """The file that a run makes when it comes to the middle of its inputs; where it is not there
    before, the run goes no further: so it is at work until it is told to end."""
    met = tmp_path / "paused"
    met.touch()
    monkeypatch.setattr("cleaner.cleaner.split_page", partial(_pause, met=met))
    return met


@pytest.fixture
def inputs(tmp_path, write_pages, texts, paused):
    """Some files: texts with duplicates in one and between two, and lines that are bad."""
    rng = random.Random(5)
    folder = tmp_path / "in"
    for name in ("a.jsonl", "b/c.jsonl.gz", "d.jsonl"):
        pages = [{"id": n, "text": rng.choice(texts) + f"\nPage {n % 70}"} for n in range(120)]
        pages[7] = pages[90] = {"id": 0, "no": "text"}
        if name == "b/c.jsonl.gz":
            pages[60]["text"] = PAUSE
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
        accounts = ("--summary", summary, "--report", report)
        assert run("run", inputs, "-o", out, *options, *accounts).exit_code == 1
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
    out = tmp_path / "out"
    for step in count(1, STRIDE):
        status = status_of(start("run", inputs, "-o", out, *options, kill_at=step))
        if status != -signal.SIGKILL:
            break
        for name, data in files_of(out).items():  # what is there is whole
            assert data == expected[name], name
    assert status == 1, (tmp_path / "log").read_text()
    assert step > 20 * STRIDE
    assert files_of(out) == expected
    assert accounts_of(out, options) == accounts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_that_goes_on(
    start, paused, inputs, undisturbed, tmp_path, files_of, number
):
    expected, options = undisturbed
    out = tmp_path / "out"
    paused.unlink()
    process = start("run", inputs, "-o", out, *options)
    wait_until(paused.exists, process.is_alive)
    os.kill(process.pid, number)
    assert status_of(process) == 130
    log = (tmp_path / "log").read_text()
    assert log.splitlines()[-1] == "cleaner: stopped; the same command goes on where it was"
    assert not list((out / ".cleaner" / "unfinished").iterdir())
    assert files_of(out).items() < expected.items()
    assert status_of(start("run", inputs, "-o", out, *options)) == 1
    assert files_of(out) == expected


def test_a_run_whose_files_may_not_grow_says_so_and_goes_on(
    start, inputs, undisturbed, tmp_path, files_of
):
    expected, options = undisturbed
    out = tmp_path / "out"
    status = status_of(start("run", inputs, "-o", out, *options, file_size=15_000))
    log = (tmp_path / "log").read_text()
    assert status == 1, log
    assert "can't be written (File too large); mend this, and the same command goes on" in log
    assert not list((out / ".cleaner" / "unfinished").iterdir())
    assert status_of(start("run", inputs, "-o", out, *options)) == 1
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
        status = status_of(start("run", inputs, "-o", disk / "out", *options))
        log = (tmp_path / "log").read_text()
        assert status == 1, log
        assert "can't be written (No space left on device); mend this" in log
        subprocess.run(["mount", "-o", "remount,size=10m", disk], check=True)
        assert status_of(start("run", inputs, "-o", disk / "out", *options)) == 1
        assert files_of(disk / "out") == expected
    finally:
        subprocess.run(["umount", disk], check=True)


def test_two_runs_do_not_work_in_one_folder(start, paused, run, inputs, tmp_path):
    out = tmp_path / "out"
    paused.unlink()
    process = start("run", inputs, "-o", out, "--workers=1")
    wait_until(paused.exists, process.is_alive)
    result = run("run", inputs, "-o", out, "--workers=1")
    assert result.exit_code == 2
    assert "another run is at work" in result.output
    process.terminate()
    assert status_of(process) == 130


def test_of_runs_that_begin_at_once_in_one_new_folder_one_wins(start, inputs, tmp_path):
    for n in range(3):
        out = tmp_path / f"out{n}"
        options = [("-o", out, "--workers=1", f"--precision=0.{x}") for x in (4, 5, 6)]
        processes = [start("run", inputs, *each) for each in options]
        found = [status_of(process) for process in processes]
        assert sorted(found) == [1, 2, 2], (tmp_path / "log").read_text()
        winner = found.index(1)
        manifest = json.loads((out / "manifest.json").read_bytes())
        assert f"--precision={manifest['options']['--precision']}" == options[winner][-1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (["--precision=0.8"], "with --precision 0.5, and this is with --precision 0.8"),
        (["--to=parquet"], "with --to jsonl.gz, and this is with --to parquet"),
        (["--dedupe"], "without --dedupe, and this is with --dedupe exact"),
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
    models = tmp_path / "models"
    shutil.copytree(find_models(), models)
    assert run(*command, "--model", models).exit_code == 0  # they are the same
    with (models / "html" / "model.json").open("a") as about:
        about.write("\n")
    result = run(*command, "--model", models)
    assert (result.exit_code, "with another model for html;" in result.output) == (2, True)


def test_the_order_of_inputs_is_that_of_the_first_start(run, write_pages, files_of, tmp_path):
    inputs = [write_pages(tmp_path / f"{name}.jsonl", [{"text": "A line"}]) for name in "ab"]
    options = ("-o", tmp_path / "out", "--workers=1", "--dedupe")
    assert run("run", *inputs, *options).exit_code == 0
    before = files_of(tmp_path / "out")
    assert run("run", *reversed(inputs), *options).exit_code == 0
    assert files_of(tmp_path / "out") == before


def test_a_folder_of_an_older_form_is_refused(run, write_pages, tmp_path):
    one = write_pages(tmp_path / "in.jsonl", [{"text": "A line"}])
    command = ("run", one, "-o", tmp_path / "out", "--workers=1")
    assert run(*command).exit_code == 0
    path = tmp_path / "out" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    del manifest["format"]
    path.write_text(json.dumps(manifest))
    result = run(*command)
    says = "holds another run: in an older or newer form, which does not go on; give another folder"
    assert (result.exit_code, says in result.output) == (2, True)


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
