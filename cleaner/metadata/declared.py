"""What HTML says of itself: in JSON-LD, `meta` and microdata, and as trafilatura reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from lxml.html import Element, HtmlElement, HTMLParser

from cleaner.metadata.dates import parse_date
from cleaner.metadata.names import split_names
from cleaner.pages.bounds import READ_BYTES, READ_TAGS
from cleaner.pages.charset import mend
from cleaner.pages.head import items_of
from cleaner.pages.html import PARSER, encode, parse

MAX_ITEMS, MAX_METAS, MAX_PROPERTIES = 1_000, 1_000, 100
"""Objects of JSON-LD, `meta` elements, and elements of microdata that are looked at."""

MAX_CHARS = 1_000
"""Characters of a value; a description has up to 500."""

MAX_TAGS = 50

AUTHOR_METAS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator",
                "dcterms.creator", "byl", "citation_author")  # fmt: skip
DATE_METAS = ("article:published_time", "og:article:published_time", "datepublished",
              "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued", "dc.date",
              "publish-date", "publishdate", "pubdate", "citation_publication_date",
              "date")  # fmt: skip
"""Names of `meta` elements, the one to trust most first."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a page says of itself, each None or empty where it does not say."""

    authors: tuple[str, ...] = ()
    """Names, as they are written there."""
    date: str | None = None
    language: str | None = None
    guessed_authors: tuple[str, ...] = ()
    """What trafilatura takes for its authors, somewhere on the page."""
    guessed_date: str | None = None
    """What it takes for its date."""
    site_name: str | None = None
    url: str | None = None
    description: str | None = None
    image: str | None = None
    tags: tuple[str, ...] = ()
    page_type: str | None = None


def read_declared(source: str, url: str | None = None) -> Declared:
    """Return what an HTML page says of itself.

    Of a huge page trafilatura is given the head alone (`bounds.py`), and where it stumbles over
    what a page says, nothing is taken from it.
    """
    data = encode(source)
    tree = parse(data, partial(HTMLParser, **PARSER)) if data.strip() else None
    if tree is None:
        return Declared()
    items = [item for item in _items(tree) if _is_article(item)]
    metas = _metas(tree)
    dated = [
        *(item.get("datePublished") for item in items),
        *(metas.get(name) for name in DATE_METAS),
        *_microdata(tree, "datePublished"),
    ]
    names = [name for item in items for name in _names(item.get("author"))]
    named = [metas.get(name, "") for name in AUTHOR_METAS]
    named += _microdata(tree, "author")
    read = _as_trafilatura_reads(tree, data, url)
    return Declared(
        authors=_first([split_names(names), *(split_names([text]) for text in named)]),
        date=next((day for value in dated if (day := parse_date(value))), None),
        language=_language([item.get("inLanguage") for item in items], metas, tree),
        guessed_authors=split_names([read.get("author") or ""]),
        guessed_date=parse_date(read.get("date")),
        site_name=_text(read.get("sitename")),
        url=_text(read.get("url")),
        description=_text(read.get("description")),
        image=_text(read.get("image")),
        tags=_tags([*(read.get("tags") or ()), *(read.get("categories") or ())]),
        page_type=_text(read.get("pagetype")),
    )


def _first(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return next((names for names in lists if names), ())


def _items(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    count = 0
    for script in tree.iter("script"):
        if script.get("type") == "application/ld+json":
            try:
                data = json.loads(script.text_content(), strict=False)
            except (ValueError, RecursionError):
                continue
            for item in items_of(data):
                yield item
                count += 1
                if count >= MAX_ITEMS:
                    return


def _is_article(item: dict[str, Any]) -> bool:
    types = item.get("@type")
    types = types if isinstance(types, list) else [types]
    return "headline" in item or any(
        isinstance(type, str) and type.endswith(("Article", "Posting", "Report")) for type in types
    )


def _names(value: object) -> list[str]:
    """The names in an author of JSON-LD: a text, a person, or a list of them."""
    names: list[str] = []
    for one in value if isinstance(value, list) else [value]:
        name = one.get("name") if isinstance(one, dict) else one
        names += [n for n in (name if isinstance(name, list) else [name]) if isinstance(n, str)]
    return names


def _metas(tree: HtmlElement) -> dict[str, str]:
    """The `meta` elements by name, in lower case; the first of a name counts, but of citations all
    authors do."""
    metas: dict[str, str] = {}
    for number, meta in enumerate(tree.iter("meta")):
        if number >= MAX_METAS:
            break
        content = meta.get("content")
        for attribute in ("property", "name", "itemprop"):
            name = (meta.get(attribute) or "").lower()
            if name == "citation_author" and content and name in metas:
                metas[name] += f"; {content}"
            elif name and content:
                metas.setdefault(name, content)
    return metas


def _microdata(tree: HtmlElement, name: str) -> list[str]:
    """The first value of a property of an element that stands in no comment."""
    for element in islice(tree.iterfind(f".//*[@itemprop='{name}']"), MAX_PROPERTIES):
        around = (e.get("itemtype", "") + e.get("itemprop", "") for e in element.iterancestors())
        if any("Comment" in about or "comment" in about for about in around):
            continue
        inner = element.find(".//*[@itemprop='name']")
        part = element if inner is None else inner
        value = part.get("content") or part.get("datetime") or part.text_content()
        return [value[:MAX_CHARS]]
    return []


def _language(given: list[object], metas: dict[str, str], tree: HtmlElement) -> str | None:
    """The language that is declared, without its country."""
    for value in (*given, tree.get("lang"), metas.get("og:locale"), metas.get("content-language")):
        code = value.replace("_", "-").split("-")[0].lower() if isinstance(value, str) else ""
        if 2 <= len(code) <= 3 and code.isascii() and code.isalpha():
            return code
    return None


def _text(value: object) -> str | None:
    text = " ".join(value[:MAX_CHARS].split()) if isinstance(value, str) else ""
    return mend(text) or None


def _tags(values: Iterable[object]) -> tuple[str, ...]:
    parts = [part for value in values if isinstance(value, str) for part in value.split(",")]
    texts = (_text(part) for part in parts)
    return tuple(dict.fromkeys(text for text in texts if text))[:MAX_TAGS]


def _as_trafilatura_reads(tree: HtmlElement, data: bytes, url: str | None) -> dict[str, Any]:
    from trafilatura import extract_metadata  # slow to import, and seldom asked for

    if len(data) > READ_BYTES or data.count(b"<") > READ_TAGS:
        tree = _head_alone(tree)
    try:
        # Not extensive: of a page that does not say, it would guess a day.
        found: dict[str, Any] = extract_metadata(tree, default_url=url, extensive=False).as_dict()
    except MemoryError:
        raise
    except Exception:
        return {}
    return found


def _head_alone(tree: HtmlElement) -> HtmlElement:
    """A page with what its head holds and nothing else."""
    page, head = Element("html"), tree.find("head")
    page.append(Element("head"))
    page[0].extend(copy(part) for part in ([] if head is None else head) if not len(part))
    return page
