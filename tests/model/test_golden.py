"""What the models in `models/` say of the seeds' pages, as it was when they were trained.

A change here is a change of what users get. Where it is meant, or the models are new, write
`golden.json` anew: python tests/model/test_golden.py
"""

import json
from pathlib import Path

import numpy as np
import pytest

from cleaner import Cleaner, Page

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("golden.json")


def sources():
    """The pages of the seeds: name, source and kind."""
    for line in (ROOT / "seeds" / "pages.jsonl").read_text(encoding="utf-8").splitlines():
        page = json.loads(line)
        yield f"{page['id']}.txt", "\n".join(p["text"] for p in page["paragraphs"]), "text"
        if page.get("html"):
            yield f"{page['id']}.html", page["html"], "html"


SOURCES = {name: Page(source, kind) for name, source, kind in sources()}
CLEANERS = {"fast": Cleaner(), "accurate": Cleaner(accurate=True)}


def label(name, way):
    """What a model says of a page, as JSON holds it."""
    document = CLEANERS[way].label(SOURCES[name])
    scores = document.scores.astype(float).round(5).tolist()
    return {"is_article": round(document.is_article, 5), "scores": scores}


def write():
    """Write `golden.json`, a page a line."""
    found = {name: {way: label(name, way) for way in CLEANERS} for name in SOURCES}
    lines = [f"{json.dumps(name)}: {json.dumps(page)}" for name, page in found.items()]
    GOLDEN.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def golden():
    return json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_all_pages_are_there(golden):
    assert golden.keys() == SOURCES.keys()


@pytest.mark.parametrize("way", CLEANERS)
@pytest.mark.parametrize("name", SOURCES)
def test_probabilities_are_as_they_were(golden, name, way):
    said, was = label(name, way), golden[name][way]
    np.testing.assert_allclose(said["scores"], was["scores"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(said["is_article"], was["is_article"], rtol=0, atol=1e-4)


if __name__ == "__main__":
    write()
