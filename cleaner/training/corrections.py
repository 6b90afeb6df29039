"""The form in which corrected pages are saved, a JSON object each; `data.py` reads it.

A page is saved whole, with every paragraph: what the model said of it, and which labels a person
stands by.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from cleaner.errors import encodable
from cleaner.pages import Page, decode_page
from cleaner.pages.charset import mend
from cleaner.pages.page import MODEL_OF
from cleaner.structure.addresses import find_base
from cleaner.training.data import NO_ARTICLE, UNKNOWN_LANGUAGE

ARTICLE = "article"
"""The type of a page that is one; of one that is none it is `data.NO_ARTICLE`."""


def corrected_page(
    page: Page,
    paragraphs: Iterable[tuple[str, str, bool]],
    fields: Mapping[str, object],
    *,
    id: str,
    site: str,
    title: str | None,
    is_article: bool,
    models: Mapping[str, str],
) -> dict[str, Any]:
    """Return the form of a page: `paragraphs` are its texts, their labels, and whether a person
    stands by each; `models` the hashes of the models that suggested them, by their kind.

    Its language and title are taken from the `fields` that it came with, where these have them;
    else `title` is its title. Raises `PageError` for a page that is no text.
    """
    kind, source = decode_page(page)
    language, given = fields.get("language"), fields.get("title")
    known = isinstance(language, str) and language.isprintable() and language != UNKNOWN_LANGUAGE
    title = given if isinstance(given, str) and given else title
    return {
        "id": encodable(id),
        "url": None if page.url is None else encodable(page.url),
        "site": encodable(site),
        "language": language if known else None,
        "type": ARTICLE if is_article else NO_ARTICLE,
        "title": None if title is None else encodable(title),
        kind: mend(source),
        "paragraphs": [
            {"text": text, "label": label, "confirmed": confirmed}
            for text, label, confirmed in paragraphs
        ],
        "model": models[MODEL_OF[kind]],
    }


def with_address(page: Page) -> Page:
    """Return a page with its URL: that which it was given, else what it calls its own."""
    from cleaner.pages.html import split_styled  # lxml is slow to import
    from cleaner.pages.markdown import to_html

    if page.url:
        return page
    kind, source = decode_page(page)
    if kind == "text":
        return page
    canonical = split_styled(to_html(source) if kind == "markdown" else source).canonical
    return replace(page, url=find_base(None, "", canonical) or None)


def site_of(url: str | None, where: str) -> str:
    """Return what tells a page's site from others: the registered domain of its URL, else its host,
    else the folder of the file that it came from."""
    from courlan import extract_domain  # slow to import

    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:  # half an address in brackets
        host = ""
    registered = extract_domain(url) if url else None
    return registered or host.removeprefix("www.") or os.path.dirname(where) or "."


class Ids:
    """Gives each page an id of its own: its URL, else where it came from."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def give(self, url: str | None, where: str) -> str:
        """Return the id of a page."""
        id, number = url or where, 1
        while id in self._taken:
            id = f"{url or where} ({where if number == 1 else f'{where}, {number}'})"
            number += 1
        self._taken.add(id)
        return id
