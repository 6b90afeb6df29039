"""HTML into paragraphs: every visible text block in page order, with its place in the tree."""

from __future__ import annotations

import json
import re
import threading
from codecs import BOM_UTF8

import trafilatura
from lxml import etree
from lxml.html import Element, HtmlElement, HTMLParser
from trafilatura.metadata import extract_title
from trafilatura.utils import decode_file

from cleaner.pages.blocks import split_tags
from cleaner.pages.detect import SNIFF, mend
from cleaner.pages.page import Markup, PageText
from cleaner.pages.tags import read_tags

MOST_TITLES = 50
"""Names of a page that are looked at. Of 2,700 pages none had more than 26."""

_CONTAINER = re.compile(
    rb"</?(?!(?:p|h[1-6]|li|br|title|script|style|head|body|html|meta)\b)[a-z][^<>]*>", re.I
)
"""Any tag but those of blocks and of what no reader sees."""

_CONTROL = bytes({*range(32)} - set(b"\t\n\r"))
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:0*(?:[1-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d)"
    rb"|[xX]0*(?:[1-8bcefBCEF]|1[\da-fA-F]|[fF]{3}[eEfF])(?![\da-fA-F]));?"
)
"""Characters that neither XML nor trafilatura can hold."""

_CLOSED_ROOT = re.compile(rb"(<html\b[^<>]*?)\s*/>", re.I)
"""A page that ends with its beginning, as the parser would have it."""

_META_TITLES = etree.XPath("//meta[@property='og:title' or @name='twitter:title']/@content")

_END = re.compile(rb"</html\b[^<>]*>", re.I)


class _Parser(threading.local):
    """A parser for each thread: what it says of a page must be of that page."""

    def __init__(self) -> None:
        self.parser = HTMLParser(
            huge_tree=True,
            encoding="utf-8",
            collect_ids=False,
            remove_comments=True,
            remove_pis=True,
        )


_OWN = _Parser()


def split_html(source: str | bytes) -> PageText:
    """Parse an HTML page, however broken, and split it into its visible text blocks."""
    tree = parse(source)
    if tree is None:
        tree = Element("html")
    titles, body = _head(tree)
    title = extract_title(tree) or None
    texts, markup = split_tree(tree)
    markup.titles = titles
    markup.body = body
    return PageText("html", texts, title, markup)


def parse(source: str | bytes) -> HtmlElement | None:
    """Return the tree of an HTML page, None where it holds nothing.

    lxml repairs, and `trafilatura.utils.decode_file` decodes. Control characters are dropped, and
    half an emoji becomes U+FFFD.
    """
    text = source if isinstance(source, str) else decode_file(source)
    try:
        data = text.encode()
    except UnicodeEncodeError:  # half an emoji, at which the parser would end the page
        data = mend(text).encode()
    data = data.removeprefix(BOM_UTF8).translate(None, _CONTROL)
    data = data.replace("\ufffe".encode(), b"").replace("\uffff".encode(), b"")
    if b"&#" in data:
        data = _CONTROL_REFERENCE.sub(b" ", data)
    if _CLOSED_ROOT.search(data, 0, SNIFF):
        data = _CLOSED_ROOT.sub(rb"\1>", data, count=1)
    tree = _parse(data)
    if tree is not None and tree.getnext() is not None:  # the page goes on behind its end
        tree = _parse(_END.sub(b" ", data))
    return tree


def _parse(data: bytes) -> HtmlElement | None:
    """Parse a page; one that is nested beyond reason, without its containers."""
    if not data.strip():
        return None
    parser = _OWN.parser
    tree = etree.fromstring(data, parser)
    # Some versions of libxml2 give up within a page, at 2048 levels.
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        tree = etree.fromstring(_CONTAINER.sub(b"<br><br>", data), parser)
    return tree


def _head(tree: HtmlElement) -> tuple[tuple[str, ...], str]:
    """Return what the page calls itself, and the story's text where JSON-LD brings it."""
    titles = [tree.findtext(".//title") or ""]
    titles += _META_TITLES(tree)
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
    named = dict.fromkeys(t.strip() for t in titles if t.strip())
    return tuple(named)[:MOST_TITLES], body


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


def split_tree(tree: HtmlElement) -> tuple[list[str], Markup]:
    """Split a parsed page into its visible text blocks."""
    return split_tags(read_tags(tree))


def metadata(source: str | bytes, url: str | None = None) -> dict[str, str | None]:
    """Return author, date and site name of an HTML page as trafilatura reads them."""
    tree = parse(source)
    if tree is None:
        return {"author": None, "date": None, "site_name": None}
    found = trafilatura.extract_metadata(tree, default_url=url)
    return {
        "author": found.author or None,
        "date": found.date or None,
        "site_name": found.sitename or None,
    }
