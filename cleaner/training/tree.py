"""Change labelled pages, their HTML and their labels alike: put lines into the story or another
story behind it, take away the names that tell what an element is for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from itertools import count, groupby, product, repeat, takewhile
from random import Random
from string import ascii_lowercase, digits
from typing import Any, NamedTuple

from lxml import etree

from cleaner.labels import ID, STORY_IDS
from cleaner.pages.blocks import BLOCK, INVISIBLE, ROOTS, is_hidden
from cleaner.pages.html import PARSER, encode, parse, split_html
from cleaner.pages.text import letters_of
from cleaner.training.align import carry_labels, find_places
from cleaner.training.data import LabelledPage

NAMES = ("class", "id", "data-testid", "data-component")
"""Attributes in which the makers of a page name its elements. `role`, `itemprop` and the like say
the same to machines, and stay."""

PREFIXES, HASH_SIGNS, HASH_LENGTH = ("", "_", "css-", "sc-"), ascii_lowercase + digits, 6
"""What builds of style sheets make names of."""

_Span = tuple[int, int]
"""Where letters of a page begin and end."""


class Line(NamedTuple):
    """A paragraph to put into a page."""

    text: str
    label: int
    elements: tuple[tuple[str, str], ...] = ()
    """Tag and classes of the elements around it, from the outermost to its own; none for an element
    like that of the paragraph before."""


class _Tree(NamedTuple):
    """Where the letters stand that a reader of a page sees."""

    root: Any
    blocks: dict[_Span, Any]
    """The innermost block element that holds just these letters."""
    paragraphs: list[_Span | None]
    """The letters of each labelled paragraph, None where they were not found."""


def insert_paragraphs(page: LabelledPage, place: int, lines: Sequence[Line]) -> LabelledPage | None:
    """Put lines behind the paragraph `page.paragraphs[place]`, as siblings of its element.

    Neighbours with the same elements around their own stand in them together. None where no element
    holds that paragraph and nothing else. Where a page gets lines at several places, begin with the
    last: the places before it stay what they were.
    """
    tree = _read(page)
    span = tree.paragraphs[place]
    element = None if span is None else tree.blocks.get(span)
    if element is None:
        return None
    _put_behind(element, _new_elements(lines, element))
    return _with_lines(page, tree, place + 1, [(line.text, line.label) for line in lines])


def append_story(page: LabelledPage, other: LabelledPage) -> LabelledPage | None:
    """Put another page's story behind this one's: the smallest element that holds all of it behind
    the smallest one that holds all of this.

    What belongs to the other story, and all that stands within it, becomes `related-links`, but for
    what is sponsored. None where a story has no element to itself.
    """
    tree, of_other = _read(page), _read(other)
    home, source = _around_story(page, tree), _around_story(other, of_other)
    if home is None or source is None:
        return None
    story = deepcopy(of_other.blocks[source])
    _put_behind(tree.blocks[home], [story])
    return _with_lines(page, tree, _last_row(page, tree, home) + 1, _of_another(story, other))


def strip_names(page: LabelledPage) -> LabelledPage:
    """Take the `NAMES` of all elements away. Those of hidden ones, which no reader sees, stay."""
    return _rename(page, lambda _: "")


def hash_names(page: LabelledPage, rng: Random) -> LabelledPage:
    """Rename the classes as builds of style sheets do, the same class the same everywhere: to
    hashes as "css-1x2y3z", or to "a", "b" and so on. All other names are taken away as by
    `strip_names`."""
    prefix = rng.choice(PREFIXES)
    hashes = (prefix + "".join(rng.choices(HASH_SIGNS, k=HASH_LENGTH)) for _ in repeat(None))
    letters = ("".join(name) for n in count(1) for name in product(ascii_lowercase, repeat=n))
    new = defaultdict[str, str](partial(next, rng.choice((hashes, letters))))
    return _rename(page, lambda classes: " ".join(new[name] for name in classes.split()))


def _rename(page: LabelledPage, rename: Callable[[str], str]) -> LabelledPage:
    root = _parse(page)
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        if not _is_seen(element):
            walk.skip_subtree()
            continue
        classes = rename(element.get("class", ""))
        for name in NAMES:
            if name == "class" and classes:
                element.set(name, classes)
            else:
                element.attrib.pop(name, None)
    return replace(page, html=_written(root))


def _parse(page: LabelledPage) -> Any:
    data = encode(page.html)
    root = parse(data, partial(etree.HTMLParser, **PARSER)) if data.strip() else None
    return etree.Element("html") if root is None else root


def _written(element: Any) -> str:
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def _is_seen(element: Any) -> bool:
    return element.tag not in INVISIBLE and not is_hidden(element.tag, element.attrib)


def _read(page: LabelledPage) -> _Tree:
    root = _parse(page)
    parts = [""]
    begins: list[int] = []
    size = 0
    blocks: dict[_Span, Any] = {}
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            begins.append(size)
            if not _is_seen(element):
                walk.skip_subtree()
                continue
            text = element.text
        else:
            span = begins.pop(), size
            if element.tag in BLOCK and element.tag not in ROOTS:
                blocks.setdefault(span, element)
            text = element.tail
        if text:
            parts.append(letters_of(text))
            size += len(parts[-1])
    wanted = [letters_of(text) for text, _ in page.paragraphs]
    places = find_places(wanted, "".join(parts))
    spans = [
        None if begin is None else (begin, begin + len(text))
        for text, begin in zip(wanted, places, strict=True)
    ]
    return _Tree(root, blocks, spans)


def _put_behind(element: Any, new: Sequence[Any]) -> None:
    """Put new elements straight behind one, before the text that follows it."""
    tail, element.tail = element.tail, None
    for one in reversed(new):
        one.tail = None
        element.addnext(one)
    [element, *new][-1].tail = tail


def _new_elements(lines: Sequence[Line], like: Any) -> list[Any]:
    """The elements of some lines, one for all neighbours that stand in the same."""
    result = []
    for around, run in groupby(lines, lambda line: line.elements[:-1]):
        made = [_of_line(line, like) for line in run]
        for kind in reversed(around):
            box = _element(*kind)
            box.extend(made)
            made = [box]
        result += made
    return result


def _of_line(line: Line, like: Any) -> Any:
    if line.elements:
        element = _element(*line.elements[-1])
    else:
        element = deepcopy(like)
        del element[:]
        element.attrib.pop("id", None)
    element.text = line.text
    return element


def _element(tag: str, classes: str) -> Any:
    return etree.Element(tag, {"class": classes} if classes else {})


def _with_lines(
    page: LabelledPage, tree: _Tree, row: int, lines: Sequence[tuple[str, int]]
) -> LabelledPage:
    """The page as its tree now is, with the lines that came into it before paragraph `row`."""
    paragraphs = (*page.paragraphs[:row], *lines, *page.paragraphs[row:])
    return replace(page, html=_written(tree.root), paragraphs=paragraphs)


def _around_story(page: LabelledPage, tree: _Tree) -> _Span | None:
    """The letters of the smallest block element that holds all that was found of the story."""
    rows = zip(page.paragraphs, tree.paragraphs, strict=True)
    story = [span for (_, label), span in rows if span and label in STORY_IDS]
    if not story:
        return None
    begin, end = min(story)[0], max(end for _, end in story)
    around = [span for span in tree.blocks if span[0] <= begin and end <= span[1]]
    return min(around, key=lambda span: span[1] - span[0], default=None)


def _last_row(page: LabelledPage, tree: _Tree, home: _Span) -> int:
    """The last paragraph of an element that holds the story. Of those behind the story, the first
    that stands outside ends it: later ones may have been found in the wrong place."""
    found = [(row, span) for row, span in enumerate(tree.paragraphs) if span]
    story_end = max(row for row, _ in found if page.paragraphs[row][1] in STORY_IDS)
    behind = ((row, span) for row, span in found if row > story_end)
    inside = takewhile(lambda one: one[1][1] <= home[1], behind)
    return max((row for row, _ in inside), default=story_end)


def _of_another(story: Any, page: LabelledPage) -> list[tuple[str, int]]:
    """The blocks of an element with a page's story, labelled as those of another story."""
    texts = split_html(_written(story)).texts
    carried = carry_labels(texts, page.paragraphs)
    lines = [(text, label) for text, label in zip(texts, carried, strict=True) if label is not None]
    rows = [row for row, (_, label) in enumerate(lines) if label in STORY_IDS]
    within = range(rows[0], rows[-1] + 1) if rows else range(0)
    return [
        (text, ID["related-links"] if _joins(label, row in within) else label)
        for row, (text, label) in enumerate(lines)
    ]


def _joins(label: int, within: bool) -> bool:
    """Say whether a paragraph belongs to a story, by its label or as it stands within it."""
    if label == ID["sponsored"]:
        return False
    return within or label in (*STORY_IDS, ID["caption"])
