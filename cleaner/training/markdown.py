"""A labelled page's HTML turned into Markdown, as crawlers for language models hand it over."""

from __future__ import annotations

import json
import random
import re
import textwrap

from cleaner.pages.html import split_styled
from cleaner.structure.markdown import html_to_markdown
from cleaner.training.data import LabelledPage

LINKS, WRAPPED, HEADED = 0.85, 0.2, 0.4
"""Chances that links are left in, that text is wrapped at a column, and that fields stand before
it."""

COLUMN = 78
"""Where html2text wraps."""

_TEXT = re.compile(r"[^\W\d_]|[\[*\"“]\S")
"""How a line begins that is text, and no item, heading, table or picture."""


def page_to_markdown(page: LabelledPage, rng: random.Random) -> str:
    """Turn the whole of a page with HTML into Markdown, menus and all. Raises `PageError` for one
    that can't be split."""
    styled = split_styled(page.html)
    everything = range(len(styled.texts))
    links = rng.random() < LINKS
    text = html_to_markdown(styled, everything, (), (), page.url or None, links)
    if rng.random() < WRAPPED:
        text = _wrap(text)
    title = next(iter(styled.markup.titles[-1:]), "")
    if title and rng.random() < HEADED:
        text = _head(title, page.url, rng) + text
    return text


def _head(title: str, url: str, rng: random.Random) -> str:
    if rng.random() < 0.5:
        return f"Title: {title}\n\nURL Source: {url}\n\nMarkdown Content:\n"
    return f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\nurl: {url}\n---\n\n"


def _wrap(text: str) -> str:
    lines: list[str] = []
    for line in text.split("\n"):
        if len(line) > COLUMN and _TEXT.match(line):
            lines += textwrap.wrap(line, COLUMN, break_long_words=False, break_on_hyphens=False)
        else:
            lines.append(line)
    return "\n".join(lines)
