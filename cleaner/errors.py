"""What can go wrong, told to people: each message says what was given and what to do."""

from __future__ import annotations

import traceback

DISTRIBUTION = "article-cleaner"
"""What is installed; the import and the command are `cleaner`, a name that another project has."""

MAX_TOLD = 300
"""Characters that are told of an error of others, which may hold half a page."""


class CleanerError(Exception):
    """The base of all errors that this package raises on purpose."""


class UsageError(CleanerError, ValueError):
    """The call is wrong: an unknown label, kind or model, an option out of range."""


class ModelError(CleanerError):
    """A model folder is missing, damaged, or of a format that this version can't read."""


class PageError(CleanerError, ValueError):
    """One page, or one file or the rest of it, can't be read; what is around it can."""


class UnexpectedError(PageError):
    """A page ended in an error that nobody foresaw, of a library or of this package: its cause."""

    @classmethod
    def of(cls, cause: Exception) -> UnexpectedError:
        """Return what such an error is to the page that it came up with."""
        told = encodable(f"{type(cause).__name__}: {cause}"[:MAX_TOLD].rstrip(": "))
        error = cls(f"can't be labelled ({told}); please report this page")
        error.__cause__ = cause
        traceback.clear_frames(cause.__traceback__)  # they hold the page and all made of it
        return error


def encodable(text: str) -> str:
    """Return a text that goes into any file: half of a pair, which can't be written, is escaped."""
    return text.encode(errors="backslashreplace").decode()


def missing_extra(what: str, package: str, extra: str) -> UsageError:
    """The error where `what` needs a package that is not installed, with what to do about it."""
    return UsageError(f"{what} needs {package}: {how_to_install(extra)}")


def how_to_install(extra: str) -> str:
    """Return the command that installs an extra."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def check_option(name: str, value: object, fits: bool, told: str) -> None:
    """Raise `UsageError` unless the value of an option fits; `told` says what to give instead."""
    if not fits:
        raise UsageError(f"{name} is {value!r:.100}: give {told}")
