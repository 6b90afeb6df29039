"""Scrapy: an item pipeline that gives items their clean text."""

from __future__ import annotations

import logging
from typing import Any, Self

from cleaner.integrations.cleaning import Cleaning, choose_page, missing
from cleaner.labels import STORY

try:
    from itemadapter import ItemAdapter
    from scrapy.crawler import Crawler
    from scrapy.exceptions import DropItem
except ImportError:
    raise missing("scrapy") from None

logger = logging.getLogger(__name__)


class NewsCleanerPipeline:
    """Sets an item's text to the clean text of its page.

    Settings, with their defaults: `CLEANER_HTML_FIELD` ("html") and `CLEANER_TEXT_FIELD` ("text")
    name the fields that hold a page, the HTML taken where an item has both; the clean text goes
    into the latter. `CLEANER_KEEP` ("headline,article"), `CLEANER_PRECISION` (0.5),
    `CLEANER_ACCURATE` (False), `CLEANER_ONLY_ARTICLES` (False) and `CLEANER_MODEL` (the packaged
    models) are the options of `cleaner clean`.

    A page that can't be read gives the text None and a warning in the log; a page that is no
    article is dropped where only these are wanted; an item with neither field passes as it is.
    The crawl's statistics count each: `cleaner/cleaned`, `cleaner/unreadable`,
    `cleaner/no_article`, `cleaner/no_page`.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.html_field = settings.get("CLEANER_HTML_FIELD", "html")
        self.text_field = settings.get("CLEANER_TEXT_FIELD", "text")
        self.cleaning = Cleaning(
            keep=[label.strip() for label in settings.getlist("CLEANER_KEEP", list(STORY))],
            precision=settings.getfloat("CLEANER_PRECISION", 0.5),
            accurate=settings.getbool("CLEANER_ACCURATE"),
            only_articles=settings.getbool("CLEANER_ONLY_ARTICLES"),
            model=settings.get("CLEANER_MODEL"),
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the pipeline of a crawl, from its settings."""
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        """Clean an item."""
        fields = ItemAdapter(item)
        if self.html_field not in fields and self.text_field not in fields:
            self._count("no_page")
            return item
        page = choose_page(fields.get(self.text_field), fields.get(self.html_field))
        (cleaned,) = self.cleaning.clean([page])
        where = fields.get("url") or self.crawler.spider
        if cleaned.error is not None:
            self._count("unreadable")
            logger.warning("%s: the page can't be read: %s", where, cleaned.error)
        elif cleaned.left_out:
            self._count("no_article")
            raise DropItem(f"no article: {where}", log_level="INFO")
        fields[self.text_field] = cleaned.text
        if cleaned.error is None:
            self._count("cleaned")
        return item

    def _count(self, what: str) -> None:
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"cleaner/{what}")
