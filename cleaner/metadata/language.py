"""The language of a text, as py3langid tells it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from cleaner.errors import UsageError
from cleaner.pages.text import count_letters

ENOUGH = 60
"""Letters from which a text tells its language."""

LOOKED_AT = 2_000
"""Characters that are looked at. Of 386 labelled pages in 24 languages py3langid tells all by so
many of their stories, and 385 by 200; pycld2 386 and 382, whatlang 384 and 377, eld 381 and 381."""

COMMON = ("ar", "de", "en", "es", "fr", "it", "ja", "pt", "ru", "zh")
"""Codes that are named where one is none."""


def find_language(text: str) -> str | None:
    """Return the language of a text, None where it is too short to tell."""
    text = text[:LOOKED_AT]
    if count_letters(text) < ENOUGH:
        return None
    from py3langid import classify  # slow to import

    return str(classify(text)[0])


def language_of(texts: Sequence[str], labels: Sequence[str]) -> str | None:
    """Return the language of the story, of a page without one that of all; None where it is too
    short to tell."""
    story = [text for text, label in zip(texts, labels, strict=True) if label == "article"]
    return find_language("\n".join(story or texts))


def check_languages(codes: Iterable[str]) -> tuple[str, ...]:
    """Return codes of languages in order; raise `UsageError` for one that no text is said to be."""
    if isinstance(codes, str):
        raise UsageError(f"languages is {codes!r:.100}: give a list of codes, such as [{codes!r}]")
    try:
        wanted = [without_region(code) if isinstance(code, str) else code for code in codes]
    except TypeError:
        raise UsageError(f"languages is {codes!r:.100}: give a list of codes") from None
    for code in wanted:
        if code not in _known():
            some = ", ".join(COMMON)
            raise UsageError(
                f"unknown language {code!r:.100}: give codes such as {some}; there are "
                f"{len(_known())}, of ISO 639-1 or else 639-3"
            )
    return tuple(sorted(set(wanted)))


def without_region(code: str) -> str:
    """Return the language of a code such as `en-US` or `en_US`."""
    return code.lower().replace("_", "-").partition("-")[0]


@cache
def _known() -> frozenset[str]:
    from py3langid import rank  # slow to import

    return frozenset(str(code) for code, _ in rank(""))


def load() -> None:
    """Read the model of languages now, which takes a second: who forks then shares it."""
    find_language("a" * ENOUGH)
