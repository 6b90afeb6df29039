"""The fields before the text of a page of Markdown, as crawlers and generators of sites put them
there: YAML, TOML, or the lines of Jina's reader.

YAML is read line by line, as crawlers write it: `title: Storm: the day after` is none to a parser,
and would take all other fields with it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

HEAD_FIELDS = {
    "<title>{}</title>": ("title",),
    '<link rel="canonical" href="{}">': ("url source", "url", "source", "link", "canonical"),
    '<meta name="author" content="{}">': ("author", "authors", "byline"),
    '<meta property="article:published_time" content="{}">': (
        "published time", "date", "published", "publish_date", "pubdate", "created",
    ),
    '<meta name="content-language" content="{}">': ("language", "lang"),
    '<meta name="description" content="{}">': ("description", "summary", "excerpt"),
    '<meta name="keywords" content="{}">': ("tags", "keywords", "categories"),
    '<meta property="og:site_name" content="{}">': ("site_name", "sitename", "site", "hostname"),
    '<meta property="og:image" content="{}">': ("image", "og:image", "thumbnail"),
}  # fmt: skip
"""What is read, by names that it has there, and as the head of an HTML page says it."""

_YAML = re.compile(
    r"\ufeff?---[ \t]*(?:\r\n?|\n)((?:[^\r\n]*(?:\r\n?|\n)){1,200}?)"
    r"(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|\Z)"
)
_TOML = re.compile(
    r"\ufeff?\+\+\+[ \t]*(?:\r\n?|\n)((?:[^\r\n]*(?:\r\n?|\n)){1,200}?)\+\+\+[ \t]*(?:\r\n?|\n|\Z)"
)
_READER = re.compile(
    r"\ufeff?\s*(Title:(?:[^\r\n]*(?:\r\n?|\n)){1,30}?)Markdown Content:[ \t]*(?:\r\n?|\n|\Z)"
)
"""What Jina's reader puts there."""

_FIELD = re.compile(r"([A-Za-z][\w: -]{0,40}?):(?:[ \t]+(.*))?")
_ITEM = re.compile(r"[ \t]*-[ \t]+(?:name:[ \t]+)?(.*)")
"""A line of a list, or of a list of people."""
_FOLDED = frozenset(("|", ">", "|-", ">-", "|+", ">+"))
"""Values that stand in the indented lines below."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields before a page's text."""

    end: int = 0
    """Where in the page they end."""
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The values of each, by names in lower case."""

    def html(self) -> str:
        """Return them as the head of an HTML page says the same."""
        parts = []
        for tag, names in HEAD_FIELDS.items():
            values = next((self.fields[name] for name in names if self.fields.get(name)), ())
            if values:
                parts.append(tag.format(escape(", ".join(values))))
        return "".join(parts)


def read_front_matter(source: str) -> FrontMatter:
    """Read the fields that stand before the text; where none do, the text begins at 0."""
    if found := _TOML.match(source):
        fields = _read_toml(found[1])
    elif found := _YAML.match(source) or _READER.match(source):
        fields = _read_lines(found[1].splitlines())
    if not (found and any(fields.values())):  # such as a line between two others
        return FrontMatter()
    return FrontMatter(found.end(), fields)


def _read_lines(lines: Sequence[str]) -> dict[str, list[str]]:
    """Read fields of YAML, a line each, and their lists and indented texts; the first of a name
    counts."""
    fields: dict[str, list[str]] = {}
    values: list[str] = []
    folded = False
    for line in lines:
        if found := _FIELD.fullmatch(line):
            text = (found[2] or "").strip()
            folded = text in _FOLDED
            values = [] if folded else [*_values(text)]
            fields.setdefault(found[1].lower(), values)
        elif folded:
            values[:] = [" ".join([*values, line.strip()])]
        elif found := _ITEM.fullmatch(line):
            values += _values(found[1].strip())
    return fields


def _values(text: str) -> Iterator[str]:
    """Yield what a value says: the items of a list in brackets, or itself, without its quotes."""
    try:
        value = json.loads(text) if text[:1] in ('"', "[") else text  # YAML may hold JSON
    except (ValueError, RecursionError):
        value = text[1:-1].split(",") if text[:1] == "[" and text[-1:] == "]" else text
    for one in value if isinstance(value, list) else [value]:
        if said := one.strip().strip("\"'") if isinstance(one, str) else "":
            yield said


def _read_toml(text: str) -> dict[str, list[str]]:
    """Read fields of TOML, with those of its tables, which Hugo has tags in."""
    try:
        found = tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n"))
    except (ValueError, RecursionError):
        return {}
    tables = [table for table in found.values() if isinstance(table, dict)]
    fields: dict[str, list[str]] = {}
    for name, value in (item for table in (found, *tables) for item in table.items()):
        values = value if isinstance(value, list) else [value]
        said = [str(one) for one in values if not isinstance(one, dict | list)]
        fields.setdefault(name.lower(), said)
    return fields
