"""What HTML says of itself: in JSON-LD, `meta` and microdata, and as trafilatura reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import partial
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import Element, HtmlElement, HTMLParser

from cleaner.metadata.dates import parse_date
from cleaner.metadata.language import without_region
from cleaner.metadata.names import split_names
from cleaner.pages.bounds import READ_BYTES, READ_TAGS
from cleaner.pages.charset import mend
from cleaner.pages.head import JSON_LD, items_of, read_json
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
    found = list(islice(_items(tree), MAX_ITEMS))
    known = {item["@id"]: item for item in found if isinstance(item.get("@id"), str)}
    metas = _metas(tree)
    read = _as_trafilatura_reads(tree, data, url)
    base = _absolute(tree.xpath("string(//base/@href)"), url) or url
    address = _address(tree, metas, read.get("url"), base)
    items = _of_page([item for item in found if _is_article(item)], address or url)

    def said(field: str, *parts: str) -> list[str]:
        return [text for item in items for text in _texts(item.get(field), parts, known)]

    dates = [*said("datePublished"), *(metas.get(name, [""])[0] for name in DATE_METAS)]
    dates += _microdata(tree, "datePublished")
    authors = [said("author", "name"), *(metas.get(name, []) for name in AUTHOR_METAS)]
    authors.append(_microdata(tree, "author", "name"))
    keywords = said("keywords", "name") or _microdata(tree, "keywords", "name")
    images = [read.get("image"), *said("image", "url", "contentUrl")]
    images += _microdata(tree, "image", "url", "contentUrl")
    return Declared(
        authors=next((names for texts in authors if (names := split_names(texts))), ()),
        date=next((day for value in dates if (day := parse_date(value))), None),
        language=_language(said("inLanguage"), metas, tree),
        guessed_authors=split_names([read.get("author") or ""]),
        guessed_date=parse_date(read.get("date")),
        site_name=_text(read.get("sitename")),
        url=_text(address),
        description=_first_text([read.get("description"), *said("description")]),
        image=_first_text(_absolute(image, base or address) for image in images),
        tags=_tags([*(read.get("tags") or keywords), *(read.get("categories") or ())]),
        page_type=_text(read.get("pagetype")),
    )


def _items(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD."""
    for script in tree.iter("script"):
        if script.get("type", "").lower().startswith(JSON_LD):
            try:
                data = read_json(script.text_content())
            except (ValueError, RecursionError):
                continue
            yield from items_of(data)


def _of_page(items: list[dict[str, Any]], address: str | None) -> list[dict[str, Any]]:
    """Those articles that have the address of the page; where none has, all of them."""
    page = _place(address)
    own = [item for item in items if page and page in map(_place, _addresses(item))]
    return own or items


def _addresses(item: dict[str, Any]) -> Iterator[object]:
    for value in (item.get(field) for field in ("url", "@id", "mainEntityOfPage")):
        yield from (value.get("@id"), value.get("url")) if isinstance(value, dict) else (value,)


def _place(address: object) -> str:
    """What of an address tells a page from the others of its site; empty of none."""
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
    except ValueError:  # a host in brackets that is no address
        return ""
    path = parts.path.rstrip("/") if parts else ""
    return f"{parts.netloc.lower().removeprefix('www.')}{path}" if parts and path else ""


def _is_article(item: dict[str, Any]) -> bool:
    types = item.get("@type")
    types = types if isinstance(types, list) else [types]
    return "headline" in item or any(
        isinstance(type, str) and type.endswith(("Article", "Posting", "Report")) for type in types
    )


def _texts(value: object, parts: Iterable[str], known: dict[str, dict[str, Any]]) -> list[str]:
    """The texts in a field of JSON-LD: a text, an object with one of these parts, one that is named
    by its `@id` and told of elsewhere on the page, or a list of them."""
    texts: list[object] = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            told = one, known.get(str(one.get("@id")), {})
            one = next((about[part] for part in parts for about in told if about.get(part)), None)
        texts += one if isinstance(one, list) else [one]
    return [unescape(text) for text in texts if isinstance(text, str)]


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    """What the `meta` elements say, by their names in lower case."""
    metas: dict[str, list[str]] = {}
    for meta in islice(tree.iter("meta"), MAX_METAS):
        content = meta.get("content")
        for attribute in ("property", "name", "itemprop"):
            name = (meta.get(attribute) or "").lower()
            if name and content:
                metas.setdefault(name, []).append(content)
    return metas


def _microdata(tree: HtmlElement, name: str, *parts: str) -> list[str]:
    """The values of a property, or of a part of it, in the first object that has it and is no
    comment; where no object is marked, those side by side."""
    values: list[str] = []
    first: HtmlElement | None = None
    for element in islice(tree.iterfind(f".//*[@itemprop='{name}']"), MAX_PROPERTIES):
        above = list(element.iterancestors())
        around = [e.get("itemtype", "") + e.get("itemprop", "") for e in above]
        if any("Comment" in about or "comment" in about for about in around):
            continue
        scope = next((e for e in above if e.get("itemscope") is not None), element.getparent())
        if not values or scope is first:
            first = scope
            inner = (element.find(f".//*[@itemprop='{part}']") for part in parts)
            values.append(_value(next((e for e in inner if e is not None), element)))
    return values


def _value(element: HtmlElement) -> str:
    """What an element of microdata says: in an attribute, else its text."""
    names = ["content", "datetime", "src", *(["href"] if element.tag == "link" else [])]
    given = next((value for name in names if (value := element.get(name))), "")
    text: str = given or element.text_content()
    return text[:MAX_CHARS]


def _address(
    tree: HtmlElement, metas: dict[str, list[str]], read: str | None, base: str | None
) -> str | None:
    """The address that the page has for its own: as trafilatura reads it, but for a relative one,
    for which it would give that of the page."""
    if read and read != base:
        return read
    links = [link.get("href") for link in tree.iter("link") if link.get("rel") == "canonical"]
    found = (_absolute(address, base) for address in (*metas.get("og:url", ()), *links))
    return next((address for address in found if address), read)


def _absolute(address: object, base: str | None) -> str | None:
    """An address from where the page stands; None where it can't be told, or is none of the web."""
    try:
        joined = urljoin(base or "", address.strip()) if isinstance(address, str) else ""
        parts = urlsplit(joined)
    except ValueError:  # a host in brackets that is no address
        return None
    return joined if parts.scheme in ("http", "https") and parts.netloc else None


def _language(given: list[str], metas: dict[str, list[str]], tree: HtmlElement) -> str | None:
    """The language that is declared, without its country."""
    metas_say = (metas.get(name, [""])[0] for name in ("og:locale", "content-language"))
    for value in (*given, tree.get("lang", ""), *metas_say):
        code = without_region(value)
        if 2 <= len(code) <= 3 and code.isascii() and code.isalpha():
            return code
    return None


def _first_text(values: Iterable[object]) -> str | None:
    return next((text for value in values if (text := _text(value))), None)


def _text(value: object) -> str | None:
    text = " ".join(value[:MAX_CHARS].split()) if isinstance(value, str) else ""
    return mend(text) or None


def _tags(values: Iterable[object]) -> tuple[str, ...]:
    parts = [part for value in values if isinstance(value, str) for part in re.split("[,;]", value)]
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
