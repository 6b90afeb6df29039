"""Waiting for processes, which may hang: never without an end."""

import time

WAIT = 120
"""Seconds until a process hangs, on a machine that has much else to do."""


def wait_until(happened, is_alive):
    """Wait until something has happened that a process does while it lives."""
    end = time.monotonic() + WAIT
    while not happened():
        assert is_alive(), "the process ended before"
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.01)


def status_of(process):
    """Wait until a process of `multiprocessing` has ended, and return its exit status, or less than
    0 for a signal."""
    process.join(WAIT)
    assert process.exitcode is not None, "the process does not end"
    return process.exitcode
