"""What is known of a labelled page, from what it declares and what stands beside its headline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from cleaner.metadata.beside import Beside, find_author, find_date, find_named_day, lines_beside
from cleaner.metadata.dates import find_dates
from cleaner.metadata.declared import Declared, read_declared
from cleaner.metadata.fields import Metadata
from cleaner.pages.text import letters_of


def read_metadata(
    html: str | None,
    url: str | None,
    texts: Sequence[str],
    labels: Sequence[str],
    title: str | None,
) -> Metadata:
    """Return what is known of a page, given its HTML (None for a plain text), where it came from,
    its labelled paragraphs, and its title; its language is the one that it declares."""
    declared = Declared(url=url) if html is None else read_declared(html, url)
    beside = lines_beside(texts, labels)
    return {
        "title": title,
        "author": _author(declared, beside.behind),
        "date": _date(declared, beside),
        "site_name": declared.site_name,
        "url": declared.url or url,
        "language": declared.language,
        "description": declared.description,
        "image": declared.image,
        "tags": list(declared.tags) or None,
        "page_type": declared.page_type,
    }


def _author(declared: Declared, behind: Sequence[str]) -> str | None:
    """The byline beside the headline, as the page declares it where both name the same, or it names
    more; else what is declared; else what trafilatura takes for one, if it stands beside; else the
    name beside the day."""
    beside = letters_of(" ".join(behind).casefold())

    def stand_beside(names: Sequence[str]) -> bool:
        return bool(names) and all(letters_of(name.casefold()) in beside for name in names)

    names: Sequence[str] = find_author(behind)
    if stand_beside(declared.authors) or _letters(names) <= _letters(declared.authors):
        names = declared.authors
    if not names and stand_beside(declared.guessed_authors):
        names = [name for name in declared.guessed_authors if len(name.split()) > 1]
    names = names or find_named_day(behind)
    site = letters_of((declared.site_name or "").casefold())
    others = [name for name in names if not (site and _begins(name, site))]
    return "; ".join(others or names) or None


def _letters(names: Sequence[str]) -> set[str]:
    return {letters_of(name.casefold()) for name in names}


def _begins(name: str, letters: str) -> bool:
    return letters_of(name.casefold()).startswith(letters)


def _date(declared: Declared, beside: Beside) -> str | None:
    """What is declared, else the day beside the headline; else what trafilatura takes for one, if
    it stands near the headline or in the page's address.

    Where the first two are a day apart the page declares its time in another zone than it shows.
    """
    shown = find_date([*beside.behind, *beside.before])
    if shown and declared.date:
        is_other = abs(shown - date.fromisoformat(declared.date)) > timedelta(days=1)
        return declared.date if is_other else shown.isoformat()
    if shown or declared.date:
        return shown.isoformat() if shown else declared.date
    guessed = declared.guessed_date
    days = {day.isoformat() for line in beside.others for _, _, day in find_dates(line)}
    in_address = bool(guessed and guessed.replace("-", "/") in (declared.url or ""))
    return guessed if in_address or guessed in days else None
