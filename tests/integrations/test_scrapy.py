import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("scrapy", reason="needs the extra scrapy, which is not installed")

from scrapy.exceptions import DropItem
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

from cleaner import UsageError
from cleaner.integrations.scrapy import NewsCleanerPipeline


@pytest.fixture(scope="module")
def site(pages, shop):
    """A site on localhost: an index of the seeds, a shop, and a PDF that calls itself text."""
    bodies = {
        f"/{p['id']}": (p["html"] or p["text"], "text/html" if p["html"] else "text/plain")
        for p in pages
    }
    bodies |= {"/shop": (shop, "text/plain"), "/pdf": ("%PDF-1.7", "text/plain")}
    links = "".join(f"<li><a href='{path}'>{path}</a></li>" for path in bodies)
    bodies["/"] = (f"<html><body><ul>{links}</ul></body></html>", "text/html")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body, kind = bodies.get(self.path, ("", "text/plain"))
            self.send_response(200 if self.path in bodies else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def crawl(site, **settings):
    script = Path(__file__).with_name("crawl.py")
    result = subprocess.run(
        [sys.executable, script, site, json.dumps(settings)], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    texts = {item["url"].removeprefix(site): item["text"] for item in found["items"]}
    return texts, found["stats"], result.stderr


def test_a_crawl_gives_the_text_of_the_command(site, expected):
    texts, stats, log = crawl(site)
    assert {name: texts[name] for name in expected} == expected
    assert texts.keys() == expected.keys() | {"shop", "pdf"}
    assert texts["pdf"] is None
    assert stats["cleaner/cleaned"] == len(expected) + 1
    assert stats["cleaner/unreadable"] == 1
    assert "the page can't be read: this is a PDF file" in log
    assert f"{site}pdf" in log


def test_a_crawl_drops_pages_without_an_article(site, expected):
    texts, stats, _ = crawl(site, CLEANER_ONLY_ARTICLES=True, CLEANER_KEEP="headline, article")
    assert "shop" not in texts
    assert "pdf" in texts
    assert all(texts[name] == expected[name] for name in texts.keys() - {"pdf"})
    assert stats["cleaner/no_article"] == len(expected) + 2 - len(texts) > 0
    assert stats["item_dropped_count"] == stats["cleaner/no_article"]


def pipeline(**settings):
    crawler = SimpleNamespace(settings=Settings(settings), spider=None)
    crawler.stats = MemoryStatsCollector(crawler)
    return NewsCleanerPipeline.from_crawler(crawler), crawler.stats


def test_settings_name_the_fields_and_the_options(pages, expected):
    harbour = next(p for p in pages if p["id"] == "harbour")
    page = next(p for p in pages if p["html"])
    fields, _ = pipeline(CLEANER_HTML_FIELD="raw", CLEANER_TEXT_FIELD="body")
    item = {"raw": page["html"], "body": "other"}
    assert fields.process_item(item) == {"raw": page["html"], "body": expected[page["id"]]}
    item = {"raw": "", "body": harbour["text"]}
    assert fields.process_item(item) == {"raw": "", "body": expected["harbour"]}
    marked, _ = pipeline(CLEANER_FORMAT="markdown", CLEANER_LINKS="False")
    assert marked.process_item({"html": page["html"]})["text"].startswith("# ")
    captions, _ = pipeline(CLEANER_KEEP="caption")
    assert "Photo: Dev Marlowe" in captions.process_item({"text": harbour["text"]})["text"]
    strict, _ = pipeline(CLEANER_PRECISION="0.8")
    found = strict.process_item({"text": harbour["text"]})["text"]
    assert len(found) < len(expected["harbour"])
    for name, value, told in [
        ("PRECISION", "much", "could not convert"),
        ("PRECISION", [1], "float"),
        ("PRECISION", 2, "give a number from 0 to 1"),
        ("ACCURATE", "perhaps", "boolean"),
        ("ONLY_ARTICLES", "perhaps", "boolean"),
        ("KEEP", 5, "not iterable"),
        ("KEEP", [5], "unknown label 5"),
        ("METADATA", "titel", "unknown metadata 'titel'"),
        ("MODELS", 5, "give the path of a folder"),
        ("HTML_FIELD", 5, "give the name of a field"),
    ]:
        with pytest.raises(UsageError, match=told):
            pipeline(**{f"CLEANER_{name}": value})
    with pytest.raises(UsageError, match="unknown label 'story'"):
        pipeline(CLEANER_KEEP="story")


def test_items_of_any_kind():
    @dataclass
    class Story:
        url: str
        html: object = None
        text: object = None

    step, stats = pipeline(CLEANER_ONLY_ARTICLES="True")
    picture = {"image": "a.png"}
    assert step.process_item(picture) is picture
    listed = step.process_item(Story("here", html=["<p>One</p>"]))  # a loader without TakeFirst
    assert listed.text is None
    assert listed.html == ["<p>One</p>"]
    with pytest.raises(DropItem, match="no article: here"):
        step.process_item(Story("here"))
    assert stats.get_value("cleaner/no_page") == 1
    assert stats.get_value("cleaner/unreadable") == 1
    assert stats.get_value("cleaner/no_article") == 1


def test_items_of_other_languages_are_dropped(pages):
    step, stats = pipeline(CLEANER_LANGUAGES="es,fr")
    with pytest.raises(DropItem, match="other language: here"):
        step.process_item({"url": "here", "text": pages[0]["text"]})
    assert stats.get_value("cleaner/other_language") == 1
    with pytest.raises(UsageError, match="unknown language 'spanish'"):
        pipeline(CLEANER_LANGUAGES=["spanish"])


def test_metadata_go_to_fields_of_the_item():
    page = "<meta name=author content='Ada Lind'><h1>The gate</h1><p>It held back the tide."
    step, _ = pipeline(CLEANER_METADATA="author, date")
    item = step.process_item({"html": page, "date": "fetched"})
    assert (item["author"], item["date"]) == ("Ada Lind", "fetched")
