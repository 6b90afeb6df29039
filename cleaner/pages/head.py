"""What a page says of itself where no reader looks: its titles, and its story's text in JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cleaner.pages.bounds import MAX_TITLES, TITLE_CHARS
from cleaner.pages.charset import mend

HEAD_TAGS = frozenset(("title", "meta", "script"))
"""Elements that tell something of the page."""

JSON_LD = "application/ld+json"
"""The type of such a script, in any case, and perhaps with a charset."""

_AROUND = " \t\r\n/*"
"""White space, and the signs that make a comment of what is around JSON."""


class Head:
    """Collects while the page is parsed: it is told of `HEAD_TAGS` alone, and of the text in them.

    Of several `<title>` the first one counts, an icon may have another.
    """

    def __init__(self) -> None:
        self._title: list[str] | None = None
        self._titles: list[str] = []
        self._scripts: list[list[str]] = []
        self._reading: list[str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Note an element that begins."""
        if tag == "meta":
            names = attributes.get("property"), attributes.get("name")
            if names[0] == "og:title" or names[1] == "twitter:title":
                self._titles.append(attributes.get("content", ""))
        elif tag == "title" and self._title is None:
            self._reading = self._title = []
        elif tag == "script" and attributes.get("type", "").lower().startswith(JSON_LD):
            self._reading = []
            self._scripts.append(self._reading)

    def text(self, text: str) -> None:
        """Note what stands in the element that began last."""
        if self._reading is not None:
            self._reading.append(text)

    def end(self) -> None:
        """Note that it ends."""
        self._reading = None

    def close(self) -> tuple[tuple[str, ...], str]:
        """Return what the page calls itself, the best name first, and the longest text of a story
        in JSON-LD, empty where there is none."""
        titles, body = self._titles, ""
        for script in self._scripts:
            try:
                data = read_json("".join(script))
            except (ValueError, RecursionError):
                continue
            for item in items_of(data):
                if isinstance(headline := item.get("headline"), str):
                    titles.append(headline)
                if isinstance(text := item.get("articleBody"), str) and len(text) > len(body):
                    body = text
        titles.append("".join(self._title or ()))
        return _names(titles), mend(body)


def _names(titles: Iterable[str]) -> tuple[str, ...]:
    stripped = (" ".join(title[:TITLE_CHARS].split()) for title in titles)
    return tuple(dict.fromkeys(mend(title) for title in stripped if title))[:MAX_TITLES]


def read_json(script: str) -> Any:
    """Return the data of a script, which may stand in a comment or in CDATA. Raises ValueError, or
    RecursionError for what is too deep."""
    text = script.strip(_AROUND).removeprefix("<![CDATA[").removeprefix("<!--")
    text = text.removesuffix("]]>").removesuffix("-->")
    return json.loads(text.strip(_AROUND), strict=False)


def items_of(data: object) -> list[dict[str, object]]:
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
