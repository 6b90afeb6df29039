"""Crawl a site and print the items and statistics as JSON: a crawl needs a process of its own."""

import json
import sys

from itemadapter import ItemAdapter
from scrapy import Spider
from scrapy.crawler import CrawlerProcess

from cleaner.integrations.scrapy import NewsCleanerPipeline


class Site(Spider):
    name = "site"

    def parse(self, response):
        for link in response.css("li > a::attr(href)").getall():
            yield response.follow(link, self.parse_page)

    def parse_page(self, response):
        field = "html" if "html" in response.headers["Content-Type"].decode() else "text"
        yield {"url": response.url, field: response.body}


class Collect:
    items: list = []  # noqa: RUF012

    def process_item(self, item):
        fields = ItemAdapter(item).asdict()
        self.items.append({"url": fields["url"], "text": fields["text"]})
        return item


def main(start: str, settings: dict) -> None:
    process = CrawlerProcess(
        {
            "ITEM_PIPELINES": {NewsCleanerPipeline: 300, Collect: 900},
            "LOG_LEVEL": "INFO",
            **settings,
        }
    )
    crawler = process.create_crawler(Site)
    process.crawl(crawler, start_urls=[start])
    process.start()
    counted = {k: v for k, v in crawler.stats.get_stats().items() if isinstance(v, int)}
    print(json.dumps({"items": Collect.items, "stats": counted}))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
