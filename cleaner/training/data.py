"""Labelled pages from JSON Lines: reading them, and which of their lines are the story.

A line is a page, the annotation of a page that another line holds, or a single paragraph that was
written for training.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from cleaner.errors import PageError, UsageError
from cleaner.labels import ID, LABELS
from cleaner.training.annotations import Annotation, annotate, parse

NO_ARTICLE = "no-article"
"""The type of a page that a person says is no article, and nothing more."""

OTHER_TYPES = ("listing", "collection", "product", "service", "forum", NO_ARTICLE)
"""Types of page that are no article, whatever stands on them."""

UNKNOWN = -1
"""Label of a paragraph that is not trained on and not counted."""

UNKNOWN_LANGUAGE = "und"
"""The language of a page that does not say it, as BCP 47 has it."""

TEXT_KINDS = ("whole", "extractor", "appended", "flat")
"""Kinds of text that a page without HTML may be."""

MAX_LINE_BYTES = 100_000_000
"""Bytes of a line, which are read at once: no page has so many."""


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """One page of the data: with labelled paragraphs, with a `body`, or both."""

    id: str
    site: str
    language: str
    type: str | None
    title: str
    html: str
    """Empty for a page that is text or Markdown only."""
    paragraphs: tuple[tuple[str, int], ...]
    """Text and label id of each paragraph; empty where the page is not labelled."""
    body: str
    kind: str
    """For a page that is text only, which kind of text it is; "written" for a single paragraph that
    was written for training; "markdown" for a page that came so; else "html"."""
    url: str = ""
    text: str = ""
    """The source of a page that came as text; empty where only its paragraphs are known."""
    markdown: str = ""
    """The source of a page that came as Markdown, else empty."""
    confirmed: tuple[bool, ...] = ()
    """Of each paragraph, whether a person stands by its label; empty where one does by all."""

    @property
    def told(self) -> tuple[tuple[str, int, bool], ...]:
        """Text and label id of each paragraph, and whether a person stands by it."""
        confirmed = self.confirmed or (True,) * len(self.paragraphs)
        pairs = zip(self.paragraphs, confirmed, strict=True)
        return tuple((text, label, sure) for (text, label), sure in pairs)

    @property
    def has_story(self) -> bool:
        """Whether a labelled page holds a story."""
        return self.kind != "written" and any(
            label == ID["article"] for _, label in self.paragraphs
        )


def read_pages(data: Iterable[Path]) -> list[LabelledPage]:
    """Read the pages of files and folders of `.jsonl` and `.jsonl.gz` that bring labels or a body.

    Raises `UsageError`, naming file and line, for a file that can't be read as such, and for an
    annotation without its page.
    """
    pages: list[LabelledPage] = []
    annotations: dict[str, tuple[str, Annotation]] = {}
    for path in _files(data):
        try:
            with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
                lines = iter(partial(file.readline, MAX_LINE_BYTES + 1), b"")
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        _read_line(line, f"{path}:{number}", pages, annotations)
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"{path}: can't be read ({reason})") from None
    pages = [_annotated(page, annotations) for page in pages]
    for where, _ in annotations.values():
        raise UsageError(f"{where}: labels a page that none of the data holds; give its file too")
    pages = [page for page in pages if page.paragraphs or page.body]
    if not pages:
        raise UsageError("the data holds no page with labelled paragraphs")
    return pages


def as_confirmed(page: LabelledPage) -> LabelledPage:
    """A page with the labels that a person stands by: the others are `UNKNOWN`, and of a page that
    is no article nothing is of a story."""
    if page.type == NO_ARTICLE:
        paragraphs = tuple((text, ID["boilerplate"]) for text, _ in page.paragraphs)
    else:
        paragraphs = tuple((text, label if sure else UNKNOWN) for text, label, sure in page.told)
    return replace(page, paragraphs=paragraphs)


def _files(data: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in data:
        if path.is_dir():
            named = sorted([*path.glob("*.jsonl"), *path.glob("*.jsonl.gz")])
            found = [file for file in named if file.is_file()]
            if not found:
                raise UsageError(f"{path}: holds no .jsonl or .jsonl.gz file")
            files += found
        elif path.is_file():
            files.append(path)
        else:
            raise UsageError(f"{path}: no such file or folder")
    return files


def _read_line(
    line: bytes,
    where: str,
    pages: list[LabelledPage],
    annotations: dict[str, tuple[str, Annotation]],
) -> None:
    if len(line) > MAX_LINE_BYTES:
        raise UsageError(
            f"{where}: is longer than {MAX_LINE_BYTES / 1e6:,.0f} MB, which no page is"
        )
    try:
        row = orjson.loads(line.removeprefix(codecs.BOM_UTF8))  # as editors put it there
        if "hashes" in row:
            annotations[str(row["id"])] = where, parse(row["hashes"], row["labels"])
        elif "about" in row:
            pages.append(_read_written(row))
        else:
            pages.append(_read_page(row))
    except orjson.JSONDecodeError as error:
        is_html = line.lstrip().startswith(b"<")
        what = "what Save downloads in a page of cleaner review" if is_html else "an object a line"
        raise UsageError(f"{where}: is no JSON ({error}); give {what}") from None
    except KeyError as error:
        key = error.args[0]
        what = f"unknown label {key!r}: choose from {', '.join(LABELS)}"
        lacks = key in ("id", "text", "label", "labels")
        raise UsageError(f"{where}: {f'lacks the field {key!r}' if lacks else what}") from None
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None
    except (TypeError, AttributeError):
        raise UsageError(
            f"{where}: is no labelled page; see seeds/README.md for the form"
        ) from None


def _read_page(row: dict[str, Any]) -> LabelledPage:
    id = str(row["id"])
    html = _text(row, "html")
    markdown = "" if html else _text(row, "markdown")
    kind = _text(row, "kind")
    language = _text(row, "language") or UNKNOWN_LANGUAGE
    if not (html or markdown) and kind and kind not in TEXT_KINDS:
        raise ValueError(f"unknown kind {kind!r}: choose from {', '.join(TEXT_KINDS)}")
    if not language.isprintable():
        raise ValueError(f"{language!r} is no language")
    paragraphs = row.get("paragraphs") or ()
    confirmed = tuple(_flag(p, "confirmed") for p in paragraphs)
    return LabelledPage(
        id=id,
        site=_text(row, "site") or id,
        language=language,
        type=_text(row, "type") or None,
        title=_text(row, "title"),
        html=html,
        paragraphs=tuple((_string(p["text"], "text"), ID[p["label"]]) for p in paragraphs),
        body=_text(row, "body"),
        kind="html" if html else "markdown" if markdown else kind or "whole",
        url=_text(row, "url"),
        text="" if html or markdown else _text(row, "text"),
        markdown=markdown,
        confirmed=() if all(confirmed) else confirmed,
    )


def _read_written(row: dict[str, Any]) -> LabelledPage:
    text = _string(row["text"], "text")
    if not text.strip():
        raise ValueError("the field 'text' is empty")
    name = f"written {blake2b(text.encode(), digest_size=8).hexdigest()}"
    paragraphs = ((text, ID[row["label"]]),)
    return LabelledPage(name, name, _text(row, "language"), None, "", "", paragraphs, "", "written")


def _text(row: dict[str, Any], key: str) -> str:
    """A field that holds a string; empty where it is missing or null."""
    value = row.get(key)
    return "" if value is None else _string(value, key)


def _flag(row: dict[str, Any], key: str) -> bool:
    """A field that is true or false; true where it is missing."""
    value = row.get(key, True)
    if not isinstance(value, bool):
        raise ValueError(f"the field {key!r} is neither true nor false")
    return value


def _string(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"the field {key!r} is no string")
    return value


def _annotated(page: LabelledPage, annotations: dict[str, tuple[str, Annotation]]) -> LabelledPage:
    """Lay its annotation, which is used up, on a page that has no labels yet."""
    _, annotation = annotations.pop(page.id, (None, None))
    if annotation is None or page.paragraphs:
        return page
    try:
        return replace(page, paragraphs=annotate(page.html, annotation))
    except PageError as error:
        raise UsageError(f"page {page.id!r}: {error}; take it out of the data") from None
