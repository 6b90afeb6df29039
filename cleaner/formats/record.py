"""What a reader yields and a writer takes."""

from __future__ import annotations

from dataclasses import dataclass

from cleaner.errors import PageError
from cleaner.pages import Page

Row = dict[str, object]
"""What a writer takes: the fields of one page, as they come out."""


@dataclass(frozen=True, slots=True)
class Record:
    """One page of an input, with what came along."""

    page: Page | PageError
    """The page, or why there is none."""
    fields: Row
    """The input's other fields, in order: all but the text and the HTML."""
    where: str
    """FILE or FILE:LINE, for messages."""
    format: str
    """The format that it was read from."""
