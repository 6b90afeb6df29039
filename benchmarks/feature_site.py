"""What programs find on a site, for `features.py`: it is on this machine, and has one story."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from feature_pages import HOST, PAGE, PATH, STORY, TITLE


class Site(http.server.BaseHTTPRequestHandler):
    """A site of one story, with a feed and a sitemap."""

    def do_GET(self) -> None:
        """Answer."""
        home = f"http://{HOST}:{self.server.server_port}"  # type: ignore[attr-defined]
        feed = (
            '<?xml version="1.0"?><rss version="2.0"><channel><title>Courier</title>'
            f"<link>{home}/</link><item><title>{TITLE}</title><link>{home}{PATH}</link></item>"
            "</channel></rss>"
        )
        sitemap = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
            f"<url><loc>{home}{PATH}</loc></url></urlset>"
        )
        front = (
            '<html lang="en"><head><title>Courier</title>'
            f'<link rel="alternate" type="application/rss+xml" href="{home}/feed.xml"></head>'
            f'<body><a href="{PATH}">{TITLE}</a><a href="/category/sport">Sport</a></body></html>'
        )
        kind, body = {
            "/feed.xml": ("application/rss+xml", feed),
            "/sitemap.xml": ("application/xml", sitemap),
            "/robots.txt": ("text/plain", "User-agent: *\nAllow: /\n"),
            "/page.html": ("text/html", PAGE),
            PATH: ("text/html", PAGE),
        }.get(self.path, ("text/html", front))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body.encode())

    do_HEAD = do_GET  # noqa: N815 - the library calls it so

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def site(host: str = HOST) -> Iterator[str]:
    """The address of a site, which is on this machine whatever its name."""
    resolve = socket.getaddrinfo

    def here(_: object, *args: Any, **options: Any) -> Any:
        return resolve("127.0.0.1", *args, **options)

    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server,
        mock.patch("socket.getaddrinfo", here),
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{host}:{server.server_port}"
        server.shutdown()


def of_trafilatura(ask: Callable[[Any, str], object]) -> bool:
    """Whether the story is in what trafilatura finds on the site, which it may ask."""
    import trafilatura
    from trafilatura.settings import DEFAULT_CONFIG

    settings = DEFAULT_CONFIG["DEFAULT"]
    with site() as home, mock.patch.dict(settings, SSRF_PROTECTION="off", SLEEP_TIME="0"):
        return PATH in str(ask(trafilatura, home))


def trafilatura_crawls() -> bool:
    from trafilatura.spider import focused_crawler

    return of_trafilatura(lambda _, home: focused_crawler(home, max_seen_urls=1))


def trafilatura_feeds() -> bool:
    from trafilatura.feeds import find_feed_urls
    from trafilatura.sitemaps import sitemap_search

    return of_trafilatura(lambda _, home: find_feed_urls(home)) and of_trafilatura(
        lambda _, home: sitemap_search(f"{home}/sitemap.xml")
    )


def trafilatura_fetches() -> bool:
    return of_trafilatura(lambda it, home: STORY[0] in it.fetch_url(home + PATH) and PATH)


def newspaper_source() -> Any:
    import newspaper

    with site() as home:
        return newspaper.build(home, memorize_articles=False, number_threads=1)


def newspaper_fetches() -> bool:
    import newspaper

    with site() as home:
        return STORY[0] in newspaper.article(home + PATH).text
