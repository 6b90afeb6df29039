"""What can go wrong, told to people: each message says what was given and what to do."""

from __future__ import annotations


class CleanerError(Exception):
    """The base of all errors that this package raises on purpose."""


class UsageError(CleanerError, ValueError):
    """The call is wrong: an unknown label, kind or model, an option out of range."""


class ModelError(CleanerError):
    """A model folder is missing, damaged, or of a format that this version can't read."""


class PageError(CleanerError, ValueError):
    """One page, or one file or the rest of it, can't be read; what is around it can."""


def missing_extra(what: str, package: str, extra: str) -> UsageError:
    """The error where `what` needs a package that is not installed, with what to do about it."""
    return UsageError(f"{what} needs {package}: pip install 'cleaner[{extra}]'")
