"""Crawl a page with Scrapy and print its clean text as JSON: python examples/scrapy_spider.py"""

from pathlib import Path

from scrapy import Spider
from scrapy.crawler import CrawlerProcess

SEEDS = Path(__file__).parents[1] / "seeds"


class News(Spider):
    """Yields each page as an item."""

    name = "news"

    def parse(self, response):
        """Take the page as it is."""
        yield {"url": response.url, "html": response.text}


if __name__ == "__main__":
    process = CrawlerProcess(
        {
            "ITEM_PIPELINES": {"cleaner.integrations.scrapy.NewsCleanerPipeline": 300},
            "CLEANER_ONLY_ARTICLES": True,
            "FEEDS": {"stdout:": {"format": "jsonlines", "fields": ["url", "text"]}},
        }
    )
    process.crawl(News, start_urls=[(SEEDS / "observatory.html").as_uri()])
    process.start()
