import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleaner.cli.main import cli

SEEDS = Path(__file__).parents[2] / "seeds"
SHOP = "\n".join(
    ["Home", "Shop", "Chairs", "Oak chair", "129.00", "Add to basket", "Pine table", "249.00",
     "Add to basket", "Free delivery from 50 crowns", "Your basket is empty", "Terms"]
)  # fmt: skip


@pytest.fixture(scope="session")
def pages() -> list[dict]:
    """The seeds, as `id`, `url`, and one of `html` and `text`, the other null."""
    rows = []
    for line in (SEEDS / "pages.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        html = row.get("html")
        text = None if html else "\n".join(p["text"] for p in row["paragraphs"])
        rows.append({"id": row["id"], "url": row["url"], "html": html, "text": text})
    assert len(rows) > 10
    assert any(row["html"] for row in rows)
    return rows


@pytest.fixture(scope="session")
def expected(pages) -> dict[str, str]:
    """What `cleaner clean` makes of each seed, by id."""
    result = CliRunner().invoke(cli, ["clean"], input="\n".join(map(json.dumps, pages)))
    assert result.exit_code == 0, result.output
    texts = {row["id"]: row["text"] for row in map(json.loads, result.stdout.splitlines())}
    assert {name for name, text in texts.items() if not text} <= {"listing"}  # it has no story
    return texts


@pytest.fixture(scope="session")
def shop() -> str:
    """A page that is no article."""
    return SHOP
