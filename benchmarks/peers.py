"""Cleaner and its peers behind one face, for `accuracy.py` and `speed.py`.

    python benchmarks/peers.py NAME FILE.jsonl > OUT.jsonl

reads a page a line and writes what the peer makes of it: the whole process that `speed.py` times.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Literal

import orjson

Extract = Callable[[str], str]


def cleaner(kind: Literal["html", "text"]) -> Extract:
    from cleaner import Cleaner

    loaded = Cleaner()
    return lambda page: loaded.clean(page, keep=["article"], kind=kind)


def trafilatura(**options: bool) -> Extract:
    from trafilatura import extract

    return lambda page: extract(page, **options) or ""


def readability() -> Extract:
    from lxml import html
    from readability import Document

    return lambda page: str(html.fromstring(Document(page).summary()).text_content())


def resiliparse() -> Extract:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda page: str(extract_plain_text(page, main_content=True, alt_texts=False))


def justext() -> Extract:
    import justext

    names = {"de": "German", "fr": "French", "es": "Spanish"}
    stoplists = {name: justext.get_stoplist(name) for name in ("English", *names.values())}

    def extract(page: str) -> str:
        found = re.search(r"<html[^>]*\blang=[\"']?(\w\w)", page[:2000], re.I)
        stoplist = stoplists[names.get(found[1] if found else "", "English")]
        paragraphs = justext.justext(page, stoplist)
        return "\n".join(p.text for p in paragraphs if not p.is_boilerplate)

    return extract


def newspaper() -> Extract:
    from newspaper import Article

    def extract(page: str) -> str:
        article = Article("https://example.com/", fetch_images=False)
        article.download(input_html=page)
        article.parse()
        return str(article.text)

    return extract


def boilerpy() -> Extract:
    from boilerpy3.extractors import ArticleExtractor

    return ArticleExtractor().get_content


EXTRACTORS: dict[str, tuple[str, Callable[[], Extract]]] = {
    "cleaner": ("article-cleaner", lambda: cleaner("html")),
    "trafilatura": ("trafilatura", trafilatura),
    "trafilatura, precision mode": ("trafilatura", lambda: trafilatura(favor_precision=True)),
    "trafilatura, recall mode": ("trafilatura", lambda: trafilatura(favor_recall=True)),
    "trafilatura, fast mode": ("trafilatura", lambda: trafilatura(fast=True)),
    "readability-lxml": ("readability-lxml", readability),
    "resiliparse": ("Resiliparse", resiliparse),
    "jusText": ("jusText", justext),
    "newspaper4k": ("newspaper4k", newspaper),
    "boilerpy3": ("boilerpy3", boilerpy),
}
"""Package and maker of each extractor: from a page's HTML to the text of its story."""

TEXT_EXTRACTORS: dict[str, tuple[str, Callable[[], Extract]]] = {
    "cleaner, plain text": ("article-cleaner", lambda: cleaner("text")),
}
"""The same for those that find the story in the text of a page, where its HTML is lost."""


def c4() -> Extract:
    from datatrove.data import Document
    from datatrove.pipeline.filters import C4QualityFilter

    return _filter(C4QualityFilter(), Document)


def fineweb() -> Extract:
    from datatrove.data import Document
    from datatrove.pipeline.filters import FineWebQualityFilter

    return _filter(FineWebQualityFilter(), Document)


def _filter(chosen: object, document: Callable[..., object]) -> Extract:
    def extract(page: str) -> str:
        row = document(text=page, id="")
        return str(row.text) if chosen.filter(row) is True else ""  # type: ignore[attr-defined]

    return extract


FILTERS: dict[str, tuple[str, Callable[[], Extract]]] = {
    "datatrove, C4 filter": ("datatrove", c4),
    "datatrove, FineWeb filter": ("datatrove", fineweb),
}
"""The same for filters of text."""


PROBE = "<html lang=en><body><p>The ferry came back on Monday. It was late.</p>\n" * 9


def shown(name: str) -> str:
    """A peer's name with its version."""
    package = (EXTRACTORS | TEXT_EXTRACTORS | FILTERS)[name][0]
    first, _, mode = name.partition(", ")
    return f"{first} {version(package)}" + (f", {mode}" if mode else "")


def main(name: str, path: str) -> None:
    warnings.simplefilter("ignore")
    extract = (EXTRACTORS | FILTERS)[name][1]()
    field = "html" if name in EXTRACTORS else "text"
    extract(PROBE)  # what is not installed shows here
    with open(path, "rb") as lines:
        for line in lines:
            row = orjson.loads(line)
            try:
                row["text"] = extract(row.pop(field))
            except Exception:  # a peer may fail in any way: it then found nothing
                row["text"] = ""
            sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main(*sys.argv[1:])
