"""The hot functions one by one, so that a change sees what it costs.

    pytest -n 0 benchmarks/test_hot.py

With `--benchmark-save NAME` before a change and `--benchmark-compare` after it. The pages are those
of seeds/, repeated until they are a full batch.
"""

from itertools import cycle, islice
from pathlib import Path

import numpy as np
import orjson
import pytest

from cleaner import Cleaner
from cleaner.features import context
from cleaner.features.attributes import attribute_tokens
from cleaner.features.elements import join_pages
from cleaner.features.markup import markup_features
from cleaner.features.meaning import likeness_features, meanings
from cleaner.features.surface import surface_features
from cleaner.features.titles import title_features
from cleaner.features.words import read_words
from cleaner.model.inputs import network_input, read_batch
from cleaner.model.network import run_network, scale_inputs
from cleaner.model.predict import first_stage_probabilities
from cleaner.model.scan import cut_chunks
from cleaner.model.store import find_models, load_model
from cleaner.pages import Page, split_page
from cleaner.pages.html import split_html

SEEDS = Path(__file__).parent.parent / "seeds"
ROWS = list(map(orjson.loads, (SEEDS / "pages.jsonl").read_bytes().splitlines()))
TEXTS = list(islice(cycle([[p["text"] for p in row["paragraphs"]] for row in ROWS]), 150))
PARAGRAPHS = [text for page in TEXTS for text in page]
PAGE_OFFSETS = np.cumsum([0, *map(len, TEXTS)])
HTML = list(islice(cycle([row["html"] for row in ROWS if row.get("html")]), 50))
SPLIT = [split_html(page) for page in HTML]
MARKUP = [page.markup for page in SPLIT]
BLOCKS = [page.texts for page in SPLIT]
JOINED = join_pages(MARKUP)
BLOCK_OFFSETS = np.cumsum([0, *map(len, BLOCKS)])
BLOCK_WORDS = read_words([text for page in BLOCKS for text in page])
MODEL = load_model(find_models() / "text")
WORDS = read_words(PARAGRAPHS)
BATCH = read_batch(TEXTS, MODEL.arrays)
FIRST_STAGE = first_stage_probabilities(BATCH, MODEL.arrays)
INPUTS = scale_inputs(network_input(BATCH, FIRST_STAGE), MODEL.arrays)
CLEANER = Cleaner()

HOT = {
    "split text": lambda: [split_page(Page("\n".join(page), "text")) for page in TEXTS],
    "split HTML": lambda: [split_html(page) for page in HTML],
    "words": lambda: read_words(PARAGRAPHS),
    "surface": lambda: surface_features(WORDS),
    "position": lambda: context.position_features(WORDS, PAGE_OFFSETS),
    "shared terms": lambda: context.find_shared_terms(WORDS, PAGE_OFFSETS, MODEL.arrays["idf"]),
    "markup": lambda: markup_features(JOINED, BLOCK_OFFSETS),
    "attribute tokens": lambda: attribute_tokens(JOINED),
    "meaning": lambda: meanings(WORDS, MODEL.arrays),
    "likeness": lambda: likeness_features(
        BATCH.meaning, FIRST_STAGE[:, :4], WORDS.counts, PAGE_OFFSETS
    ),
    "titles": lambda: title_features(MARKUP, BLOCKS, BLOCK_WORDS, BLOCK_OFFSETS),
    "first stage": lambda: first_stage_probabilities(BATCH, MODEL.arrays),
    "network input": lambda: network_input(BATCH, FIRST_STAGE),
    "network": lambda: run_network(INPUTS, MODEL.networks[0], cut_chunks(PAGE_OFFSETS)),
    "text, all": lambda: list(CLEANER.label_many(["\n".join(page) for page in TEXTS])),
    "HTML, all": lambda: list(CLEANER.label_many(HTML, kind="html")),
}


@pytest.mark.parametrize("name", HOT)
def test_hot(benchmark, name):
    benchmark(HOT[name])
