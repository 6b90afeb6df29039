"""What stands beside the headline of a page: its byline, and the day on which it was published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from cleaner.metadata.dates import find_dates, is_possible
from cleaner.metadata.names import read_byline, read_named_day

BEFORE, BEHIND, STORY = 3, 12, 3
"""Lines before the headline and behind it that are looked at, and paragraphs of the story after
which no byline comes."""

MAX_LINE = 200
"""Characters of a line that tells author or day."""

MAX_WORD = 12
"""Characters of a line that may be the word of a byline whose name is the next line."""

_SAID = re.compile(
    r"(?P<later>updated?|modified|aktualisiert|geändert|actualizado|mis à jour|modifié|aggiornat|"
    r"atualizad|uppdaterad|oppdatert|opdateret|bijgewerkt|zaktualizowano|aktualizacja|обновл|更新)|"
    r"publi[sckée]|pubbl|posted|veröffentlicht|erstellt|gepubliceerd|geplaatst|udgivet|"
    r"opublikowan|dodano|опубликован|发布|發布|公開",
    re.I,
)
"""Behind one of these stands the day of publication, or that of a change."""


class Beside(NamedTuple):
    """The short lines beside a headline; where a page has none, those before its story."""

    before: list[str]
    """Those labelled boilerplate straight before it, the nearest first."""
    behind: list[str]
    """Those labelled boilerplate behind it, up to the end of the story."""
    others: list[str]
    """All around it, whatever their label."""


def lines_beside(texts: Sequence[str], labels: Sequence[str]) -> Beside:
    """Return the lines beside the headline of a page."""
    named = [n for n, label in enumerate(labels) if label == "headline"]
    articles = [n for n, label in enumerate(labels) if label == "article"]
    story, end = (articles[0], articles[-1]) if articles else (len(labels), len(labels))
    at = named[0] if named and named[0] <= story else story
    before = [
        texts[n] for n in range(at - 1, max(-1, at - 1 - BEFORE), -1) if _is_short(n, texts, labels)
    ]
    behind, paragraphs = [], 0
    for n in range(at, min(end, at + BEHIND + STORY)):
        paragraphs += labels[n] == "article"
        if paragraphs > STORY:
            break
        if _is_short(n, texts, labels):
            behind.append(texts[n])
    around = texts[max(0, at - BEFORE) : at + BEHIND]
    return Beside(before, behind, [text for text in around if len(text) <= MAX_LINE])


def _is_short(n: int, texts: Sequence[str], labels: Sequence[str]) -> bool:
    return labels[n] == "boilerplate" and len(texts[n]) <= MAX_LINE


def find_author(behind: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the first byline. Its word and its name may be two lines."""
    for line, follower in pairwise([*behind, ""]):
        names = read_byline(line)
        if not names and len(line) <= MAX_WORD:
            names = read_byline(f"{line} {follower}")
        if names:
            return names
    return ()


def find_named_day(behind: Sequence[str]) -> tuple[str, ...]:
    """Return the name that stands beside a day, where no byline says whose it is."""
    return next((names for line in behind if (names := read_named_day(line))), ())


def find_date(lines: Iterable[str]) -> date | None:
    """Return the day of publication: the first one that is not said to be the day of a change, else
    the first of these."""
    later: date | None = None
    for line in lines:
        read = 0
        for begin, end, day in find_dates(line):
            if is_possible(day):
                if not _is_later(line[read:begin]):
                    return day
                later = later or day
            read = end
    return later


def _is_later(before: str) -> bool:
    """Say whether the last word of publishing or updating before a day is one of updating."""
    said = [*_SAID.finditer(before)]
    return bool(said) and said[-1]["later"] is not None
