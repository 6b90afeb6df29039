"""Pages that hang, eat memory, end their worker, or raise what no page should.

No page known does any of this to the splitters, so one is put in their place that obeys the text of
a page. The workers fork, and so inherit it.
"""

import os
import signal
import time

import pytest

from cleaner.pages import split_page


def _obey(page):
    text = page.source if isinstance(page.source, str) else page.source.decode()
    if "HANG" in text:
        time.sleep(1000)
    if "SPIN" in text:
        while True:
            pass
    if "EAT" in text:
        b"".join(bytes(1 << 24) for _ in range(1000))
    if "KILL" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "LEAVE" in text:
        os._exit(3)
    if "RAISE" in text:
        raise LookupError("no such thing")
    return split_page(page)


@pytest.fixture
def hostile(monkeypatch):
    """Let pages do what their text says."""
    monkeypatch.setattr("cleaner.cleaner.split_page", _obey)
