"""The hot functions one by one, so that a change sees what it costs: pytest benchmarks/test_hot.py

With `--benchmark-save NAME` before a change and `--benchmark-compare` after it. The pages are those
of seeds/, repeated until they are a full batch.
"""

from itertools import cycle, islice
from pathlib import Path

import numpy as np
import orjson
import pytest
from cleaner.features.marks import block_marks
from cleaner.pages.tags import read_tags

from cleaner import Cleaner
from cleaner.features import context
from cleaner.features.markup import join_pages, markup_features
from cleaner.features.shape import shape_features
from cleaner.features.titles import title_features
from cleaner.features.words import read_words
from cleaner.model.lanes import line_up
from cleaner.model.network import run_network, scale_inputs
from cleaner.model.predict import linear_guess, network_input, read_batch
from cleaner.model.store import find_models, load_model
from cleaner.pages import Page, split_page
from cleaner.pages.blocks import split_tags
from cleaner.pages.html import parse

SEEDS = Path(__file__).parent.parent / "seeds"
ROWS = list(map(orjson.loads, (SEEDS / "pages.jsonl").read_bytes().splitlines()))
TEXTS = list(islice(cycle([[p["text"] for p in row["paragraphs"]] for row in ROWS]), 150))
PARAGRAPHS = [text for page in TEXTS for text in page]
OFFSET = np.cumsum([0, *map(len, TEXTS)])
HTML = list(islice(cycle([row["html"] for row in ROWS if row.get("html")]), 50))
TREES = [parse(page) for page in HTML]
TAGS = [read_tags(tree) for tree in TREES]
SPLIT = [split_tags(tags) for tags in TAGS]
MARKUP = [markup for _, markup in SPLIT]
BLOCKS = [texts for texts, _ in SPLIT]
JOINED = join_pages(MARKUP)
BLOCK_OFFSET = np.cumsum([0, *map(len, BLOCKS)])
BLOCK_WORDS = read_words([text for page in BLOCKS for text in page])
MODEL = load_model(find_models() / "text")
WORDS = read_words(PARAGRAPHS)
BATCH = read_batch(TEXTS, MODEL.arrays["idf"])
GUESS = linear_guess(BATCH, MODEL.arrays)
INPUTS = scale_inputs(network_input(BATCH, GUESS), MODEL.arrays)
CLEANER = Cleaner()

HOT = {
    "split text": lambda: [split_page(Page("\n".join(page), "text")) for page in TEXTS],
    "parse HTML": lambda: [parse(page) for page in HTML],
    "tags": lambda: [read_tags(tree) for tree in TREES],
    "blocks": lambda: [split_tags(tags) for tags in TAGS],
    "words": lambda: read_words(PARAGRAPHS),
    "shape": lambda: shape_features(WORDS),
    "position": lambda: context.position_features(WORDS, OFFSET),
    "topics": lambda: context.find_topics(WORDS, OFFSET, MODEL.arrays["idf"]),
    "markup": lambda: markup_features(JOINED, BLOCK_OFFSET),
    "marks": lambda: block_marks(JOINED, BLOCK_OFFSET),
    "titles": lambda: title_features(MARKUP, BLOCKS, BLOCK_WORDS, BLOCK_OFFSET),
    "linear guess": lambda: linear_guess(BATCH, MODEL.arrays),
    "network input": lambda: network_input(BATCH, GUESS),
    "network": lambda: run_network(INPUTS, MODEL.networks[0], line_up(OFFSET)),
    "text, all": lambda: list(CLEANER.label_many(["\n".join(page) for page in TEXTS])),
    "HTML, all": lambda: list(CLEANER.label_many(HTML, kind="html")),
}


@pytest.mark.parametrize("name", HOT)
def test_hot(benchmark, name):
    benchmark(HOT[name])
