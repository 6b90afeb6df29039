"""The extractors whose output is rendered as views."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec

import justext
import trafilatura

from cleaner.pages.html import split_html
from cleaner.pages.text import split_text
from cleaner.training.data import LabelledPage

Extractor = Callable[[LabelledPage], str]


@cache
def extractors() -> dict[str, Extractor]:
    """The extractors whose output is rendered: those that come with trafilatura, and those of the
    extra `extractors` that are installed."""
    found: dict[str, Extractor] = {
        "trafilatura": lambda page: trafilatura.extract(page.html) or "",
        "trafilatura-precision": lambda page: (
            trafilatura.extract(page.html, favor_precision=True) or ""
        ),
        "trafilatura-recall": lambda page: trafilatura.extract(page.html, favor_recall=True) or "",
        "justext": _justext,
    }
    if find_spec("readability"):
        found["readability"] = _readability
    if find_spec("resiliparse"):
        found["resiliparse"] = _resiliparse
    return found


def extract_lines(extract: Extractor, page: LabelledPage) -> list[str]:
    """The paragraphs that an extractor leaves of a page; none where it fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            return split_text(extract(page))
        except Exception:  # an extractor may fail on a page in any way: it then has no view of it
            return []
        finally:
            logging.disable(logging.NOTSET)


_STOPLISTS = {
    "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian",
    "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "sv": "Swedish",
    "tr": "Turkish", "da": "Danish", "no": "Norwegian_Bokmal", "cs": "Czech", "ar": "Arabic",
}  # fmt: skip


def _justext(page: LabelledPage) -> str:
    name = _STOPLISTS.get(page.language)
    if name is None:
        return ""
    found = justext.justext(page.html, justext.get_stoplist(name))
    return "\n".join(p.text for p in found if not p.is_boilerplate)


def _readability(page: LabelledPage) -> str:
    from readability import Document

    return "\n".join(split_html(Document(page.html).summary()).texts)


def _resiliparse(page: LabelledPage) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(page.html, main_content=True, alt_texts=False))
