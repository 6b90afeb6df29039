"""Author, date and title of a page: cleaner and its peers on the same pages.

    python benchmarks/metadata.py TRUTH...

TRUTH is JSON Lines, a page a line: `html`, `url` or null, and what is known of it: `author`, a list
of names, empty where the page names nobody; `date` as YYYY-MM-DD, or null where it tells none;
`headlines`, a list of what the story is called. What a line lacks is not judged on that page.
Prints a Markdown table: of the pages where a field is known, on how many each program is right,
says nothing, and is wrong; and where there is nothing to know, how often it says something.

An author is right where all names are there and no other, letters alone compared, without accents.
A title is right where it is a headline, with or without a kicker before it.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

KICKER = 40
"""Letters that a kicker has at most."""

Found = dict[str, Any]
"""`author`: a list of names; `date`, `title`: a text or None."""


def by_cleaner() -> Callable[[str, str | None], Found]:
    from cleaner import Cleaner

    cleaner = Cleaner()

    def read(html: str, url: str | None) -> Found:
        found = cleaner.label(html, kind="html", url=url).metadata
        names = (found["author"] or "").split("; ")
        return {"author": names, "date": found["date"], "title": found["title"]}

    return read


def by_trafilatura() -> Callable[[str, str | None], Found]:
    from trafilatura import extract_metadata

    def read(html: str, url: str | None) -> Found:
        found = extract_metadata(html, default_url=url)
        if found is None:
            return {}
        names = (found.author or "").split("; ")
        return {"author": names, "date": found.date, "title": found.title}

    return read


def by_newspaper() -> Callable[[str, str | None], Found]:
    from newspaper import Article

    def read(html: str, url: str | None) -> Found:
        article = Article(url or "https://news.example/", fetch_images=False)
        article.download(input_html=html)
        article.parse()
        day = article.publish_date
        date = day.strftime("%Y-%m-%d") if day else None
        return {"author": article.authors, "date": date, "title": article.title}

    return read


def by_htmldate() -> Callable[[str, str | None], Found]:
    from htmldate import find_date

    def read(html: str, url: str | None) -> Found:
        return {"date": find_date(html, url=url, original_date=True)}

    return read


PROGRAMS = {
    "cleaner": (by_cleaner, ("title", "author", "date")),
    "trafilatura": (by_trafilatura, ("title", "author", "date")),
    "newspaper4k": (by_newspaper, ("title", "author", "date")),
    "htmldate": (by_htmldate, ("date",)),
}
"""The programs, and what each tells."""


def letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if char.isalnum())


def is_same_title(title: str, headline: str) -> bool:
    short, long = sorted((letters(title), letters(headline)), key=len)
    return short == long or (len(short) >= 15 and long[-len(short) :] == short
                             and len(long) <= len(short) + KICKER)  # fmt: skip


def judge(field: str, said: Any, known: Any) -> str:
    """Say what became of a field: `right`, `nothing` or `wrong`; where there is nothing to know,
    `silent` or `made up`."""
    if field == "author":
        said = {letters(name) for name in said or () if letters(name)}
        known = {letters(name) for name in known}
        right = said == known
    elif field == "title":
        right = bool(said) and any(is_same_title(said, headline) for headline in known)
    else:
        right = said == known
    if not known:
        return "made up" if said else "silent"
    return "right" if right else "wrong" if said else "nothing"


def read_pages(paths: Iterable[Path]) -> list[dict[str, Any]]:
    pages = []
    for path in paths:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            pages += [json.loads(line) for line in lines]
    return pages


def measure(pages: list[dict[str, Any]], verbose: bool) -> Iterable[str]:
    yield "| | field | pages | right | nothing | wrong | nothing to know | made up |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, (load, fields) in PROGRAMS.items():
        read = load()
        counts: dict[str, Counter[str]] = {field: Counter() for field in fields}
        for page in pages:
            html = re.sub(r"^\s*<\?xml[^>]*\?>", "", page["html"])
            try:
                found = read(html, page.get("url"))
            except Exception as error:  # what a program can't read, it says nothing of
                click.echo(f"{name}: {type(error).__name__}: {error}", err=True)
                found = {}
            for field in fields:
                known = page.get("headlines" if field == "title" else field, ...)
                if known is ...:
                    continue
                became = judge(field, found.get(field), known)
                counts[field][became] += 1
                if verbose and became in ("wrong", "nothing", "made up"):
                    about = f"{page.get('id')}: {found.get(field)!r:.120}, not {known!r:.120}"
                    click.echo(f"{name} {field} {became}: {about}", err=True)
        for field, count in counts.items():
            known = count["right"] + count["nothing"] + count["wrong"]
            none = count["silent"] + count["made up"]
            share = f"{count['right'] / known:.3f}" if known else "-"
            yield (
                f"| {name} | {field} | {known} | {share} | {count['nothing']} | {count['wrong']} "
                f"| {none} | {count['made up']} |"
            )


@click.command(help=__doc__.partition("\n")[0])
@click.argument("truth", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--verbose", is_flag=True, help="Tell of each page that is not right.")
def main(truth: tuple[Path, ...], verbose: bool) -> None:
    logging.disable(logging.ERROR)
    warnings.simplefilter("ignore")
    for line in measure(read_pages(truth), verbose):
        click.echo(line)


if __name__ == "__main__":
    main()
