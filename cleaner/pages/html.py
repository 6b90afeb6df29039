"""HTML into paragraphs: every visible text block in page order, with its place in the tree."""

from __future__ import annotations

import json
import re

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, fromstring
from trafilatura.metadata import extract_title
from trafilatura.utils import HTML_PARSER, decode_file

from cleaner.pages.detect import mend
from cleaner.pages.page import Block, Container, Markup, PageText

INVISIBLE = frozenset(
    """
    script style noscript template head title meta link iframe object embed svg canvas audio
    video picture source img input textarea select option optgroup datalist map area param
    track
    """.split()
)
"""Elements whose text no reader sees as text of the page."""

INLINE = frozenset(
    """
    a abbr acronym b bdi bdo big br cite code data del dfn em font i ins kbd label mark math
    mi mn mo mrow msub msup mtext nobr q rp rt ruby s samp semantics small span strike strong
    sub sup time tt u var wbr
    """.split()
)
"""Elements that do not end a block; any other element does."""

APART = frozenset("a label small span time".split())
"""Inline elements that pages set side by side without white space, as menus and bylines do: two
in a row are words apart. A single letter before is a drop cap or an animated word."""

_CONTAINER = re.compile(
    r"</?(?!(?:p|h[1-6]|li|br|title|script|style|head|body|html|meta)\b)[a-z][^<>]*>", re.I
)
"""Any tag but those of blocks and of what no reader sees."""

MARKED = ("class", "id", "role", "itemprop", "rel", "data-testid", "data-component", "aria-label")
"""Attributes whose words tell what an element is for."""

_BLOCK, _INLINE, _INVISIBLE = range(3)
_KIND = dict.fromkeys((*INVISIBLE, etree.Comment, etree.PI, etree.Entity), _INVISIBLE)
_KIND |= dict.fromkeys(INLINE, _INLINE)


def split_html(source: str | bytes) -> PageText:
    """Parse an HTML page, however broken, and split it into its visible text blocks."""
    tree = parse(source)
    if tree is None:
        return PageText("html", [], markup=Markup([], []))
    titles, body = _head(tree)
    title = extract_title(tree) or None
    markup = split_tree(tree)
    markup.titles = titles
    markup.body = body
    return PageText("html", [block.text for block in markup.blocks], title, markup)


def parse(source: str | bytes) -> HtmlElement | None:
    """Return the tree of an HTML page, None where it holds nothing.

    `trafilatura.load_html` decodes and repairs. It refuses fragments; they are wrapped. A NUL,
    which lxml can't hold, is dropped, and half an emoji becomes U+FFFD.
    """
    if isinstance(source, str):
        source = source.replace("\0", "")
        try:
            source.encode()
        except UnicodeEncodeError:  # half an emoji, at which the parser would end the page
            source = mend(source)
    elif b"\0" in source and not source.startswith((b"\xff\xfe", b"\xfe\xff")):
        source = source.replace(b"\0", b"")
    if not source.strip():
        return None
    tree = trafilatura.load_html(source)
    if tree is None:
        text = source if isinstance(source, str) else decode_file(source)
        tree = trafilatura.load_html(f"<html><body>{text}</body></html>")
    return _parse_deep(source) if _too_deep(HTML_PARSER) else tree


def _too_deep(parser: HTMLParser) -> bool:
    """Say whether the parser gave up within a page: by default it does at 256 levels."""
    return any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)


def _parse_deep(source: str | bytes) -> HtmlElement | None:
    """Parse a page that is nested beyond reason: as it is, or without its containers."""
    text = source if isinstance(source, str) else decode_file(source)
    for page in (text, _CONTAINER.sub("<br><br>", text)):
        parser = HTMLParser(huge_tree=True, encoding="utf-8", remove_comments=True, remove_pis=True)
        tree = fromstring(page.encode("utf-8", "replace"), parser=parser)
        if not _too_deep(parser):
            break
    return tree


def _head(tree: HtmlElement) -> tuple[tuple[str, ...], str]:
    """Return what the page calls itself, and the story's text where JSON-LD brings it."""
    titles = [tree.findtext(".//title") or ""]
    titles += tree.xpath("//meta[@property='og:title' or @name='twitter:title']/@content")
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
    return tuple(dict.fromkeys(t.strip() for t in titles if t.strip())), body


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


def _hidden(element: HtmlElement, names: list[str]) -> bool:
    if "hidden" in names:
        return True
    return "style" in names and "display:none" in element.get("style").replace(" ", "").lower()


def _marks(element: HtmlElement, names: list[str]) -> str:
    get = element.get
    return " ".join([value for name in MARKED if name in names and (value := get(name))])


def split_tree(tree: HtmlElement) -> Markup:
    """Split a parsed page into its visible text blocks.

    Text of inline elements is joined, with a space between two of `APART`; a block element, or two
    line breaks in a row, ends a block.
    White space is folded. The walk is iterative: depth costs no stack.
    """
    containers = [Container("html", -1, "")]
    blocks: list[Block] = []
    parts: list[str] = []
    block = Block()
    stack = [0]
    in_link = 0
    breaks = 0
    closed = False

    def flush() -> None:
        """End the block, where something stands in it."""
        nonlocal block, breaks, closed
        closed = False
        text = " ".join("".join(parts).split())
        parts.clear()
        breaks = 0
        if text:
            block.text = text
            block.container = stack[-1]
            blocks.append(block)
        block = Block()

    def add(text: str) -> None:
        nonlocal breaks, closed
        closed = False
        parts.append(text)
        if not text.isspace():
            breaks = 0
            block.chars += len(text)
            if in_link:
                block.link_chars += len(text)

    skipped = None
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        kind = _KIND.get(tag, _BLOCK)
        if event == "start":
            names = () if kind == _INVISIBLE else element.keys()
            if kind == _INVISIBLE or (names and _hidden(element, names)):
                walk.skip_subtree()
                skipped = element
                continue
            marks = _marks(element, names) if names else ""
            if kind == _INLINE:
                if tag == "br":
                    parts.append("\n")
                    breaks += 1
                    if breaks == 2:
                        flush()
                    continue
                if closed and tag in APART and len(parts[-1]) > 1:
                    parts.append(" ")
                if tag == "a":
                    in_link += 1
                    block.links.append(element.get("href") or "")
                if marks or tag != "span":
                    block.inline.append(f"{tag} {marks}")
            else:
                if parts or block.inline:
                    flush()
                stack.append(len(containers))
                containers.append(Container(tag, stack[-2], marks))
            if text := element.text:
                add(text)
        else:
            if element is skipped:
                pass
            elif kind == _INLINE:
                in_link -= tag == "a"
                closed = tag in APART and bool(parts)
            else:
                if parts or block.inline:
                    flush()
                stack.pop()
            if element is not tree and (text := element.tail):
                add(text)
    flush()
    return Markup(blocks, containers)


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
