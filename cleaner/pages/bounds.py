"""What a page may hold, far beyond any real one, so that none takes time or memory without end.

Figures of real pages are those of 2,700 news pages of many sites.
"""

from __future__ import annotations

from cleaner.errors import PageError

MAX_PARAGRAPHS = 1_000_000
"""Paragraphs of a page; to label them takes about ten seconds. Real pages have up to 863."""

MAX_ELEMENTS = 1_000_000
"""Elements of a page; for metadata their tree takes 500 MB. Real pages have up to 6,431."""

MAX_ATTRIBUTES = 4_000
"""Attributes of a tag: where a tree is made, for metadata, libxml2 goes through all before each.
Real tags have up to 73."""

MAX_TITLES, TITLE_CHARS = 50, 1_000
"""Names of a page that are looked at, and characters of each. Real pages have up to 26 names, of up
to 319 characters."""

MAX_SEARCHED = 300_000_000
"""Characters of the story's text in JSON-LD, times the blocks that are looked for in it; of a text
beyond that the beginning is there. Real pages come to 20 million."""

READ_TAGS, READ_BYTES = 40_000, 2_000_000
"""Tags and bytes up to which trafilatura reads a page, and not its head alone: it copies headings
one by one with all that they hold, and they may hold each other. Real pages have up to 13,000 tags
and 400,000 bytes."""

GUESSED_BYTES = 1_000_000
"""Bytes of a page from which its charset is guessed, half of them from its end."""


MAX_MARKDOWN, MAX_LINES, MAX_SIGNS = 5_000_000, 50_000, 50_000
"""Characters, lines and signs of a page of Markdown, whose parser takes up to twenty seconds for
them. Real pages have up to 182,000, 2,500 and 2,100."""


def keep_to(most: int, count: int, things: str) -> None:
    """Raise `PageError` for a page that holds more of something than it may."""
    if count > most:
        raise PageError(f"holds {count:,} {things}, as no article does; at most {most:,} are read")
