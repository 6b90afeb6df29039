"""What a page is: plain text or HTML, in which charset, or no text at all."""

from __future__ import annotations

import codecs
import re
from typing import Literal

from cleaner.errors import PageError
from cleaner.pages.bounds import MOST_PARAGRAPHS, keep_to
from cleaner.pages.charset import decode_claimed, mend
from cleaner.pages.page import Page, PageText
from cleaner.pages.text import split_text

SNIFF = 4096
"""Characters at the beginning that tell what a page is."""

_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_TAG = re.compile(
    r"</?(?:a|article|b|body|br|div|em|figure|footer|h[1-6]|header|img|li|main|meta|nav|p|script|"
    r"section|span|strong|table|td|tr|ul)(?:\s[^<>]*)?/?>",
    re.I,
)
HTML_TAGS = 3
"""Tags among the first `SNIFF` characters that make a page HTML when it starts with one."""

_MAGIC = {
    b"%PDF-": "a PDF file",
    b"\x1f\x8b": "gzip data",
    b"\x28\xb5\x2f\xfd": "zstd data",
    b"PK\x03\x04": "a zip archive",
    b"PAR1": "a Parquet file",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x7fELF": "a program",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROL_SHARE = 0.1
"""Share of control characters among the first `SNIFF` bytes from which data is binary."""

_ACCENTED = "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒ"
_FOREIGN_TO_WESTERN = re.compile(
    rf"[^\x00-\x7f{_ACCENTED}ß«»“”‘’‚„–—…€£¥§©®°·•¡¿ªº\xa0]|[{_ACCENTED}]{{3}}"
)
"""What a text that is not Western shows when it is read as windows-1252: signs that no Western
language writes, or three accented letters in a row, as Cyrillic, Greek and Chinese do."""

BROKEN_SHARE = 0.1
"""Share of broken characters among the non-ASCII ones up to which a text still is UTF-8."""

_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\v\f\r\x1b")


def kind_of(source: str | bytes) -> Literal["text", "html"]:
    """Say whether a page is HTML or plain text, from its first characters."""
    start = source[: 2 * SNIFF]
    if isinstance(start, bytes):
        start = _decoded_start(start)
    start = start[:SNIFF].lstrip("\ufeff")
    if _HTML.match(start):
        return "html"
    tags = _TAG.findall(start)
    return "html" if len(tags) >= HTML_TAGS and start.lstrip().startswith("<") else "text"


def split_page(page: Page) -> PageText:
    """Decode a page and split it into paragraphs.

    Raises `PageError` for data that is no text, or more than any article (`bounds.py`). An empty
    page has no paragraphs. No text of a page holds half an emoji.
    """
    source = page.source
    if isinstance(source, bytes):
        source = bytes(source)  # numpy's are of a kind of their own
        refuse_binary(source)
        source = decode_claimed(source, page.charset)
    kind = kind_of(source) if page.kind == "auto" else page.kind
    if kind == "html":
        from cleaner.pages.html import split_html  # lxml and trafilatura are slow to import

        return split_html(source if isinstance(source, str) else decode(source))
    text = mend(source if isinstance(source, str) else decode(source))
    paragraphs = split_text(text)
    keep_to(MOST_PARAGRAPHS, len(paragraphs), "paragraphs")
    return PageText("text", paragraphs)


def refuse_binary(source: bytes) -> None:
    """Raise `PageError` where `source` is no text, saying what it looks like."""
    for magic, name in _MAGIC.items():
        if source.startswith(magic):
            raise PageError(f"this is {name}, not text or HTML; unpack or convert it first")
    if any(source.startswith(bom) for bom, _ in _BOMS):
        return
    start = source[:SNIFF]
    if len(start) - len(start.translate(None, _CONTROL)) > CONTROL_SHARE * len(start):
        raise PageError("this is binary data, not text or HTML")


def decode(source: bytes) -> str:
    """Decode a plain text: by its byte order mark, as UTF-8, or by a guess of its charset.

    A character cut off at the end, or a few broken ones, become U+FFFD.
    """
    for bom, encoding in _BOMS:
        if source.startswith(bom):
            return source.decode(encoding, errors="replace")
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_off = error.end == len(source) and error.reason == "unexpected end of data"
    text = source.decode("utf-8", errors="replace")
    # Broken or truncated UTF-8 still decodes nearly all of its non-ASCII characters.
    broken = text.count("\ufffd")
    if cut_off or broken <= BROKEN_SHARE * sum(c > "\x7f" for c in text):
        return text
    western = source.decode("cp1252", errors="replace")
    if not _FOREIGN_TO_WESTERN.search(western):
        return western
    from charset_normalizer import from_bytes

    best = from_bytes(source).best()
    return text if best is None else str(best)


def _decoded_start(start: bytes) -> str:
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return start.decode(encoding, errors="replace")
    return start.decode("latin-1")
