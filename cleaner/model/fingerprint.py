"""A fingerprint of the features that a model is trained with: what they make of a made-up page.

A model folder holds that of its features, and a program with others refuses it: with other numbers
than its weights were fitted on it would label pages wrongly, and nobody would be told.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.features.arrays import I64
from cleaner.features.context import IDF_BITS
from cleaner.features.meaning import SHAPES, VECTOR, word_buckets
from cleaner.features.words import last_sentences, paragraph_ngrams, token_ngrams
from cleaner.labels import LABELS
from cleaner.model import inputs
from cleaner.model.article import PAGE_COLUMNS, page_features
from cleaner.pages import Page, split_page

TOLERANCE = 1e-4
"""How far means may differ: logarithms and sums in single precision differ by 1e-6 from processor
to processor, and the smallest change of a class or a sign in the page by 1e-3."""

PAGE = (
    "Tamsin harbour gate holds back first winter tide",
    "Tamsin harbour gate holds back first winter tide, again and again",
    "Tamsin harbour gate holds back first winter tide – Harbour Courier Daily",
    "By Orla Venning | 3 March 2024, 07:45",
    "PHOTO: D. MARLOWE © 2024 (HANDOUT)",
    "“It held,” said the harbour master Ruth Okonjo. “We slept.” The gate at Tamsin, which cost "
    "41.5 million crowns, closed at 02:10 on Sunday and kept the tide of 3.2 metres out of the "
    "fish market, where the water had stood a metre high in four of the past six winters.",
    "Okonjo's crew of 12 watched the steel leaves from the east pier; nobody in the lower town had "
    "to carry sandbags, and the market opened at six as if nothing had been. Will it hold again? "
    "Forecasters expect the next tide in eleven days.",
    "***",
    "More news",
    "• Ferry fares rise by €2 → why?",
    "日本の港でも水門が増えている。専門家は「費用が高い」と話す。",
    "วันนี้ทะเลสงบ",
    "Der Straßenzug am Hafen blieb trocken! İZMİR çok uzak. déjà-vu \U0001f30a",
    "Fares: £4; $5; 6% off until 1/5 #tides",
    "Harbour tides are told in our letter. It comes each week. Subscribe now for 1 crown!",
    "More news",
    "© 1999–2024 Harbour Courier [all rights reserved]",
)
"""Paragraphs rich in what features tell apart: signs, scripts, capitals, digits, repeats, names."""

HTML = """<!DOCTYPE html><html><head><title>{0} | Courier</title>
<meta property="og:title" content="{0}">
<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{5} {6}"}}</script>
</head><body class="page-story l-wide"><header id="siteHead"><nav class="mainMenu"><ul>
<li class="item"><a href="/news/tides-and-gates/2024?ref=top">{8}</a></li>
<li class="item active"><a href="https://courier.example/a/b/c/d/e/f.html">{9}</a></li>
</ul></nav></header><div id="outer"><div class="columns"><main><article class="Story-body longRead">
<div class="wrap_2"><section><h1 class="headline">{0}</h1><h2>{1}</h2><h3>{2}</h3>
<p class="byline"><time>{3}</time></p><figure><figcaption class="credit">{4}</figcaption></figure>
<p class="lead-text">{5}</p><div><blockquote><p>{6}</p></blockquote></div><p>{7}</p></section></div>
</article></main><aside class="teaserList"><div class="box"><div class="inner"><h4>{8}</h4>
<p class="teaser">{10} <a href="//other.example/x">more</a></p><p class="teaser">{11}</p>
<p class="teaser"><em>{12}</em></p><p>{13} <b class="hot">{14}</b></p></div></div></aside></div>
</div><footer><table><tr><td>{15}</td><td><a href="mailto:desk@courier.example">{16}</a></td></tr>
</table></footer></body></html>"""
"""The same in the elements of a page: containers one in another, classes, ids, links, titles."""


FEW = 9
"""Word vectors that the page is read with."""


@cache
def fingerprint(kind: str) -> dict[str, Any]:
    """The fingerprint of the features for a kind of page, "text" or "html": a digest of the names
    of columns, of the buckets of n-grams and of those of attribute tokens, and the mean of each
    column of numbers."""
    batch = _read_probe(kind)
    words = batch.words
    # Made up, and different for each paragraph and label.
    rows, labels = len(words.counts), len(LABELS)
    stages = len(inputs.FIRST_STAGES[kind])
    first_stage = 1 + np.arange(rows * stages * labels, dtype=np.float32).reshape(-1, labels) % 7
    first_stage /= first_stage.sum(axis=1, keepdims=True)
    first_stage = first_stage.reshape(rows, stages * labels)
    of_paragraphs = inputs.network_input(batch, first_stage)
    of_page = page_features(
        first_stage[:, :labels], words.counts, batch.meaning, batch.page_offsets
    )
    columns = (*inputs.input_columns(kind), *(f"page_{name}" for name in PAGE_COLUMNS))
    sentences, several, tokens = last_sentences(words)
    digests = {
        "columns": _digest(" ".join(columns).encode()),
        "n-grams": _digest(
            *(token_ngrams(words), paragraph_ngrams(words)),
            *(paragraph_ngrams(sentences), several, tokens),
        ),
        "word vectors": _digest(word_buckets(words)),
    }
    means = dict(zip(columns, _means(of_paragraphs) + _means(of_page), strict=True))
    means["paragraph_weight"] = inputs.PARAGRAPH_WEIGHT
    means["token_scale"] = _means(inputs.token_scale(words))
    if found := batch.attributes:
        digests["attribute tokens"] = _digest(*found.of_blocks())
        means["attribute_scale"] = _means(inputs.attribute_scale(found))
    return {"digests": digests, "means": means}


def find_differences(kind: str, stored: Any) -> list[str]:
    """What of the present features is not as a stored fingerprint says."""

    def was(part: str, name: str) -> Any:
        values = stored.get(part)
        return values.get(name) if isinstance(values, dict) else None

    def is_near(value: Any, mean: float) -> bool:
        return type(value) in (int, float) and abs(value - mean) <= TOLERANCE

    present = fingerprint(kind)
    digests, means = present["digests"].items(), present["means"].items()
    return [
        *(name for name, digest in digests if was("digests", name) != digest),
        *(name for name, mean in means if not is_near(was("means", name), mean)),
    ]


def _read_probe(kind: str) -> inputs.Batch:
    arrays: dict[str, NDArray[Any]] = {
        name: ((np.arange(np.prod(shape)) % 7 - 3) / shape[0]).reshape(shape).astype(np.float32)
        for name, shape in SHAPES.items()
        if name != "vectors"
    }
    # Few vectors do: those of hashes beyond them are the last one. The layer brings them to size.
    arrays["vectors"] = (np.arange(FEW * VECTOR) % 7 - 3).reshape(FEW, VECTOR).astype(np.int8)
    arrays["layer"] /= FEW
    arrays["idf"] = np.linspace(0, 1, 1 << IDF_BITS, dtype=np.float32)
    if kind == "text":
        return inputs.read_batch([PAGE], arrays)
    page = split_page(Page(HTML.format(*PAGE), "html"))
    assert page.markup is not None
    return inputs.read_batch([page.texts], arrays, [page.markup])


def _means(values: NDArray[Any]) -> Any:
    """The mean of each column; a later row weighs more, so that rows are told apart."""
    weights = np.arange(1, len(values) + 1)
    return np.average(values.astype(np.float64), axis=0, weights=weights).round(6).tolist()


def _digest(*parts: bytes | I64) -> str:
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.astype("<i8").tobytes())
    return digest.hexdigest()
