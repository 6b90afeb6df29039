import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cleaner import Cleaner
from cleaner.cli.main import cli

HTTP = "Server: small\r\nContent-Type: text/html; charset=utf-8"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a test by the name of its bytes: packed ones tell the time, and the processes that share
    the tests must call them the same."""
    return argname if isinstance(val, bytes) and len(val) > 20 else None


@pytest.fixture(scope="session", autouse=True)
def signals_end_processes() -> None:
    """Let signals end what tests start: nohup, and a shell's background jobs, have some ignored,
    and that is handed on."""
    for number in (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def seeds() -> Path:
    return Path(__file__).parents[1] / "seeds"


class Ran:
    """What a command gave, and whether a test looked at its exit status."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self.looked_at = False

    def __getattr__(self, name: str) -> object:
        self.looked_at |= name == "exit_code"
        return getattr(self._result, name)


@pytest.fixture
def run() -> Iterator[Callable[..., Ran]]:
    """Run `cleaner` with arguments, and with what comes in on standard input.

    A test that does not look at the exit status takes it for 0, and fails at its end where not.
    """
    all_ran = []

    def invoke(*args: object, stdin: str | bytes = b"", **env: str) -> Ran:
        result = CliRunner().invoke(cli, [str(a) for a in args], input=stdin, env=env)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        all_ran.append(Ran(result))
        return all_ran[-1]

    yield invoke
    for ran in all_ran:
        assert ran.looked_at or ran.exit_code == 0, ran.output


@pytest.fixture(scope="session")
def seed_pages() -> list[dict]:
    """The labelled sample pages."""
    path = Path(__file__).parents[1] / "seeds" / "pages.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def cleaner() -> Cleaner:
    """The packaged models."""
    return Cleaner()


@pytest.fixture(scope="session")
def warc_record() -> Callable[..., bytes]:
    """Make a WARC record: of an HTTP response, or of another type with its content as it is."""

    def make(body: bytes, number: int = 1, *, type: str = "response", http: str = HTTP) -> bytes:
        content = body
        kind = "text/plain"
        if type == "response":
            content = f"HTTP/1.1 200 OK\r\n{http}\r\n\r\n".encode() + body
            kind = "application/http; msgtype=response"
        header = (
            f"WARC/1.0\r\nWARC-Type: {type}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
            f"WARC-Target-URI: https://courier.example/{number}\r\n"
            f"WARC-Date: 2024-05-{number:02d}T06:00:00Z\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return header.encode() + content + b"\r\n\r\n"

    return make
