"""What each program makes of the pages, for `features.py`: each check says whether it does it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from feature_pages import FOOTER, MENU, NEAR, PAGE, SAME, SHOP, STORY, TEXT, TITLE, URL
from feature_site import site
from peers import EXTRACTORS, FILTERS, TEXT_EXTRACTORS
from tables import ROOT


def has_story(text: object) -> bool:
    """Whether a text holds all of the story, and neither the menu nor the footer."""
    words = " ".join(str(text).split())
    return all(part in words for part in STORY) and MENU[3] not in words and FOOTER not in words


def run(*command: object) -> str:
    """What a module prints as a command; nothing where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else ""


def file(name: str, content: str | bytes = PAGE) -> str:
    """The name of a new file with some content, in the folder of the check."""
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def as_lines(pages: list[str]) -> str:
    """Pages as JSON Lines."""
    return "".join(json.dumps({"id": str(n), "text": page}) + "\n" for n, page in enumerate(pages))


def is_markdown(text: str) -> bool:
    """Whether headings, bold, lists, tables and links are there as Markdown has them."""
    signs = ("## What", "**failed**", "- Two", "| Monday | two |", "[the council](")
    return all(sign in text for sign in signs)


# What each program makes of the page.


def label(page: str = PAGE, **options: Any) -> Any:
    from cleaner import Cleaner, Page

    return Cleaner(**options).label(Page(page, url=URL))


def trafilatura(**options: Any) -> str:
    from trafilatura import extract

    return extract(PAGE, url=URL, **options) or ""


def newspaper(html: str = PAGE) -> Any:
    from newspaper import Article

    found = Article(URL, fetch_images=False)
    found.download(input_html=html)
    found.parse()
    return found


def readability() -> Any:
    from readability import Document

    return Document(PAGE, url=URL)


def resiliparse(**options: Any) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(PAGE, main_content=True, **options))


def justext(**options: Any) -> list[Any]:
    import justext

    return list(justext.justext(PAGE, justext.get_stoplist("English"), **options))


def datatrove(*steps: Any, tasks: int = 1, logs: str = "logs") -> list[dict[str, Any]]:
    """What a pipeline has written to `out`."""
    from datatrove.executor import LocalPipelineExecutor

    folder = str(Path(logs).absolute())  # a relative one is remembered for a folder before
    LocalPipelineExecutor(list(steps), tasks=tasks, workers=1, logging_dir=folder).run()
    return [
        json.loads(line)
        for path in sorted(Path("out").glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]


def to_out() -> Any:
    from datatrove.pipeline.writers import JsonlWriter

    return JsonlWriter(str(Path("out").absolute()), compression=None)


def from_in() -> Any:
    from datatrove.pipeline.readers import JsonlReader

    return JsonlReader(str(Path("in").absolute()))


def by_extractor(peer: str, page: str = PAGE) -> bool:
    return has_story((EXTRACTORS | TEXT_EXTRACTORS | FILTERS)[peer][1]()(page))


# Checks of more than a line.


def datatrove_extracts(name: str) -> bool:
    from datatrove.pipeline import extractors

    return has_story(getattr(extractors, name)(timeout=10).extract(PAGE))


def trafilatura_dial() -> bool:
    from trafilatura.settings import Extractor

    return Extractor(precision=True).focus != Extractor(recall=True).focus and has_story(
        trafilatura(favor_precision=True)
    )


def justext_dial() -> bool:
    strict, mild = {"length_high": 2000}, {"length_low": 10, "length_high": 20}
    kept = [sum(not p.is_boilerplate for p in justext(**given)) for given in (strict, mild)]
    return kept[0] < kept[1]


def cleaner_dial() -> bool:
    return label(precision=0.99).kept_words < label(precision=0.01).kept_words


def resiliparse_language() -> bool:
    from resiliparse.parse.lang import detect_fast

    return bool(detect_fast(" ".join(STORY))[0] == "en")


def trafilatura_knows_articles() -> bool:
    from trafilatura.readability_lxml import is_probably_readerable

    return is_probably_readerable(PAGE) and not is_probably_readerable(SHOP)


def trafilatura_metadata() -> bool:
    from trafilatura import extract_metadata

    found = extract_metadata(PAGE, default_url=URL)
    return (found.title, found.author, found.date) == (TITLE, "Orla Venning", "2024-05-03")


def newspaper_metadata() -> bool:
    found = newspaper()
    day = f"{found.publish_date:%Y-%m-%d}"
    return (found.title, found.authors, day) == (TITLE, ["Orla Venning"], "2024-05-03")


def cleaner_metadata() -> bool:
    found = label().metadata
    return [found[name] for name in ("title", "author", "date")] == [
        TITLE, "Orla Venning", "2024-05-03"
    ]  # fmt: skip


def cleaner_positions() -> bool:
    from lxml import html

    document = label()
    places = zip(document.texts, document.places, strict=True)
    tree = html.document_fromstring(PAGE)
    return all(text in tree.xpath(place.xpath)[0].text_content() for text, place in places)


def justext_positions() -> bool:
    from lxml import html

    tree = html.document_fromstring(PAGE)
    return all(tree.xpath(p.xpath)[0] is not None for p in justext())


def cleaner_learns() -> bool:
    rows = [json.loads(run("cleaner", "label", "--for-training", file("page.html")))]
    for paragraph in rows[0]["paragraphs"]:
        paragraph["confirmed"] = True
    run("cleaner", "adapt", file("corrected.jsonl", json.dumps(rows[0])), "-o", "models")
    return has_story(run("cleaner", "clean", "--model", "models", "page.html"))


def answers_at_once() -> bool:
    """Whether a page comes out while the next one has not gone in."""
    command = [sys.executable, "-m", "cleaner", "clean"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        texts = []
        for _ in range(2):
            process.stdin.write(json.dumps({"text": TEXT}).encode() + b"\n")
            process.stdin.flush()
            texts.append(json.loads(process.stdout.readline())["text"])
        process.stdin.close()
    return all(map(has_story, texts))


def warc() -> str:
    body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{PAGE}".encode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        f"WARC-Target-URI: {URL}\r\nWARC-Date: 2024-05-03T10:00:00Z\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    return file("page.warc", head + body + b"\r\n\r\n")


def parquet() -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"id": ["1"], "text": [TEXT]}), "pages.parquet")
    return "pages.parquet"


def resiliparse_reads_warc() -> bool:
    from fastwarc.warc import ArchiveIterator

    with open(warc(), "rb") as stream:
        return any(STORY[0] in record.reader.read().decode() for record in ArchiveIterator(stream))


def datatrove_reads(reader: str, name: str) -> bool:
    from datatrove.pipeline import readers

    read = getattr(readers, reader)(str(Path.cwd()), glob_pattern=name)
    return any(STORY[0] in row["text"] for row in datatrove(read, to_out()))


def goes_on(begin: Callable[[], object], ending: str, marks: tuple[str, ...] = ()) -> bool:
    """Whether a run of two files does only one of them again whose output is gone."""
    for n in range(2):
        file(f"in/{n}.jsonl", as_lines(SAME))
    begin()
    first, second = (Path(f"out/{ending.format(n)}") for n in range(2))
    before, whole = second.stat().st_mtime_ns, first.read_bytes()
    first.unlink()
    for mark in marks:
        Path(mark).unlink()
    begin()
    return first.read_bytes() == whole and second.stat().st_mtime_ns == before


def datatrove_goes_on() -> bool:
    # it marks tasks as done: one that was stopped has no mark
    marks = ("logs/completions/00000",)
    return goes_on(lambda: datatrove(from_in(), to_out(), tasks=2), "0000{}.jsonl", marks)


def cleaner_dedupes(pages: list[str], *value: str) -> bool:
    lines = file("pages.jsonl", as_lines(pages))
    run("cleaner", "run", lines, "-o", "out", "--to", "text", "--dedupe", *value)
    return Path("out/pages-00000.txt").read_text().count("\f") == 1


def trafilatura_dedupes() -> bool:
    from trafilatura.deduplication import LRUCache

    seen = LRUCache(maxsize=1000)
    kept = [bool(trafilatura(deduplicate=seen)) for _ in range(12)]
    return kept[0] and not kept[-1]


def trafilatura_compares() -> bool:
    from trafilatura.deduplication import Simhash

    first, near, other = (Simhash(page) for page in NEAR)
    return first.similarity(near) > 0.9 > first.similarity(other)


def datatrove_dedupes(pages: list[str]) -> bool:
    from datatrove.pipeline import dedup
    from datatrove.utils.hashing import HashConfig

    file("in/pages.jsonl", as_lines(pages))
    config = dedup.MinhashConfig(hash_config=HashConfig(hash_fc="sha1"))
    signatures, found, remove = (str(Path(name).absolute()) for name in ("1", "2", "3"))
    datatrove(from_in(), dedup.MinhashDedupSignature(signatures, config), logs="logs1")
    buckets = dedup.MinhashDedupBuckets(signatures, found, config=config)
    datatrove(buckets, tasks=config.num_buckets, logs="logs2")
    datatrove(dedup.MinhashDedupCluster(found, remove, config), logs="logs3")
    return len(datatrove(from_in(), dedup.MinhashDedupFilter(remove), to_out())) == 2


def datatrove_cleans(step: Any, page: str = PAGE) -> bool:
    """Whether a step of a pipeline gives the story."""
    file("in/page.jsonl", as_lines([page]))
    rows = datatrove(from_in(), step, to_out())
    return len(rows) == 1 and has_story(rows[0]["text"])


def cleaner_step() -> Any:
    from cleaner.integrations.datatrove import NewsCleaner

    return NewsCleaner()


def trafilatura_step() -> Any:
    from datatrove.pipeline.extractors import Trafilatura

    return Trafilatura(timeout=10)


def c4_step() -> Any:
    from datatrove.pipeline.filters import C4QualityFilter

    return C4QualityFilter()


def datatrove_filters(*names: str) -> bool:
    """Whether filters look at a text, and keep it or say why not."""
    from datatrove.data import Document
    from datatrove.pipeline import filters

    found = [getattr(filters, name)().filter(Document(TEXT, "1")) for name in names]
    return all(one is True or isinstance(one, tuple) for one in found)


def example(name: str) -> bool:
    """Whether an example runs, and prints what is in its page."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / name], capture_output=True, text=True, check=False
    )
    return done.returncode == 0 and "Corran" in done.stdout


def fetches(*command: str) -> bool:
    """Whether a command gives the story of an address."""
    with site("127.0.0.1") as home:
        return STORY[0] in run(*command, f"{home}/page.html")


def has(module: str, name: str) -> bool:
    """Whether a module has something that is not run."""
    return hasattr(__import__(module, fromlist=[name]), name)
