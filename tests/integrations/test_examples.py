import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def run_example(tmp_path):
    """Run an example as its first lines say, and return what it prints."""

    def run(name: str, needs: str, *args: object) -> str:
        pytest.importorskip(needs, reason=f"needs {needs}, which is not installed")
        result = subprocess.run(
            [sys.executable, EXAMPLES / name, *map(str, args)],
            env=os.environ | {"HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run


def test_every_example_is_run_here():
    names = {path.name for path in EXAMPLES.glob("*.py")}
    tests = "".join(p.read_text(encoding="utf-8") for p in Path(__file__).parent.glob("test_*.py"))
    assert names
    assert not [name for name in names if f'"{name}"' not in tests]


def test_datatrove(run_example, tmp_path, expected):
    run_example("datatrove_pipeline.py", "datatrove", tmp_path)
    lines = gzip.decompress((tmp_path / "clean" / "00000.jsonl.gz").read_bytes()).splitlines()
    texts = {row["id"]: row["text"] for row in map(json.loads, lines)}
    assert "observatory" in texts
    assert texts == {name: expected[name] for name in texts}


def test_scrapy(run_example, expected):
    (line,) = run_example("scrapy_spider.py", "scrapy").splitlines()
    assert json.loads(line)["text"] == expected["observatory"]


def test_datasets(run_example, expected):
    printed = run_example("datasets_map.py", "datasets")
    assert f"observatory-dark-sky\n\n{expected['observatory']}\n" in printed


def test_scikit_learn(run_example):
    harbour, observatory = run_example("sklearn_pipeline.py", "sklearn").splitlines()
    assert {"gate", "harbour"} <= set(harbour.split())
    assert {"stars", "corran"} <= set(observatory.split())
