"""The output folder: nothing in it is destroyed, and what is damaged is told and mended."""

import json
import os
import shutil
from hashlib import blake2b
from pathlib import Path

import pytest

from cleaner.model.store import find_models
from cleaner.runs.summary import DIGEST

TEXT = "A line of the story that is long enough, and so is kept by any model of worth."


@pytest.fixture
def one(write_pages, tmp_path):
    return write_pages(tmp_path / "in.jsonl", [{"id": n, "text": TEXT} for n in range(3)])


def picture(folder: Path) -> dict[str, object]:
    """All that there is in a folder, links as links, and when it was changed."""
    there = {}
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else None
        link = os.readlink(path) if path.is_symlink() else None
        there[str(path)] = (path.lstat().st_mtime_ns, data, link)
    return there


FOREIGN = {
    "files": lambda out: (out / "mine.txt").write_text("mine"),
    "parts": lambda out: (out / "deep" / ".x.part").write_text("mine"),
    "a link to nothing": lambda out: (out / "x").symlink_to("gone"),
    "another manifest": lambda out: (out / "manifest.json").write_text('{"name": "an app"}'),
    "a manifest of null": lambda out: (out / "manifest.json").write_text("null"),
    "no JSON": lambda out: (out / "manifest.json").write_bytes(b"\xff{"),
    "nonsense inputs": lambda out: (out / "manifest.json").write_text(
        '{"cleaner": [], "models": 3, "options": "x", "inputs": [[{}]]}'
    ),
    "a manifest that is a folder": lambda out: (out / "manifest.json").mkdir(),
    "a manifest that is a link": lambda out: (out / "manifest.json").symlink_to("../in.jsonl"),
    "a manifest that is a pipe": lambda out: os.mkfifo(out / "manifest.json"),
    "states without a manifest": lambda out: (out / ".cleaner" / "states").mkdir(parents=True),
    "a hidden file": lambda out: (out / ".cleaner").write_text("mine"),
    "a hidden link": lambda out: (out / ".cleaner").symlink_to("deep"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_folder_that_is_not_of_the_run_is_refused_and_left_as_it_is(run, one, tmp_path, what):
    out = tmp_path / "out"
    (out / "deep").mkdir(parents=True)
    (out / "deep" / ".y.part").write_text("mine")
    FOREIGN[what](out)
    before = picture(tmp_path)
    result = run("run", one, "-o", out, "--workers=1")
    assert result.exit_code == 2
    assert result.output.startswith(f"cleaner: {out}")
    assert result.output.count("\n") == 1
    assert picture(tmp_path) == before


def test_nothing_is_made_for_a_model_that_is_none(run, one, tmp_path):
    for kind in ("text", "html"):
        (tmp_path / "models" / kind).mkdir(parents=True)
        for name in ("model.json", "weights.safetensors"):
            (tmp_path / "models" / kind / name).write_text("{")
    result = run("run", one, "-o", tmp_path / "out", "--model", tmp_path / "models")
    assert (result.exit_code, result.output.count("\n")) == (2, 1), result.output
    assert not (tmp_path / "out").exists()


def test_nothing_is_made_for_models_without_their_word_vectors(run, one, tmp_path):
    models = tmp_path / "models"
    shutil.copytree(find_models(), models)
    shutil.rmtree(models / "words")
    for args in (["run", one, "-o", tmp_path / "out"], ["models"]):
        result = run(*args, "--model", models)
        assert (result.exit_code, result.output) == (
            2,
            f"cleaner: {models / 'words' / 'weights.safetensors'}: is missing; "
            "install article-cleaner again, or train the model again\n",
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["lock", "unfinished", "states"])
@pytest.mark.parametrize("target", ["file", "folder", "gone"])
def test_no_link_among_the_runs_own_files_is_followed(run, one, tmp_path, name, target):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "precious").touch()
    out = tmp_path / "out"
    (out / ".cleaner").mkdir(parents=True)
    (out / ".cleaner" / name).symlink_to(tmp_path / target)
    before = picture(tmp_path)
    result = run("run", one, "-o", out, "--workers=1")
    assert result.exit_code == 2
    assert f"{out / '.cleaner' / name} is a link" in result.output
    assert picture(tmp_path) == before


def test_hidden_files_and_a_lock_that_a_killed_run_left_do_not_matter(run_counted, one, tmp_path):
    out = tmp_path / "out"
    (out / ".cleaner" / "unfinished").mkdir(parents=True)
    (out / ".cleaner" / "lock").touch()
    (out / ".cleaner" / "unfinished" / "file").write_text("half a shard")
    (out / ".nfs0001").write_text("theirs")
    run_counted(one, out=out)
    assert (out / ".nfs0001").read_text() == "theirs"
    assert not list((out / ".cleaner" / "unfinished").iterdir())


def test_nothing_is_written_through_a_link(run, write_pages, tmp_path):
    write_pages(tmp_path / "in" / "sub" / "a.jsonl", [{"text": TEXT}])
    write_pages(tmp_path / "in" / "b.jsonl", [{"text": TEXT}])
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    command = ("run", tmp_path / "in", "-o", out, "--workers=1")
    assert run(*command).exit_code == 0
    (out / "sub").rename(elsewhere)
    (out / "sub").symlink_to(elsewhere)
    assert run(*command).exit_code == 0  # all is there, and nothing to write
    (elsewhere / "a-00000.jsonl.gz").write_text("precious")
    (tmp_path / "shard").write_text("precious")
    (out / "b-00000.jsonl.gz").unlink()
    (out / "b-00000.jsonl.gz").symlink_to(tmp_path / "shard")
    result = run(*command)
    assert result.exit_code == 2
    assert f"{out / 'sub'} is a link or a file where the run has a folder" in result.output
    assert (elsewhere / "a-00000.jsonl.gz").read_text() == "precious"
    (out / "sub").unlink()
    assert run(*command).exit_code == 0
    assert (tmp_path / "shard").read_text() == "precious"
    assert not (out / "b-00000.jsonl.gz").is_symlink()


@pytest.fixture
def finished(run_counted, write_pages, texts, files_of, tmp_path):
    """A run with several shards and lists, the command for it, and its bytes."""
    for name in ("a", "b", "c"):
        pages = [{"id": f"{name}{n}", "text": f"{texts[n % 3]}\n{n // 5}"} for n in range(12)]
        write_pages(tmp_path / "in" / f"{name}.jsonl", [*pages, {"no": "text"}])
    args = (tmp_path / "in", "--dedupe", "--shard-size=0.015")
    out = tmp_path / "out"
    run_counted(*args, out=out)
    assert len(list(out.glob("a-*"))) > 3
    return args, out, files_of(out)


def times_of(out):
    return {p.name: p.stat().st_mtime_ns for p in out.glob("*.gz")}


SPOIL = {
    "removed": lambda path: path.unlink(),
    "emptied": lambda path: path.write_bytes(b""),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\n"),
    "of the same size": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "a link": lambda path: (path.unlink(), path.symlink_to("manifest.json")),
}


@pytest.mark.parametrize("how", SPOIL)
def test_shards_that_were_spoilt_are_told_and_made_again_and_no_others(
    run_counted, finished, files_of, how
):
    args, out, expected = finished
    before = times_of(out)
    names = ["a-00001.jsonl.gz", "b-00000.jsonl.gz", "b-00001.jsonl.gz"]
    names.append(max(path.name for path in out.glob("c-*")))
    for name in names:
        SPOIL[how](out / name)
    result, _ = run_counted(*args, out=out)
    shown = ", ".join(str(out / name) for name in names[:3])
    assert f"removed or changed since, and so made again: 4 shards ({shown}, …)" in result.output
    assert files_of(out) == expected
    after = times_of(out)
    assert [n for n in after if after[n] != before[n]] == sorted(names, key=list(after).index)
    again, _ = run_counted(*args, out=out)
    assert "made again" not in again.output


def test_a_shard_of_files_that_are_a_page_each_is_made_again(
    run_counted, texts, files_of, tmp_path
):
    for n in range(9):
        (tmp_path / f"{n}.txt").write_text(f"{texts[0]}\n{n}")
    args, out = (tmp_path / "*.txt", f"--shard-size={3.5 * len(texts[0]) / 1e6}"), tmp_path / "out"
    run_counted(*args, out=out)
    expected = files_of(out)
    assert len(list(out.glob("*.gz"))) == 3
    (out / "pages-00001.jsonl.gz").unlink()
    result, _ = run_counted(*args, out=out)
    assert "made again: 1 shard (" in result.output
    assert files_of(out) == expected


def test_a_copy_of_a_run_is_as_good(run_counted, finished, files_of, tmp_path):
    args, out, expected = finished
    copy = tmp_path / "copy"
    shutil.copytree(out, copy, copy_function=shutil.copyfile)
    before = times_of(copy)
    result, _ = run_counted(*args, out=copy)
    assert "made again" not in result.output
    assert (files_of(copy), times_of(copy)) == (expected, before)


@pytest.mark.parametrize("name", ["failed", "dropped"])
def test_a_part_of_a_list_that_is_gone_is_made_again(run_counted, finished, files_of, name):
    args, out, expected = finished
    part = sorted((out / ".cleaner" / "states").glob(f"*.{name}.jsonl"))[1]
    part.unlink()
    (out / f"{name}.jsonl").unlink()
    run_counted(*args, out=out)
    assert files_of(out) == expected


def test_a_page_that_does_not_fail_again_is_on_no_list(
    hostile, monkeypatch, run_counted, write_pages, tmp_path
):
    one = write_pages(tmp_path / "in.jsonl", [{"text": TEXT}, {"text": "RAISE"}])
    out = tmp_path / "out"
    assert run_counted(one, out=out)[1]["pages"]["failed"] == 1
    monkeypatch.undo()
    (out / "in-00000.jsonl.gz").unlink()
    assert run_counted(one, out=out)[1]["pages"]["failed"] == 0


NONSENSE = [
    b"",
    b"null",
    b"no JSON",
    b"[]",
    b'{"tally": null, "samples": [], "digests": "", "ids": [], "files": {}, "last": true}',
    b'{"tally": {"pages": -1}, "samples": null, "digests": 1, "last": "no"}',
    b"0" * 32 + b"\n{}",
    *(blake2b(b, digest_size=DIGEST).hexdigest().encode() + b"\n" + b for b in (b"{}", b"[]")),
]


def test_a_state_that_holds_nonsense_is_told_in_a_line(run, run_counted, finished, files_of):
    args, out, expected = finished
    path = out / ".cleaner" / "states" / "a-00001.state"
    state = path.read_bytes()
    half, other = state[: len(state) // 2], state.replace(b'"pages": ', b'"pages": 1')
    assert other != state
    for data in [*NONSENSE, half, other]:
        path.write_bytes(data)
        result = run("run", *args, "-o", out, "--workers=1")
        says = f"cleaner: {path}: is damaged; remove it to do its shard again\n"
        assert (result.exit_code, result.output) == (1, says)
    path.unlink()
    os.mkfifo(path)
    result = run("run", *args, "-o", out, "--workers=1")
    assert (result.exit_code, result.output) == (1, says)
    path.unlink()
    run_counted(*args, out=out)
    assert files_of(out) == expected


def test_a_manifest_that_lost_something_is_told_in_a_line(run, finished):
    args, out, _ = finished
    path = out / "manifest.json"
    manifest = json.loads(path.read_bytes())
    for data in (
        manifest | {"more": 1},
        manifest | {"inputs": None},
        manifest | {"models": {}},
        manifest | {"options": []},
        {},
        [],
        "x",
    ):
        path.write_text(json.dumps(data))
        result = run("run", *args, "-o", out, "--workers=1")
        says = f"cleaner: {out} holds another run: {path} is damaged; give another folder with -o\n"
        assert (result.exit_code, result.output) == (2, says)
