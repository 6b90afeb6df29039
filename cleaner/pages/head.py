"""What a page says of itself: its titles, the story's text in JSON-LD, and its metadata."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import NamedTuple

import trafilatura
from lxml.html import Element, HtmlElement
from trafilatura.metadata import extract_title

from cleaner.pages.bounds import MOST_TITLES, TITLE_CHARS
from cleaner.pages.detect import mend

METADATA = ("author", "date", "site_name")
"""What is read of a page beside its title."""


class Head(NamedTuple):
    """What a page calls itself."""

    title: str | None
    """As trafilatura reads it, None where the page has none."""
    titles: tuple[str, ...]
    """`<title>`, `og:title`, `twitter:title`, and `headline` in JSON-LD."""
    body: str
    """The longest `articleBody` in JSON-LD, empty where there is none."""


def read_head(tree: HtmlElement, whole: bool) -> Head:
    """Return what a page calls itself, and the story's text where JSON-LD brings it.

    Where it is not `whole` that trafilatura may read, it is given the head alone.
    """
    titles = [tree.findtext(".//title") or ""]
    titles += [
        meta.get("content", "")
        for meta in tree.iter("meta")
        if meta.get("property") == "og:title" or meta.get("name") == "twitter:title"
    ]
    body = ""
    for script in tree.iter("script"):
        if script.get("type") == "application/ld+json" and script.text:
            try:
                data = json.loads(script.text, strict=False)
            except (ValueError, RecursionError):
                continue
            for item in _json_items(data):
                if isinstance(headline := item.get("headline"), str):
                    titles.append(headline)
                if isinstance(text := item.get("articleBody"), str) and len(text) > len(body):
                    body = text
    named = dict.fromkeys(mend(t.strip()[:TITLE_CHARS]) for t in titles if t.strip())
    title = None
    with _at_best():
        title = extract_title(tree if whole else _head_alone(tree))
    return Head(title or None, tuple(named)[:MOST_TITLES], mend(body))


def read_metadata(tree: HtmlElement, url: str | None, whole: bool) -> dict[str, str | None]:
    """Return author, date and site name as trafilatura reads them, each None where unknown."""
    found: dict[str, str | None] = {}
    with _at_best():
        read = trafilatura.extract_metadata(tree if whole else _head_alone(tree), default_url=url)
        found = {"author": read.author, "date": read.date, "site_name": read.sitename}
    return {name: mend(value) if (value := found.get(name)) else None for name in METADATA}


@contextmanager
def _at_best() -> Iterator[None]:
    """Do without what trafilatura reads where it stumbles over what a page says."""
    try:
        yield
    except MemoryError:
        raise
    except Exception:
        return


def _head_alone(tree: HtmlElement) -> HtmlElement:
    """A page with what its head holds and nothing else."""
    page, head = Element("html"), tree.find("head")
    page.append(Element("head"))
    page[0].extend(copy(part) for part in ([] if head is None else head) if not len(part))
    return page


def _json_items(data: object) -> list[dict[str, object]]:
    """The objects of a JSON-LD script: at the top, in a list, or in `@graph`."""
    items, waiting = [], [data]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += reversed(part)
        elif isinstance(part, dict):
            items.append(part)
            waiting.append(part.get("@graph"))
    return items
