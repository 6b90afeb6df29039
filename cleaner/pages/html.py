"""HTML into paragraphs: every visible text block in page order, with its place in the tree."""

from __future__ import annotations

import re
import threading
from codecs import BOM_UTF8
from collections.abc import Mapping

from lxml import etree
from lxml.html import Element, HtmlElement, HTMLParser

from cleaner.pages.blocks import split_tags
from cleaner.pages.bounds import (
    FEW_BYTES,
    MOST_ATTRIBUTES,
    MOST_ELEMENTS,
    MOST_PARAGRAPHS,
    MOST_SEARCHED,
    READ_BYTES,
    READ_TAGS,
    keep_to,
)
from cleaner.pages.charset import decode_html
from cleaner.pages.detect import SNIFF, mend
from cleaner.pages.head import METADATA, read_head, read_metadata
from cleaner.pages.page import Markup, PageText
from cleaner.pages.tags import read_tags, read_xml, write_xml

_CONTAINER = re.compile(
    rb"</?(?!(?:p|h[1-6]|li|br|title|script|style|head|body|html|meta)\b)[a-z][^<>]*>", re.I
)
"""Any tag but those of blocks and of what no reader sees."""

_HEADING = re.compile(rb"</?h[1-6]\b[^<>]*>", re.I)
"""Of blocks, those that may be nested."""

_CONTROL = bytes({*range(32)} - set(b"\t\n\r"))
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:0*(?:[1-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d)"
    rb"|[xX]0*(?:[1-8bcefBCEF]|1[\da-fA-F]|[fF]{3}[eEfF])(?![\da-fA-F]));?"
)
"""Characters that neither XML nor trafilatura can hold."""

_CLOSED_ROOT = re.compile(rb"(<html\b[^<>]*?)\s*/>", re.I)
"""A page that ends with its beginning, as the parser would have it."""

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
    """Parse an HTML page, however broken, and split it into its visible text blocks.

    Raises `PageError` for a page that holds more than any article (`bounds.py`).
    """
    tree = parse(source)
    if tree is None:
        tree = Element("html")
    xml = write_xml(tree)
    head = read_head(tree, _is_whole(xml))
    del tree  # most of the memory that a large page takes
    texts, markup = split_tags(read_xml(xml) or read_tags(parse(source)))
    keep_to(MOST_PARAGRAPHS, len(texts), "paragraphs")
    markup.titles = head.titles
    markup.body = head.body[: MOST_SEARCHED // max(len(texts), 1)]
    return PageText("html", texts, head.title, markup)


def split_tree(tree: HtmlElement) -> tuple[list[str], Markup]:
    """Split a parsed page into its visible text blocks."""
    return split_tags(read_tags(tree))


def metadata(source: str | bytes, url: str | None = None) -> dict[str, str | None]:
    """Return author, date and site name of an HTML page as trafilatura reads them."""
    tree = parse(source)
    if tree is None:
        return dict.fromkeys(METADATA)
    return read_metadata(tree, url, _is_whole(write_xml(tree)))


def parse(source: str | bytes) -> HtmlElement | None:
    """Return the tree of an HTML page, None where it holds nothing.

    lxml repairs. Control characters are dropped, and half an emoji becomes U+FFFD. Raises
    `PageError` for more elements than any article has, or more attributes in one of them.
    """
    text = source if isinstance(source, str) else decode_html(source, None)
    data = mend(text).encode()
    data = data.removeprefix(BOM_UTF8).translate(None, _CONTROL)
    data = data.replace("\ufffe".encode(), b"").replace("\uffff".encode(), b"")
    if b"&#" in data:
        data = _CONTROL_REFERENCE.sub(b" ", data)
    if _CLOSED_ROOT.search(data, 0, SNIFF):
        data = _CLOSED_ROOT.sub(rb"\1>", data, count=1)
    keep_to(MOST_ELEMENTS, data.count(b"<") - data.count(b"</"), "elements")
    if len(data) > FEW_BYTES:
        keep_to(MOST_ATTRIBUTES, _most_attributes(data), "attributes in a tag")
    tree = _parse(data)
    if tree is not None and tree.getnext() is not None:  # the page goes on behind its end
        tree = _parse(_END.sub(b" ", data))
    return tree


def _most_attributes(data: bytes) -> int:
    """The attributes of the tag that has most of them."""
    counter = _Counter()
    etree.fromstring(data, HTMLParser(target=counter, huge_tree=True, encoding="utf-8"))
    return counter.most


class _Counter:
    """Counts attributes while a page is parsed, with no tree made of it."""

    most = 0

    def start(self, _tag: str, attributes: Mapping[str, str]) -> None:
        self.most = max(self.most, len(attributes))

    def close(self) -> None:
        pass


def _parse(data: bytes) -> HtmlElement | None:
    """Parse a page; one that is nested beyond reason, without what nests."""
    if not data.strip():
        return None
    parser = _OWN.parser
    tree = etree.fromstring(data, parser)
    for nested in (_CONTAINER, _HEADING):
        # Some versions of libxml2 give up within a page, at 2048 levels.
        if all(entry.type_name != "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
            break
        tree = None  # before as much comes again
        data = nested.sub(b"<br><br>", data)
        tree = etree.fromstring(data, parser)
    return tree


def _is_whole(xml: bytes) -> bool:
    """Whether trafilatura may read the whole page."""
    return len(xml) <= READ_BYTES and xml.count(b"<") <= READ_TAGS
