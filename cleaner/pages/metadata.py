"""Author, date and site name of an HTML page, as trafilatura reads them."""

from __future__ import annotations

from copy import copy
from functools import partial

from lxml.html import Element, HtmlElement, HTMLParser

from cleaner.pages.bounds import READ_BYTES, READ_TAGS
from cleaner.pages.charset import mend
from cleaner.pages.html import PARSER, encode, parse

METADATA = ("author", "date", "site_name")
"""What is read of a page beside its title."""


def read_metadata(source: str, url: str | None = None) -> dict[str, str | None]:
    """Return author, date and site name, each None where the page does not say.

    Of a huge page trafilatura is given the head alone (`bounds.py`), and where it stumbles over
    what a page says, all are None.
    """
    from trafilatura import extract_metadata  # slow to import, and seldom asked for

    data = encode(source)
    tree = parse(data, partial(HTMLParser, **PARSER)) if data.strip() else None
    if tree is None:
        return dict.fromkeys(METADATA)
    if len(data) > READ_BYTES or data.count(b"<") > READ_TAGS:
        tree = _head_alone(tree)
    found: dict[str, str | None] = {}
    try:
        read = extract_metadata(tree, default_url=url)
        found = {"author": read.author, "date": read.date, "site_name": read.sitename}
    except MemoryError:
        raise
    except Exception:
        pass
    return {name: mend(value) if (value := found.get(name)) else None for name in METADATA}


def _head_alone(tree: HtmlElement) -> HtmlElement:
    """A page with what its head holds and nothing else."""
    page, head = Element("html"), tree.find("head")
    page.append(Element("head"))
    page[0].extend(copy(part) for part in ([] if head is None else head) if not len(part))
    return page
