"""The fast way beside the plain one: a paragraph, a word and a character at a time."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.features.meaning import VECTOR_BITS
from cleaner.features.words import NGRAM_BITS
from cleaner.labels import LABELS
from cleaner.model.inputs import read_batch
from cleaner.model.predict import first_stage_probabilities
from cleaner.model.store import find_models, load_model

TWO64 = 1 << 64
BASE = 0x9E3779B97F4A7C15
IDEOGRAPHS = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3040, 0x30FF),
    (0x3400, 0x9FFF), (0xF900, 0xFAFF),
)  # fmt: skip
STOPS, ASKS = ".。।｡…", "?!？！¿¡؟"
MODEL = load_model(find_models() / "text")


def kind(char):
    """The kind of a character, as far as words and sentences need it."""
    category = unicodedata.category(char) if ord(char) < 0x10000 else "none"
    if char in STOPS + ASKS:
        return "end"
    if category[0] == "N":
        return "digit"
    if category[0] not in "LM" or char in ",":
        return "space" if category[0] == "Z" or category == "Cc" else "other"
    low = category not in ("Lu", "Lt")
    if low and any(first <= ord(char) <= last for first, last in IDEOGRAPHS):
        return "ideograph"
    return "lower" if low else "upper"


def tokens(text):
    """First and last place of each token."""
    found, start = [], None
    for i, char in enumerate([*map(kind, text), "other"]):
        inner = char in ("lower", "upper", "digit")
        if start is not None and not inner:
            found.append((start, i))
            start = None
        if char == "ideograph":
            found.append((i, i + 1))
        elif inner and start is None:
            start = i
    return found


def mix(value, salt):
    value = (value + salt * BASE) % TWO64
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % TWO64
    value = (value ^ value >> 27) * 0x94D049BB133111EB % TWO64
    return value ^ value >> 31


def lower(text):
    """Letter by letter where lower case is longer, as the program does for the whole batch."""
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def polynomial(codes):
    return sum(code * pow(BASE, i, TWO64) for i, code in enumerate(codes)) % TWO64


def meaning(hashes):
    """What a sentence or paragraph means, by the hashes of its words."""
    vectors = np.zeros(MODEL.arrays["vectors"].shape[1])
    for word in hashes:
        vectors += MODEL.arrays["vectors"][mix(word, 3) >> (64 - VECTOR_BITS)]
    of_units = vectors / np.sqrt(max(len(hashes), 1)) @ MODEL.arrays["layer"]
    units = np.maximum(of_units + MODEL.arrays["layer_bias"], 0)
    return units @ MODEL.arrays["meaning"] + MODEL.arrays["meaning_bias"]


def scores(text, spans):
    """What the n-grams and the meaning of a sentence or paragraph say."""
    codes = [ord(c) for c in lower(text)]
    hashes = [mix(polynomial(codes[a:b]), 1) for a, b in spans]
    weights = MODEL.arrays["ngrams"]

    def weight(value, salt):
        return weights[mix(value % TWO64, salt) >> (64 - NGRAM_BITS)]

    of_tokens = np.zeros(len(LABELS))
    for (a, b), here, after in zip(spans, hashes, [*hashes, 0][1:], strict=True):
        of_tokens += weight(here, 3) + weight(here + 3 * after, 4)
        of_tokens += weight(polynomial(codes[a : min(a + 5, b)]), 5)
        of_tokens += weight(polynomial(codes[max(b - 3, a) : b]), 6)
    first, second, third = [*hashes, 0, 0, 0][:3]
    final = ord(text[-1]) if text else 10
    length = min(int(np.log2(len(hashes) + 1)), 6)
    own = weight(first, 7) + weight(first + 3 * second, 8)
    own += weight(first + 3 * second + 5 * third, 9) + weight(hashes[-1] if hashes else 0, 10)
    own += weight(mix(polynomial(hashes), 2), 11) + weight(final * 8 + length, 12)
    of_ngrams = of_tokens / np.sqrt(4 * max(len(hashes), 1)) + 0.5 * own
    return of_ngrams + meaning(hashes) @ MODEL.arrays["first_meaning"]


def softmax(values):
    raised = np.exp(values - values.max())
    return raised / raised.sum()


def plain_first_stage(text):
    spans = tokens(text)
    last = 0
    for i in range(1, len(spans)):
        end, start = spans[i - 1][1], spans[i][0]
        follower = kind(text[start])
        if (
            kind(text[end]) == "end"
            and follower != "lower"
            and (start - end > 1 or follower == "ideograph")
        ):
            last = i
    bias = MODEL.arrays["ngrams_bias"]
    found = [softmax(scores(text, spans[part:]) + bias) for part in (0, last)]
    return np.concatenate(found)


def check(texts):
    batch = read_batch([texts], MODEL.arrays)
    expected = np.array([plain_first_stage(text) for text in texts])
    np.testing.assert_allclose(first_stage_probabilities(batch, MODEL.arrays), expected, atol=1e-4)


words = st.text(st.sampled_from("aZé9 .!?,-'ß日本ก\u0130\U0001f600\u00a0"), min_size=1, max_size=30)


@settings(deadline=None)
@given(st.lists(words.map(str.strip).filter(bool), min_size=1, max_size=5))
def test_first_stage_of_random_text(texts):
    check(texts)


@pytest.mark.parametrize("number", range(3))
def test_first_stage_of_pages(seed_pages, number):
    check([p["text"] for p in seed_pages[number]["paragraphs"]])
