import json
from pathlib import Path

import pytest

from cleaner import LABELS, CleanerError, UsageError, __version__
from cleaner.cli.main import COMMANDS

FIGURES = {
    "pages": 12,
    "paragraphs": 345,
    "mean_f1": 0.8125,
    "f1": {"article": 0.9, "related-links": 0.8, "sponsored": None, "boilerplate": 0.7},
    "mean_f1_words": 0.85,
    "f1_words": {"article": 0.95, "related-links": 0.85, "boilerplate": 0.75},
    "junk": 0.0512,
    "kept": 0.9876,
    "right": {"0.02": 0.432, "0.05": 0.654},
    "calibration_error": 0.0213,
    "languages": {"en": {"pages": 9, "mean_f1": 0.777}},
    "confusion": {
        "labels": list(LABELS),
        "matrix": [[7000 + i] * len(LABELS) for i, _ in enumerate(LABELS)],
    },
}


def test_help_lists_every_command(run):
    result = run("--help")
    assert result.exit_code == 0
    assert run().stdout == result.stdout
    for name, line in COMMANDS.items():
        assert f"  {name}" in result.stdout
        assert line in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_examples_and_status(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: cleaner {command} ")
    examples = result.stdout.split("Examples:\n")[1].split("\n\n")[0].splitlines()
    assert 2 <= len(examples) <= 4
    assert all("cleaner" in line for line in examples)
    assert "Exit status: 0 all went well" in result.stdout


def test_version(run):
    assert run("--version").stdout == f"cleaner {__version__}\n"


def test_models_shows_what_is_installed(run):
    result = run("models", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert [about["name"] for about in found] == ["text", "html", "words"]
    table = run("models", COLUMNS="200").stdout
    for about in found:
        assert Path(about["path"]).is_dir()
        assert f"{about['name']}: {about['path']}\n" in table
        for kind, figures in about["figures"].items():
            assert kind.replace("_", " ") in table
            assert f"{figures['mean_f1']:.3f}" in table


def test_train_passes_on_what_was_said(run, seeds, tmp_path, monkeypatch):
    calls = []

    def train(data, output, *, fit_words, seed, jobs, progress):
        calls.append((data, output, fit_words, seed, jobs))
        progress("half done")

    monkeypatch.setattr("cleaner.training.train.train", train)
    out = tmp_path / "models"
    result = run("train", seeds, seeds / "pages.jsonl", "-o", out, "--seed", 3, "--jobs", 2)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "cleaner: half done\n")
    run("train", seeds, "-o", out, "--fit-words", "--jobs", 1)
    assert calls == [
        ([seeds, seeds / "pages.jsonl"], out, False, 3, 2), ([seeds], out, True, 0, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("error", "status"), [(UsageError, 2), (CleanerError, 1)])
def test_errors_of_training_are_told(run, seeds, monkeypatch, error, status):
    def fail(*_, **__):
        raise error("no labelled page in seeds: give some")

    monkeypatch.setattr("cleaner.training.train.train", fail)
    monkeypatch.setattr("cleaner.training.evaluate.judge_pages", fail)
    for args in (["train", seeds, "-o", "out"], ["evaluate", seeds]):
        result = run(*args)
        assert result.exit_code == status
        assert result.stderr == "cleaner: no labelled page in seeds: give some\n"


def test_evaluate_shows_tables_or_json(run, seeds, monkeypatch):
    kinds = ("whole", "extractor", "appended", "real_appended", "html")
    inserted = {"text": {"tries": 291, "kept": 0.773, "story_lost": 0.0015}}
    report = {
        "model": "models",
        "data": ["x [y]"],
        "kinds": dict.fromkeys(kinds, FIGURES),
        "inserted": inserted,
    }
    calls = []
    monkeypatch.setattr(
        "cleaner.training.evaluate.judge_pages",
        lambda data, model, accurate, jobs: calls.append((data, model, accurate)),
    )
    monkeypatch.setattr("cleaner.training.evaluate.report", lambda *_: report)
    assert json.loads(run("evaluate", seeds, "--json", "--model", seeds).stdout) == report
    result = run("evaluate", seeds, "--accurate", COLUMNS="80")
    assert calls == [((seeds,), seeds, False), ((seeds,), None, True)]
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "…" not in result.stdout
    for shown in ("x [y]", "appended", "12", "345", "0.812", "0.950", "5.1%", "98.8%", "7005",
                  "0.021", "en (9 pages)", "0.777", "right at 2%", "43.2%", "right at 5%", "65.4%",
                  "291", "77.3%", "0.1%"):  # fmt: skip
        assert shown in result.stdout


def test_evaluate_draws_plots(run, seeds, tmp_path):
    pytest.importorskip("matplotlib")
    result = run("evaluate", seeds, "--plots", tmp_path / "plots", "--json")
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["kinds"]["whole"]["thresholds"]) > 5
    for name in ("dial.svg", "reliability.svg", "junk.svg"):
        assert (tmp_path / "plots" / name).read_text(encoding="utf-8").startswith("<?xml")
        assert name in result.stderr
