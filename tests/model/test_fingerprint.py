"""A model is refused where the features are not those that it was trained with."""

import json
import shutil

import pytest

from cleaner import ModelError
from cleaner.features import attributes, context, markup, meaning, surface, titles, words
from cleaner.model import article, inputs
from cleaner.model.fingerprint import TOLERANCE, find_differences, fingerprint
from cleaner.model.store import find_models, load_model

CHANGES = {
    "salt of n-grams": (words, "TOKEN_NGRAM_SALT", 4, "n-grams"),
    "salt of a paragraph's n-grams": (words, "PARAGRAPH_NGRAM_SALT", 8, "n-grams"),
    "salt of tokens": (words, "TOKEN_SALT", 9, "n-grams"),
    "prefixes": (words, "PREFIX", 4, "n-grams"),
    "buckets": (words, "NGRAM_BITS", 17, "n-grams"),
    "salt of attribute tokens": (attributes, "INLINE_SALT", 7, "attribute tokens"),
    "salt of links": (attributes, "LINK_SALT", 7, "attribute tokens"),
    "reach of containers": (attributes, "LEVELS", ((1, 1), (2, 1), (3, 2)), "attribute tokens"),
    "depth of links": (attributes, "MAX_PATH_DEPTH", 3, "attribute tokens"),
    "salt of inverse document frequencies": (context, "IDF_SALT", 20, "terms_log_total"),
    "letters of terms": (context, "MIN_TERM_LETTERS", 5, "terms_log_total"),
    "long paragraphs": (context, "MIN_LONG_TOKENS", 30, "log_long_before"),
    "a divisor": (context, "WORDS_DIVISOR", 3.1, "log_words_before"),
    "repeats": (context, "MAX_REPEATS", 0, "repeats_before"),
    "a factor": (surface, "SHARE_FACTOR", 1, "share_lower"),
    "the sign behind a sentence": (surface, "ASK", words.COLON, "ends"),
    "characters of a word": (surface, "TOKEN_CHARS", 6, "token_length"),
    "order of neighbours": (inputs, "SURFACE_STEPS", (2, 1, -1, -2), "columns"),
    "distance of neighbours": (inputs, "MARKUP_STEPS", (-2, 2), "columns"),
    "labels whose terms count": (inputs, "OVERLAP_IDS", [0, 3, 5, 4], "columns"),
    "least probability": (inputs, "MIN_PROBABILITY", 1e-2, "log_paragraph_headline"),
    "weight of paragraphs": (inputs, "PARAGRAPH_WEIGHT", 0.6, "paragraph_weight"),
    "a tag": (markup, "TAGS", ("li", "p", *markup.TAGS[2:]), "is_p"),
    "depth": (markup, "DEPTH_DIVISOR", 1, "log_depth"),
    "share of a title": (titles, "MIN_TITLE_SHARE", 0.8, "is_title"),
    "least words of a title": (titles, "MIN_TITLE_WORDS", 9, "title_share"),
    "letters of a body": (titles, "MIN_BODY_LETTERS", 500, "in_body"),
    "words of a beginning": (context, "BEGINNINGS", (150, 400), "columns"),
    "salt of word vectors": (meaning, "TOKEN_NGRAM_SALT", 4, "word vectors"),
    "least length of a direction": (meaning, "MIN_NORM", 1e4, "like_story"),
    "labels of a page's story": (article, "STORY_IDS", [1], "page_meaning_0"),
    "words of long paragraphs": (article, "MIN_LONG_TOKENS", 50, "page_long_story"),
}
"""What is changed: a name in a module, its new value, and what is then told to differ."""


@pytest.fixture(autouse=True)
def afresh():
    fingerprint.cache_clear()
    yield
    fingerprint.cache_clear()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_features_is_refused(monkeypatch, change):
    module, name, value, told = CHANGES[change]
    stored = json.loads(json.dumps(fingerprint("html")))
    fingerprint.cache_clear()
    monkeypatch.setattr(module, name, value)
    assert told in find_differences("html", stored)


@pytest.mark.parametrize("kind", ["text", "html"])
def test_another_processor_is_not_refused(kind):
    stored = json.loads(json.dumps(fingerprint(kind)))
    for n, name in enumerate(stored["means"]):
        stored["means"][name] += TOLERANCE / 2 * (-1) ** n
    assert find_differences(kind, stored) == []


@pytest.mark.parametrize("part", ["digests", "means"])
@pytest.mark.parametrize("value", [None, 1, [], {}, {"columns": None, "place": "0.5"}], ids=repr)
def test_nonsense_in_the_place_of_a_fingerprint(part, value):
    assert find_differences("text", fingerprint("text") | {part: value})


def test_the_message_says_what_differs_and_what_to_do(tmp_path):
    shutil.copytree(find_models() / "text", tmp_path / "text")
    path = tmp_path / "text" / "model.json"
    about = json.loads(path.read_text())
    means = about["fingerprint"]["means"]
    means |= {name: means[name] + 1 for name in ("log_tokens", "place", "token_scale", "digits")}
    path.write_text(json.dumps(about))
    with pytest.raises(ModelError) as caught:
        load_model(tmp_path / "text")
    assert str(caught.value) == (
        f"{path}: was trained with other features than this version of cleaner has (log_tokens, "
        "digits, place and 1 more); install the version that it was trained with, or train it again"
    )
