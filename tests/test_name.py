"""What is installed is called otherwise than what is imported: `cleaner` is another project."""

import re
import tomllib
from pathlib import Path

from cleaner.errors import DISTRIBUTION, how_to_install

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.py")]


def test_the_name_in_messages_is_that_of_the_distribution():
    assert PROJECT["name"] == DISTRIBUTION
    assert PROJECT["scripts"] == {"cleaner": "cleaner.__main__:main"}
    assert how_to_install("parquet") == "pip install 'article-cleaner[parquet]'"


def test_what_the_documents_install_is_ours_and_has_these_extras():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = re.findall(r"(\S*)\bcleaner\[([a-z,]+)\]", text)
    assert len(named) > 8
    assert {before[-8:] for before, _ in named} == {"article-"}
    wanted = {extra for _, extras in named for extra in extras.split(",")}
    assert wanted <= set(PROJECT["optional-dependencies"])
