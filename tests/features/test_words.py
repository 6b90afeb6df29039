import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cleaner.features.surface import SURFACE_COLUMNS, surface_features
from cleaner.features.words import last_sentences, paragraph_ngrams, read_words, token_ngrams

paragraphs = st.lists(st.text(alphabet=st.characters(exclude_characters="\n")), max_size=8)


def test_tokens():
    words = read_words(["Hello, hello WORLD-wide", "", "日本 ok", "don't 2nd"])
    assert words.counts.tolist() == [4, 0, 3, 3]
    assert words.hashes[0] == words.hashes[1]
    assert words.hashes[4] != words.hashes[5]


def test_case_and_signs_do_not_change_a_paragraphs_hash():
    a, b, c = read_words(
        ["The Ferry returns!", "the ferry RETURNS", "returns the ferry"]
    ).paragraph_hash
    assert a == b != c


@given(paragraphs)
def test_features_have_a_row_for_each_paragraph(texts):
    words = read_words(texts)
    assert surface_features(words).shape == (len(texts), len(SURFACE_COLUMNS))
    assert paragraph_ngrams(words).shape[1] == len(texts)
    assert token_ngrams(words).shape[1] == words.counts.sum()
    assert np.isfinite(surface_features(words)).all()


@given(paragraphs, paragraphs)
def test_a_paragraphs_features_do_not_depend_on_the_batch(before, texts):
    alone, after = read_words(texts), read_words(before + texts)
    skip = len(before)
    assert (surface_features(alone) == surface_features(after)[skip:]).all()
    assert (paragraph_ngrams(alone) == paragraph_ngrams(after)[:, skip:]).all()
    assert (token_ngrams(alone) == token_ngrams(after)[:, after.token_offsets[skip] :]).all()


def test_the_last_of_several_sentences():
    texts = [
        "Tea is hot. Ask Dr. Lee! Subscribe to our letter", "One sentence.", "",
        "3.5 of 4. 日本。海",
        "We met i.e. once. and again",
    ]  # fmt: skip
    sentences, several, _ = last_sentences(read_words(texts))
    alone = read_words(["Subscribe to our letter", "海"])
    assert several.tolist() == [0, 3]
    assert sentences.hashes.tolist() == alone.hashes.tolist()
    assert sentences.counts.tolist() == alone.counts.tolist()
    assert (sentences.paragraph_hash == alone.paragraph_hash).all()
    assert (token_ngrams(sentences) == token_ngrams(alone)).all()
    assert (paragraph_ngrams(sentences) == paragraph_ngrams(alone)).all()
