"""Names of authors, out of what bylines and declarations say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from cleaner.metadata.byline_words import (
    BEFORE_DAY,
    BEHIND,
    BY,
    GENERIC,
    MADE,
    NO_PERSON,
    PARTICLES,
    PICTURES,
    RANKS,
    ROLES,
    SURNAMES,
    TOLD,
    WEEKDAYS,
)
from cleaner.metadata.dates import find_dates, is_month
from cleaner.pages.charset import mend
from cleaner.pages.text import letters_of

MAX_NAME, MAX_WORDS, MAX_NAMES = 60, 6, 20
"""Characters and words of a name, and names of a page, at most."""

_AND = r"(?:and|und|et|og|och|ve|y|e|i|en|&)"

_MADE_RUN = rf"(?:{MADE})(?:\s+(?:{MADE}|{_AND}\s+(?:{MADE}|{PICTURES})))*"

_BYLINE = re.compile(
    rf"(?:(?:{_MADE_RUN}\s+)?(?:{BY})(?:\s*[:：]\s*|\s+)|{_MADE_RUN}(?:\s*[:：]\s*|\s+(?:da|de)\s+))",
    re.I,
)
"""What a byline begins with: "By", "Published by", "Story and photos:"."""

_BETWEEN = re.compile(
    r"\s*([;,|•·/&\n\t、，]|\s[-–—]+\s|\s(?:and|und|et|y|e|i|en|og|och|ve|with|mit|avec|con)\s)"
    r"\s*(?:(?:and|und|et|og|och|&)\s+)?",
    re.I,
)
"""What stands between two names, or behind the last one."""

_WITHIN = frozenset(("y", "e", "i", "en"))
"""What also stands within a name, or before a place."""

_PARTS = re.compile(r"[|•·]|\s//\s")
"""What parts a byline from what else its line tells."""

_BESIDE_DAY = re.compile(r"[|•·/]|\s[-–—]\s")
"""What parts a name from a day."""

_ADDRESS = re.compile(r"https?:|www\.|\b[\w-]{3,}\.[a-z]{2,7}\b")
"""An address, or the name of a site: what holds one is no list of names."""

_NO_NAME = re.compile(
    r"https?:|www\.|@\w+\.|\.(?:com|org|net|de|co\.uk)\b|[<>{}\[\]=?!%$€#]|\d", re.I
)

_TIME = re.compile(
    r"[\s,|·•–—-]*(?:(?:at|um|à|kl\.?|a\s+las?|às|alle|om)\s+)?"
    r"(?:\d{1,2}[:.h]\d\d(?:\s*[ap]\.?m\b\.?|\s*uhr)?(?:\s*(?:[ECMP][SD]T|GMT|UTC|CES?T|BST)\b)?)?"
    r"[\s,|·•–—-]*",
    re.I,
)
"""The time behind a day."""

_END = re.compile(r"\(|\s\d|\d\d|: ")
"""What stands in no list of names, and ends it."""

_TITLE = re.compile(r"[A-Z]{2,5}|[A-Z][a-z]?\.?[A-Z]\.?|[JS]r\.?")
"""What stands behind a name and a comma: a degree, a work."""

_HANDLE = re.compile(r"\s*@\w+")
_OTHER = re.compile(r"(?:^|\s)(?:\S+\s+)?by\b.*|.*:.*", re.I)
"""What names those who did something else."""

_DA = re.compile(r"d[ae]\s")
"""What a byline of Italian and French may begin with, behind its day."""


def split_names(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names in texts that hold nothing else, each once, without what is none."""
    names: dict[str, str] = {}
    for text in chain.from_iterable(whole[:1_000].split(";") for whole in texts):
        text = " ".join(mend(text).split())
        if found := _BYLINE.match(text):
            text = text[found.end() :]
        if _ADDRESS.search(text):
            continue
        for sign, part in _split(_turned(text)):
            name, goes_on = _cut(part)
            is_other = (
                _OTHER.search(name)
                or (names and _TITLE.fullmatch(name))
                or (names and goes_on and sign == ",")
            )
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
    """Return the names in a line that is a byline, or holds one behind its day or beside what else
    it tells; none where it is no byline."""
    end = _end_of_days(line)
    behind = f"by {line[end + 3 :]}" if end and _DA.match(line, end) else line[end:]
    for text in (line, behind, *_PARTS.split(line)):
        text = text.lstrip(" |/•·–—-")
        if found := _BYLINE.match(text):
            return _read_list(text[found.end() :])
    return ()


def read_named_day(line: str) -> tuple[str, ...]:
    """Return the name in a line of a day and a name, with a sign between: "1 May | Ada Lind"."""
    parts = [part.strip() for part in _BESIDE_DAY.split(line) if part.strip()]
    names = [part for part in parts if not _end_of_days(part)]
    is_both = len(names) == 1 < len(parts)
    return tuple(names) if is_both and _is_full_name(names[0]) else ()


def _is_full_name(text: str) -> bool:
    """Say whether it is two words with capitals, and perhaps an initial between, none of which is
    known to be something else."""
    words = text.split()
    return (
        len([word for word in words if len(word.strip(".")) > 1]) == 2
        and len(words) <= 3
        and is_name(text)
        and all(word[0].isupper() for word in words)
        and not any(_plain(word) in NO_PERSON or _is_role(word) for word in words)
    )


def _end_of_days(line: str) -> int:
    """Return where the day and time end with which a line begins; 0 where it begins otherwise."""
    days = list(find_dates(line))
    if not days or not BEFORE_DAY.issuperset(re.findall(r"\w+", line[: days[0][0]].casefold())):
        return 0
    found = _TIME.match(line, days[-1][1])
    return found.end() if found else days[-1][1]


def _read_list(text: str) -> tuple[str, ...]:
    """Return the names that a text begins with.

    They end where a name is none: at a day, the work of the author, or what the page tells next.
    """
    names: list[str] = []
    for sign, part in _split(_before_numbers(text)):
        if _TITLE.fullmatch(part) and names:
            continue
        alone = _OTHER.sub("", part)
        name, goes_on = _cut(alone, is_line=True)
        is_work = names and goes_on and sign == ","  # "Ada Lind, Nordfunk Reporter"
        if is_work or not (is_name(name) and _is_written_as_one(name)):
            break
        names.append(name)
        if goes_on or alone != part:
            break
    return tuple(names)


def _before_numbers(text: str) -> str:
    """Return what stands before a day, or any number; a name of two words also ends before a month
    or a day of the week there."""
    end = min((begin for begin, _, _ in find_dates(text)), default=len(text))
    if found := _END.search(text, 0, end):
        end = found.start()
    words = text[:end].rstrip(" ,.").split()
    while end < len(text) and len(words) > 2 and _is_of_day(_plain(words[-1])):
        words.pop()
    return " ".join(words)


def _is_of_day(word: str) -> bool:
    return word in WEEKDAYS or is_month(word)


def _split(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a list of names, and the sign or word before each."""
    signs = ["", *(found[1].strip() for found in _BETWEEN.finditer(text))]
    pieces = _BETWEEN.split(text)[::2]
    parts: list[tuple[str, str]] = []
    for sign, piece in zip(signs, pieces, strict=True):
        if sign.casefold() in _WITHIN and min(len(piece.split()), len(parts[-1][1].split())) < 2:
            parts[-1] = parts[-1][0], f"{parts[-1][1]} {sign} {piece}"
        else:
            parts.append((sign, piece))
    for sign, part in parts:
        yield sign, _HANDLE.sub("", part).strip(" .:-–—\"'()")


def _cut(text: str, is_line: bool = False) -> tuple[str, bool]:
    """Return the name in a part of a list, without the work of its bearer before or behind it; and
    whether the part goes on. In a line it also ends at a word in small letters."""
    words = text.split()
    role = next((n for n, word in enumerate(words) if _is_role(word)), len(words))
    if role < len(words) and all(map(_is_rank, words[:role])):
        words = words[role + 1 :]
        if len(words) < 2:  # that of nobody, or of a paper
            return "", True
    end = next((n for n in range(len(words)) if _ends(words, n, is_line)), len(words))
    if end < len(words) and _is_role(words[end]):
        while end > 1 and _is_rank(words[end - 1]):
            end -= 1
    while is_line and end > 1 and words[end - 1].islower():
        end -= 1
    return " ".join(words[:end]), end < len(words)


def _ends(words: list[str], n: int, is_line: bool) -> bool:
    """Say whether a name ends before one of the words."""
    word = _plain(words[n])
    if _is_role(word) or word in TOLD:
        return True
    if n == 0:
        return word in SURNAMES or (len(words) == 1 and word in BEHIND)
    if is_line and words[n].islower() and word not in PARTICLES and word[1:2] not in "'’":
        return True
    return n > 1 and word in SURNAMES | BEHIND


def _plain(word: str) -> str:
    return word.strip(".,:*").casefold()


def _is_role(word: str) -> bool:
    return not ROLES.isdisjoint((_plain(word), _plain(word).removesuffix("s")))


def _is_rank(word: str) -> bool:
    return _plain(word) in RANKS or word.casefold().endswith(("'s", "’s"))


def is_name(text: str) -> bool:
    """Say whether a text may be the name of an author: short, of letters, no address, and none that
    stands for any."""
    return (
        1 < len(text) <= MAX_NAME
        and len(text.split()) <= MAX_WORDS
        and not _NO_NAME.search(text)
        and letters_of(text.casefold()) not in GENERIC
    )


def _is_written_as_one(name: str) -> bool:
    """Say whether it begins and ends with capitals, in scripts that have them."""
    words = [word for word in name.split() if word[0].isalpha()]
    return bool(words) and not words[0][0].islower() and not words[-1].islower()
