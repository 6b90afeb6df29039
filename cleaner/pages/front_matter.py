"""The fields before the text of a page of Markdown, as crawlers and generators of sites put them
there: YAML, TOML, or the lines of Jina's reader; and how ours are written."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

FIRST = {
    "<title>{}</title>": ("title", "og:title"),
    '<link rel="canonical" href="{}">': (
        "url source", "url", "sourceurl", "source_url", "canonical", "canonical_url", "og:url",
        "source", "link",
    ),
    '<meta property="article:published_time" content="{}">': (
        "published time", "date", "published", "published_date", "publisheddate", "publish_date",
        "published_time", "publishedtime", "pubdate", "created",
    ),
    '<meta name="content-language" content="{}">': ("language", "lang"),
    '<meta name="description" content="{}">': (
        "description", "summary", "excerpt", "og:description",
    ),
    '<meta property="og:site_name" content="{}">': (
        "site_name", "sitename", "og:site_name", "site", "hostname",
    ),
    '<meta property="og:image" content="{}">': ("image", "og:image", "ogimage", "thumbnail"),
    '<meta property="og:type" content="{}">': ("page_type", "og:type"),
}  # fmt: skip
EACH = {
    '<meta name="author" content="{}">': ("author", "authors", "byline"),
    '<meta property="article:tag" content="{}">': ("tags", "keywords", "categories"),
}
"""What is read, by the names that it has there, and as the head of an HTML page says it: the first
value of these names, or each value of all."""

KNOWN = frozenset(("layout", "draft", "slug", "permalink")).union(*FIRST.values(), *EACH.values())
"""Names of which one must be there: what stands between two lines of dashes may be a text."""

MAX_LINES = 1_000

MAX_BRACKETS = 500
"""Of more, which no page has, the parser would take a second."""

_LINE = r"[^\r\n]*+(?>\r\n?|\n)"  # in one way alone: else a text without end marks takes for ever
_YAML = re.compile(
    rf"\s*---[ \t]*(?:\r\n?|\n)((?:{_LINE}){{1,{MAX_LINES}}}?)(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|\Z)"
)
_TOML = re.compile(
    rf"\s*\+\+\+[ \t]*(?:\r\n?|\n)((?:{_LINE}){{1,{MAX_LINES}}}?)\+\+\+[ \t]*(?:\r\n?|\n|\Z)"
)
_READER = re.compile(rf"\s*(Title:(?:{_LINE}){{1,30}}?)Markdown Content:[ \t]*(?:\r\n?|\n|\Z)")
"""What Jina's reader puts there."""

_FIELD = re.compile(r"([A-Za-z][\w: -]{0,40}?):(?:[ \t]+(.*))?")
_OTHER = re.compile(r"[ \t]*(?:#.*)?|[ \t]+.*|-[ \t].*")
"""A line of YAML that is no field: blank, a comment, or part of the value above."""

NULLS = frozenset(("", "~", "null", "Null", "NULL"))
"""What stands for no value."""

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""What JSON holds as it is, and YAML does not, or as a line break."""


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
        for tags, most in ((FIRST, 1), (EACH, None)):
            for tag, names in tags.items():
                values = dict.fromkeys(v for name in names for v in self.fields.get(name, ()))
                parts += [tag.format(escape(value)) for value in [*values][:most]]
        return "".join(parts)


def read_front_matter(source: str) -> FrontMatter:
    """Read the fields that stand before the text; where none do, the text begins at 0."""
    start = source.removeprefix("\ufeff")
    if found := _TOML.match(start):
        parsed = _parse_toml(found[1])
    elif found := _YAML.match(start):
        parsed = _parse_yaml(found[1])
    elif found := _READER.match(start):
        parsed = _parse_lines(found[1])
    if not found:
        return FrontMatter()
    fields = {name: values for name, values in _fields(parsed).items() if values}
    if KNOWN.isdisjoint(fields):
        return FrontMatter()
    return FrontMatter(len(source) - len(start) + found.end(), fields)


def write_front_matter(fields: Mapping[str, object]) -> str:
    """Return fields as YAML, to stand before a text: each as JSON, which YAML holds, without those
    that are None; "" where none is left."""
    lines = [
        f"{name}: {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in fields.items()
        if value is not None
    ]
    escaped = _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", "".join(lines))
    return f"---\n{escaped}---\n\n" if lines else ""


def _parse_yaml(text: str) -> dict[str, Any]:
    """Parse YAML, all values as texts; what is none is read line by line, since crawlers write
    `title: Storm: the day after`, too."""
    import yaml  # slow to import

    if text.count("[") + text.count("{") > MAX_BRACKETS:
        return _parse_lines(text, all_of_it=True)
    try:
        found = yaml.load(text, yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        return _parse_lines(text, all_of_it=True)
    return found if isinstance(found, dict) else {}


def _parse_lines(text: str, all_of_it: bool = False) -> dict[str, Any]:
    """Read the fields of which each is a line; with `all_of_it` none where other lines stand."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        if found := _FIELD.fullmatch(line):
            fields.setdefault(found[1], (found[2] or "").strip().strip("\"'"))
        elif all_of_it and not _OTHER.fullmatch(line):
            return {}
    return fields


def _parse_toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n"))
    except (ValueError, RecursionError):
        return {}


def _fields(parsed: Mapping[Any, Any]) -> dict[str, list[str]]:
    """The values of each field, by names in lower case; then those within tables, which Hugo has
    tags in."""
    tables = [table for table in parsed.values() if isinstance(table, dict)]
    fields: dict[str, list[str]] = {}
    for name, value in (item for table in (parsed, *tables) for item in table.items()):
        fields.setdefault(str(name).lower(), [*_texts(value)])
    return fields


def _texts(value: Any) -> Iterator[str]:
    """Yield what a value says: itself, the items of a list, of a person the name."""
    for one in value if isinstance(value, list) else [value]:
        said = one.get("name") if isinstance(one, dict) else one
        if not isinstance(said, dict | list | None) and (text := str(said).strip()) not in NULLS:
            yield text
