import json

import pytest
from browser import open_browser
from click.testing import CliRunner

from cleaner.cli.main import cli


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads):
    browser = open_browser(downloads)
    yield browser
    browser.quit()


@pytest.fixture(scope="session")
def site_pages(seed_pages, tmp_path_factory):
    """A file of two sites' pages: one in HTML, one that came as text."""
    page = next(page for page in seed_pages if page["id"] == "quarry")
    other = next(page for page in seed_pages if page["id"] == "harbour")
    lines = [
        {"url": "https://www.courier.co.uk/gate", "language": "en", "html": page["html"]},
        {"id": 7, "text": "\n".join(p["text"] for p in other["paragraphs"])},
    ]
    path = tmp_path_factory.mktemp("crawl") / "pages.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture(scope="session")
def site_review(site_pages, tmp_path_factory):
    """A review of them."""
    path = tmp_path_factory.mktemp("review") / "review.html"
    result = CliRunner().invoke(cli, ["review", str(site_pages), "-o", str(path)])
    assert result.exit_code == 0, result.output
    return path
