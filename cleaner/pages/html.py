"""HTML into paragraphs: every visible text block in page order, with its place in the tree."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Container
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lxml import etree

from cleaner.pages.blocks import BlockCollector, Collected
from cleaner.pages.bounds import MAX_ELEMENTS, MAX_PARAGRAPHS, MAX_SEARCHED, keep_to
from cleaner.pages.charset import START, mend
from cleaner.pages.hidden import choose_shown
from cleaner.pages.page import PageText

if TYPE_CHECKING:
    from cleaner.pages.styles import StyledBlocks

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


def split_html(source: str) -> PageText:
    """Parse an HTML page, however broken, and split it into its visible text blocks.

    Raises `PageError` for a page that holds more than any article (`bounds.py`).
    """
    found = _collect(source, BlockCollector)
    texts, markup = found.texts, found.markup
    keep_to(MAX_PARAGRAPHS, len(texts), "paragraphs")
    if markup.body:
        markup = replace(markup, body=markup.body[: MAX_SEARCHED // max(len(texts), 1)])
    return PageText("html", texts, markup)


def split_styled(source: str) -> StyledBlocks:
    """Split an HTML page into the same blocks, with what stands in each: bold, links and the like.

    Raises `PageError` as `split_html` does.
    """
    from cleaner.pages.styles import StyleCollector, StyledBlocks  # seldom asked for

    found = _collect(source, StyleCollector)
    assert isinstance(found, StyledBlocks)
    return found


def encode(source: str) -> bytes:
    """Return an HTML page in UTF-8, as the parser can take it: control characters are dropped, and
    half an emoji becomes U+FFFD."""
    data = mend(source).encode().removeprefix(BOM_UTF8).translate(None, _CONTROL)
    for nothing in ("\ufffe", "\uffff"):
        data = data.replace(nothing.encode(), b"")
    if b"&#" in data:
        data = _CONTROL_REFERENCE.sub(b" ", data)
    if _CLOSED_ROOT.search(data, 0, START):
        data = _CLOSED_ROOT.sub(rb"\1>", data, count=1)
    return data


PARSER = {
    "encoding": "utf-8",
    "huge_tree": True,
    "collect_ids": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""Options of lxml's parser for an encoded page."""


def parse(data: bytes, new_parser: Callable[[], etree.HTMLParser]) -> Any:
    """Parse an encoded page that is not empty; return its tree, or what a parser's target makes of
    it.

    Some versions of libxml2 give up within a page, at 2048 levels: then it is parsed again without
    what nests.
    """
    for nested in (None, _CONTAINER, _HEADING):
        if nested:
            data = nested.sub(b"<br><br>", data)
        parser = new_parser()
        found = etree.fromstring(data, parser)
        if all(entry.type_name != "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
            break
    return found


def _collect(source: str, collector: type[BlockCollector]) -> Collected:
    """Have a page collected while it is parsed."""
    data = encode(source)
    keep_to(MAX_ELEMENTS, data.count(b"<") - data.count(b"</"), "elements")
    return collect(data if data.strip() else b"<html>", collector)


def collect(data: bytes, collector: type[BlockCollector] = BlockCollector) -> Collected:
    """Collect the visible blocks of an encoded page that is not empty, with a `collector`."""

    def read(shown: Container[int]) -> Collected:
        found: Collected = parse(data, lambda: etree.HTMLParser(target=collector(shown), **PARSER))
        return found

    found = read(())
    shown = choose_shown(found)
    return read(shown) if shown else found  # once more, with the story that was hidden
