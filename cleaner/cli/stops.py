"""Stops: Ctrl-C, SIGTERM, and a terminal that closes.

A stop raises no exception, which could come in the middle of anything, be swallowed by a library,
or come a second time while the first is cleaned up after. The handler itself removes what is not
finished, ends the workers, says so in one line, and leaves.

It is set before all else that the command imports, and so imports next to nothing.
"""

import atexit
import os
import signal
import sys

STATUS = 130
"""Exit status: a shell's for a program that SIGINT ended."""

ROOMS = ("cleaner.formats.writer", "cleaner.training.output")
"""Modules that write files, and have `discard_unfinished`."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_STOPS = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
_SHOW_CURSOR = b"\r\x1b[2K\x1b[?25h"

_handler_of: int | None = None
"""The process that handles stops; workers that fork from it do not."""

_line = "stopped"


def handle_stops() -> None:
    """Let a stop end this process from now on, unless who started it has the stop ignored."""
    global _handler_of
    _handler_of = os.getpid()
    for number in _STOPS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)
    # While Python takes itself apart, all is done, and there is nobody to handle a stop.
    atexit.register(_ignore_stops)


def announce(line: str) -> None:
    """Set what is said at a stop."""
    global _line
    _line = line


def _ignore_stops() -> None:
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)


def _stop(number: int, _: object) -> None:
    if os.getpid() != _handler_of:  # a worker: Ctrl-C reaches all, and the parent ends it
        if number != signal.SIGINT:
            os._exit(128 + number)
        return
    _ignore_stops()
    _call("cleaner.runs.worker", "start_no_more")
    _end_workers()
    for room in ROOMS:
        _call(room, "discard_unfinished")
    if sys.stderr:
        _say(f"cleaner: {_line}\n".encode())
    os._exit(STATUS)


def _call(room: str, function: str) -> None:
    try:
        getattr(sys.modules[room], function)()
    except (KeyError, AttributeError):  # not imported, or just now: it has done nothing
        return


def _end_workers() -> None:
    """Kill the processes that this one started, and wait until they hold nothing any more."""
    for _ in range(2):  # one may have been about to start
        workers = _find_workers()
        for end in (lambda pid: os.kill(pid, _KILL), lambda pid: os.waitpid(pid, 0)):
            for worker in workers:
                try:
                    end(worker)
                except OSError:  # it ended by itself
                    continue


def _find_workers() -> list[int]:
    try:  # Linux knows also of one that was started this very moment
        found: list[int] = []
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/children") as file:
                found += map(int, file.read().split())
        return found
    except OSError:
        processes = sys.modules.get("multiprocessing")
        return [process.pid for process in processes.active_children()] if processes else []


def _say(line: bytes) -> None:
    # Where progress may be shown, its bar is wiped away, and the cursor comes back.
    shown = "rich.live" in sys.modules and os.isatty(2)
    try:
        os.write(2, _SHOW_CURSOR + line if shown else line)
    except OSError:
        return
