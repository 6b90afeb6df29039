"""Names of authors, out of what bylines and declarations say."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cleaner.pages.charset import mend
from cleaner.pages.text import letters_of

MAX_NAME, MAX_WORDS, MAX_NAMES = 60, 6, 20
"""Characters and words of a name, and names of a page, at most."""

_BETWEEN = re.compile(
    r"\s*(?:[;,|•·/&\n\t、，]|\s[-–—]+\s|\s(?:and|und|et|y|e|i|en|og|och|ve|with|mit|avec|con)\s)\s*",
    re.I,
)
"""What stands between two names, or behind the last one."""

_BY = re.compile(
    r"^(?:(?:written|posted|reported|published|edited|text|article|story|photos?)\s+)*"
    r"(?:by|byline|author|authors|autor|autorin|autoren|autore|autora|auteur|von|por|par|di|door|av|af|"
    r"tekst|text|автор|作者|記者|记者|文)(?:\s*[:：]\s*|\s+)",
    re.I,
)
"""What a byline begins with."""

_ADDRESS = re.compile(r"https?:|www\.|\b[\w-]{3,}\.[a-z]{2,7}\b")
"""An address, or the name of a site: what holds one is no list of names."""

_NO_NAME = re.compile(
    r"https?:|www\.|@\w+\.|\.(?:com|org|net|de|co\.uk)\b|[<>{}\[\]=?!%$€#]|\d", re.I
)

_GENERIC = frozenset(
    """
    admin administrator author autor anonymous anonymus user username guest webmaster editor staff
    team unknown none null undefined nobody root test www wordpress blogger default contributor
    name yourname advertisement menu home login
    """.split()
)
"""What stands for a name where there is none, in letters alone."""

_JOB = re.compile(
    r"\b(?:editor|reporter|correspondent|writer|journalist|columnist|contributor|producer|redakteur(?:in)?|"
    r"redaktion|reporterin|photographer|director|ceo|founder|mins?|minutes?|read|updated|published|"
    r"posted|datum|date|comments?|share|follow|views?|shares)\b",
    re.I,
)
"""Words of what stands beside a name: the work of its bearer, or what else a byline tells."""


_TITLE = re.compile(r"[A-Z]{2,5}|[A-Z][a-z]?\.?[A-Z]\.?|[JS]r\.?")
"""What stands behind a name and a comma: a degree, a work."""

_HANDLE = re.compile(r"\s*@\w+")
_ROLE = re.compile(r"\bby\b|:", re.I)
"""What stands in a part of a byline that names who did something else."""


def split_names(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names in texts that hold nothing else, each once, without what is none."""
    names: dict[str, str] = {}
    for text in texts:
        text = _BY.sub("", " ".join(mend(text[:1_000]).split()))
        if _ADDRESS.search(text):
            continue
        for part in _BETWEEN.split(_turned(text)):
            name = _HANDLE.sub("", part).strip(" .:-–—\"'()")
            is_other = _JOB.search(name) or _ROLE.search(name) or (names and _TITLE.fullmatch(name))
            if is_name(name) and not is_other:
                names.setdefault(letters_of(name.casefold()), name)
    return tuple(names.values())[:MAX_NAMES]


def _turned(text: str) -> str:
    """Turn "Family, Given" around: two single words."""
    parts = text.split(",")
    if len(parts) == 2 and all(len(part.split()) == 1 for part in parts):
        return " ".join(part.strip() for part in reversed(parts))
    return text


def read_byline(line: str) -> tuple[str, ...]:
    """Return the names in a line that begins as a byline does; none where it is no byline.

    They end where a name is none: at a day, the work of the author, or what the page tells next.
    """
    found = _BY.match(line)
    if not found:
        return ()
    names: list[str] = []
    for part in _BETWEEN.split(re.split(r"\(|\s\d|\d\d|: ", line[found.end() :])[0]):
        name = _HANDLE.sub("", part).strip(" .:-–—\"'")
        if _TITLE.fullmatch(name) and names:
            continue
        if _ROLE.search(name):
            break
        if job := _JOB.search(name):
            name = name[: job.start()].strip()
        if not (is_name(name) and _is_written_as_one(name)):
            break
        names.append(name)
        if job:
            break
    return tuple(names)


def is_name(text: str) -> bool:
    """Say whether a text may be the name of an author: short, of letters, no address, and none that
    stands for any."""
    return (
        1 < len(text) <= MAX_NAME
        and len(text.split()) <= MAX_WORDS
        and not _NO_NAME.search(text)
        and letters_of(text.casefold()) not in _GENERIC
    )


def _is_written_as_one(name: str) -> bool:
    """Say whether it begins and ends with capitals, in scripts that have them."""
    words = [word for word in name.split() if word[0].isalpha()]
    return bool(words) and not words[0][0].islower() and not words[-1][0].islower()
