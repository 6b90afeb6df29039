"""Where the paragraphs of a page stand in it: in a text from which character to which, in HTML in
which element."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from lxml import etree

from cleaner.pages.blocks import BlockCollector
from cleaner.pages.builder import MarkupBuilder
from cleaner.pages.charset import mend
from cleaner.pages.html import PARSER, collect, encode, parse
from cleaner.pages.page import Page, SourceLines
from cleaner.pages.split import decode_page

_PREFIXED = re.compile(r"(?<=/)([^/\[\]]*:[^/\[\]]*)")
"""A name in a path that XPath would take the part before the colon of for a namespace's."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paragraph stands: `begin` and `end` in a text, `xpath` in HTML."""

    begin: int | None = None
    end: int | None = None
    """Characters (code points) of the text, decoded: what is between, white space folded, is the
    paragraph's text with its own folded. Of Markdown the lines that it came from, signs and all."""
    xpath: str | None = None
    """That of the innermost element that is displayed as a block, and holds it."""


def find_places(
    page: Page, texts: Sequence[str], lines: SourceLines | None = None
) -> tuple[Place, ...]:
    """Return the places of the paragraphs of a page, given as `split_page` gives them; in Markdown
    they are those of their lines."""
    if lines:
        starts = lines.starts()
        return tuple(
            Place(
                starts[first],
                starts[first] + len(lines.source[starts[first] : starts[end]].rstrip("\r\n")),
            )
            for first, end in lines.of_paragraphs
        )
    kind, source = decode_page(page)
    if kind == "html":
        return tuple(Place(xpath=path) for path in _xpaths(source))
    return tuple(Place(begin, end) for begin, end in _spans(mend(source), texts))


def _spans(source: str, texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where each text begins and ends. Between its words and before it is white space alone,
    so each word is the next one of the source."""
    end = 0
    for text in texts:
        begin = source.index(text.split(maxsplit=1)[0], end)
        if source.startswith(text, begin):
            end = begin + len(text)
        else:  # it was wrapped
            end = begin
            for word in text.split():
                end = source.index(word, end) + len(word)
        yield begin, end


def _xpaths(source: str) -> Iterator[str]:
    """Yield the XPath of each block's element. The parser tells of start tags in the order of the
    tree, so an element is known by its number."""
    data = encode(source)
    if not data.strip():
        return
    markup = collect(data, _NumberedCollector).markup
    kinds = [int(values[0]) for _, values in markup.elements.kinds]
    numbers = [kinds[kind] for kind in markup.elements.kind[markup.blocks.element].tolist()]
    tree = parse(data, partial(etree.HTMLParser, **PARSER)).getroottree()
    wanted = set(numbers)
    paths = {
        n: _PREFIXED.sub(r"*[name()='\1']", tree.getpath(e))
        for n, e in enumerate(tree.iter("*"), 1)
        if n in wanted
    }
    root = tree.getpath(tree.getroot())  # of blocks that stand in no other element
    yield from (paths.get(number, root) for number in numbers)


class _NumberedBuilder(MarkupBuilder):
    """Has a kind for each element, which tells its number among all that begin."""

    number = 0

    def kind_of(self, tag: str, attributes: Mapping[str, str]) -> int:
        return super().kind_of(tag, {"id": str(self.number)})


class _NumberedCollector(BlockCollector):
    """Tells its builder the number of each element."""

    builder = _NumberedBuilder
    _page: _NumberedBuilder

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._page.number += 1
        super().start(tag, attributes)
