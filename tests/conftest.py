import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cleaner import Cleaner
from cleaner.cli.main import cli

Run = Callable[..., Result]


@pytest.fixture
def seeds() -> Path:
    return Path(__file__).parents[1] / "seeds"


@pytest.fixture
def run() -> Run:
    """Run `cleaner` with arguments, and with what comes in on standard input."""

    def invoke(*args: object, stdin: str | bytes = b"", **env: str) -> Result:
        result = CliRunner().invoke(cli, [str(a) for a in args], input=stdin, env=env)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return invoke


@pytest.fixture(scope="session")
def seed_pages() -> list[dict]:
    """The labelled sample pages."""
    path = Path(__file__).parents[1] / "seeds" / "pages.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def cleaner() -> Cleaner:
    """The packaged models."""
    return Cleaner()
