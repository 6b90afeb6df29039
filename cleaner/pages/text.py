"""Plain text into paragraphs: a line each, hard-wrapped text unwrapped first."""

from __future__ import annotations

import re

_NEWLINE = re.compile(r"\r\n|\r|\n")

WRAP_MIN, WRAP_MAX = 50, 100
"""Columns between which editors and mailers wrap text; a longest line outside is no wrapping."""

WRAP_MIN_PARAGRAPHS = 2
WRAP_MIN_LINES = 6
"""Less text than this shows no wrapping that could be told from short lines."""

WRAP_FULL = 0.9
"""Share of the inner lines that must be full: the next line's first word would not have fitted."""


def split_text(text: str) -> list[str]:
    """Split a plain text into its paragraphs, in order, without white space at their ends.

    A paragraph is a non-empty line. In text that was hard-wrapped at a column, with blank lines
    between paragraphs, it is the lines between two blank lines, joined by a space.
    """
    lines = _NEWLINE.split(text) if "\r" in text else text.split("\n")
    if _is_wrapped(lines):
        return _unwrap(lines)
    return [stripped for line in lines if (stripped := line.strip())]


def _is_wrapped(lines: list[str]) -> bool:
    """Say whether the text was wrapped at a column.

    In wrapped text a line ends because the next word had no room: for nearly every line with a
    follower in its paragraph, its length + 1 + the follower's first word passes the column.
    """
    lines = [line.rstrip() for line in lines]
    column = max(map(len, lines))
    if not WRAP_MIN <= column <= WRAP_MAX:
        return False
    inner = full = wrapped_paragraphs = paragraph_inner = 0
    for line, follower in zip(lines, [*lines[1:], ""], strict=True):
        if not line:
            continue
        if not follower:
            wrapped_paragraphs += paragraph_inner > 0
            paragraph_inner = 0
            continue
        inner += 1
        paragraph_inner += 1
        words = follower.split(maxsplit=1)
        full += len(line) + 1 + (len(words[0]) if words else 0) > column
    enough = inner >= WRAP_MIN_LINES and wrapped_paragraphs >= WRAP_MIN_PARAGRAPHS
    return enough and full >= WRAP_FULL * inner


def _unwrap(lines: list[str]) -> list[str]:
    paragraphs: list[str] = []
    current: list[str] = []
    for line in [*lines, ""]:
        if stripped := line.strip():
            current.append(stripped)
        elif current:
            paragraphs.append(" ".join(current))
            current = []
    return paragraphs
