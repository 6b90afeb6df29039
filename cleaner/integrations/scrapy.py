"""Scrapy: an item pipeline that gives items their clean text."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Self

from cleaner.errors import UsageError
from cleaner.integrations.cleaning import Cleaning, check_field, choose_page, missing, put_metadata
from cleaner.options import Options

try:
    from itemadapter import ItemAdapter
    from scrapy.crawler import Crawler
    from scrapy.exceptions import DropItem
    from scrapy.settings import BaseSettings
except ImportError:
    raise missing("scrapy") from None

logger = logging.getLogger(__name__)


class NewsCleanerPipeline:
    """Sets an item's text to the clean text of its page.

    Settings, with their defaults: `CLEANER_HTML_FIELD` ("html"), `CLEANER_MARKDOWN_FIELD`
    ("markdown") and `CLEANER_TEXT_FIELD` ("text") name the fields that hold a page, the first of
    them taken that is not empty; the clean text goes into the last. `CLEANER_KEEP`
    ("headline,article"), `CLEANER_PRECISION` (0.5), `CLEANER_ACCURATE` (False),
    `CLEANER_ONLY_ARTICLES` (False), `CLEANER_LANGUAGES` (all), `CLEANER_METADATA` (none),
    `CLEANER_MODELS` (the packaged models), `CLEANER_FORMAT` ("auto"), `CLEANER_STRUCTURE` (False),
    `CLEANER_LINKS` (True) and `CLEANER_IMAGES` (False) are the fields of `Options`. What is known
    of the metadata goes into the item's fields of these names.

    A page that can't be read gives the text None and a warning in the log; a page that is no
    article, or of another language, is dropped where only these are wanted; an item with none of
    the fields passes as it is. The crawl's statistics count each: `cleaner/cleaned`,
    `cleaner/unreadable`, `cleaner/no_article`, `cleaner/other_language`, `cleaner/no_page`.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.html_field = settings.get("CLEANER_HTML_FIELD", "html")
        self.markdown_field = settings.get("CLEANER_MARKDOWN_FIELD", "markdown")
        self.text_field = settings.get("CLEANER_TEXT_FIELD", "text")
        check_field("CLEANER_HTML_FIELD", self.html_field)
        check_field("CLEANER_MARKDOWN_FIELD", self.markdown_field)
        check_field("CLEANER_TEXT_FIELD", self.text_field)
        options = Options(
            keep=_read_names("CLEANER_KEEP", settings),
            metadata=_read_names("CLEANER_METADATA", settings),
            precision=_read("CLEANER_PRECISION", settings.getfloat, settings),
            accurate=_read("CLEANER_ACCURATE", settings.getbool, settings),
            only_articles=_read("CLEANER_ONLY_ARTICLES", settings.getbool, settings),
            languages=_read_names("CLEANER_LANGUAGES", settings),
            models=_read("CLEANER_MODELS", settings.get, settings),
            format=_read("CLEANER_FORMAT", settings.get, settings),
            structure=_read("CLEANER_STRUCTURE", settings.getbool, settings),
            links=_read("CLEANER_LINKS", settings.getbool, settings),
            images=_read("CLEANER_IMAGES", settings.getbool, settings),
        )
        self.cleaning = Cleaning(options)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the pipeline of a crawl, from its settings."""
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        """Clean an item."""
        fields = ItemAdapter(item)
        names = (self.text_field, self.html_field, self.markdown_field)
        if not any(name in fields for name in names):
            self._count("no_page")
            return item
        url = fields.get("url")
        text, html, markdown = map(fields.get, names)
        page = choose_page(text, html, url, markdown)
        (cleaned,) = self.cleaning.clean([page])
        where = url or self.crawler.spider
        if cleaned.error is not None:
            self._count("unreadable")
            logger.warning("%s: the page can't be read: %s", where, cleaned.error)
        elif cleaned.left_out:
            self._count(cleaned.left_out.replace(" ", "_"))
            raise DropItem(f"{cleaned.left_out}: {where}", log_level="INFO")
        fields[self.text_field] = cleaned.text
        put_metadata(fields, cleaned.metadata)
        if cleaned.error is None:
            self._count("cleaned")
        return item

    def _count(self, what: str) -> None:
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"cleaner/{what}")


def _read_names(name: str, settings: BaseSettings) -> list[Any]:
    """Return the setting of an option that is a list of names."""
    names = _read(name, settings.getlist, settings)
    return [one.strip() if isinstance(one, str) else one for one in names]


def _read(name: str, get: Callable[[str, Any], Any], settings: BaseSettings) -> Any:
    """Return the setting of an option, which may be a string from the command line, as what it is;
    the option's default where there is none."""
    default = getattr(Options, name.removeprefix("CLEANER_").lower())
    try:
        return get(name, default)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} is {settings.get(name)!r:.100}: {error}") from None
