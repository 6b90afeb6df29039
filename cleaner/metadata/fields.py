"""What can be told of a page: the only place that lists it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypedDict

from cleaner.errors import UsageError


class Metadata(TypedDict):
    """What is known of a page; None where nothing is."""

    title: str | None
    """The story's headline; where it has none, what HTML calls the page."""
    author: str | None
    """The names of its authors, "; " between two."""
    date: str | None
    """The day on which it was published, as YYYY-MM-DD."""
    site_name: str | None
    url: str | None
    """What the page calls its address, else where it came from."""
    language: str | None
    """That of the story, as ISO 639-1 has it, else 639-3."""
    description: str | None
    image: str | None
    """The address of the picture that stands for the page."""
    tags: list[str] | None
    page_type: str | None
    """What the page calls its kind: `article`, `website` and so on (`og:type`)."""


FIELDS = tuple(Metadata.__annotations__)

FIGURES: dict[str, int | float] = {
    "words": 0,
    "kept_words": 0,
    "is_article": 0.0,
    "junk_probability": 1.0,
}
"""What can be counted or told of a page as a whole beside it, by name alone: see the properties of
`Document`; and what it is of a page that can't be read."""

NAMES = (*FIELDS, *FIGURES)
"""All that can be asked for."""


def example(names: Iterable[str]) -> dict[str, object]:
    """Return an example of the type of each field."""
    return {name: FIGURES.get(name, [""] if name == "tags" else "") for name in names}


def originals(names: Collection[str], taken: Iterable[str]) -> dict[str, str]:
    """Return what the fields of a page are called from now on whose names are taken by ours:
    NAME_original."""
    return {name: free_name(f"{name}_original", names) for name in taken if name in names}


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken yet: this one, with marks behind it where it is."""
    while name in taken:
        name += "_"
    return name


def check_fields(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of fields in the order of `NAMES`; raise `UsageError` for an unknown one."""
    if isinstance(names, str):
        raise UsageError(f"metadata is {names!r:.100}: give a list of names, such as [{names!r}]")
    try:
        wanted = list(names)
    except TypeError:
        raise UsageError(f"metadata is {names!r:.100}: give a list of names") from None
    for name in wanted:
        if name not in NAMES:
            raise UsageError(f"unknown metadata {name!r:.100}: choose from {', '.join(NAMES)}")
    return tuple(name for name in NAMES if name in wanted)
