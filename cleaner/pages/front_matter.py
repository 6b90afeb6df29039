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

OURS = ("words", "kept_words", "is_article", "junk_probability")
KNOWN = frozenset(("layout", "draft", "slug", "permalink", *OURS)).union(
    *FIRST.values(), *EACH.values()
)
"""Names of which one must be there, in small letters: "Source: Reuters" between two lines of dashes
is a text. So are other names that are small words, two or more with short values."""

DESCRIPTIONS = frozenset(FIRST['<meta name="description" content="{}">'])
"""Names of what may be long."""

TABLES = frozenset(("taxonomies", "extra", "params"))
"""Tables of TOML whose fields are those of the page, as Hugo and Zola have them."""

MANY_WORDS, FEW_WORDS, SHORT_WORDS = 60, 12, 5
"""Words of a value from which it is a text: of any name, of one that begins with a capital, and of
one that is not known where no other is."""

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
"""What Jina's reader puts there, with a line `URL Source:` in it."""

_FIELD = re.compile(r"([A-Za-z][\w: -]{0,40}?):(?:[ \t]+(.*))?")
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)")
_WORD = re.compile(r"[a-z][a-z_-]*")

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
    parsed: Mapping[Any, Any] = {}
    if found := _TOML.match(start):
        parsed = _parse_toml(found[1])
    elif found := _YAML.match(start):
        parsed = _parse_yaml(found[1])
    elif found := _READER.match(start):
        lines = _parse_lines(found[1])
        parsed = {name.lower(): value for name, value in lines.items()}
        parsed = parsed if "url source" in parsed else {}
    if not found or not _are_fields(parsed):
        return FrontMatter()
    return FrontMatter(len(source) - len(start) + found.end(), _fields(parsed))


def _are_fields(parsed: Mapping[Any, Any]) -> bool:
    """Say whether what was parsed is told of a page, and is not its text."""
    words = {str(name): max((len(t.split()) for t in _texts(v)), default=0)
             for name, v in parsed.items()}  # fmt: skip
    for name, count in words.items():
        most = FEW_WORDS if name[:1].isupper() else MANY_WORDS
        if count > most and name.lower() not in DESCRIPTIONS:
            return False
    if not KNOWN.isdisjoint(words) or {"Title", "TITLE"}.intersection(words):
        return True
    return len(words) > 1 and all(
        _WORD.fullmatch(name) and count <= SHORT_WORDS for name, count in words.items()
    )


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


def _parse_yaml(text: str) -> Mapping[Any, Any]:
    """Parse YAML, all values as texts; what is none is read line by line, since crawlers write
    `title: Storm: the day after`, too."""
    import yaml  # slow to import

    if text.count("[") + text.count("{") > MAX_BRACKETS:
        return _parse_lines(text)
    try:
        found = yaml.load(text, yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        return _parse_lines(text)
    return found if isinstance(found, dict) else {}


def _parse_lines(text: str) -> dict[str, list[str]]:
    """Read fields that are a line each, with lists in the lines below; none where others stand."""
    fields: dict[str, list[str]] = {}
    values: list[str] | None = None
    for line in text.splitlines():
        if found := _FIELD.fullmatch(line):
            value = _bare(found[2] or "")
            values = fields.setdefault(found[1], [value] if value else [])
        elif (found := _ITEM.fullmatch(line)) and values is not None:
            values.append(_bare(found[1]))
        elif line.strip():
            return {}
    return fields


def _bare(value: str) -> str:
    """A value without its quotes."""
    return value.strip().strip("\"'")


def _parse_toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n"))
    except (ValueError, RecursionError):
        return {}


def _fields(parsed: Mapping[Any, Any]) -> dict[str, list[str]]:
    """The values of each field, by names in lower case; then those within `TABLES`."""
    tables = [v for name, v in parsed.items() if name in TABLES and isinstance(v, dict)]
    fields: dict[str, list[str]] = {}
    for name, value in (item for table in (parsed, *tables) for item in table.items()):
        fields.setdefault(str(name).lower(), [*_texts(value)])
    return {name: values for name, values in fields.items() if values}


def _texts(value: Any) -> Iterator[str]:
    """Yield what a value says: itself, the items of a list, of a person the name, of a picture the
    address."""
    for one in value if isinstance(value, list) else [value]:
        said = one.get("name") or one.get("url") if isinstance(one, dict) else one
        if not isinstance(said, dict | list | None) and (text := str(said).strip()) not in NULLS:
            yield text
