"""Fitting what tells articles from other pages."""

import numpy as np
import pytest
from word_vectors import WORD_VECTORS

from cleaner.features.meaning import meanings
from cleaner.features.words import read_words
from cleaner.labels import ID, LABELS
from cleaner.model.article import PAGE_COLUMNS, article_probability, constant, page_features
from cleaner.model.store import Model
from cleaner.training.evaluate import Judged
from cleaner.training.pages import fit_pages
from cleaner.training.views import View

STORY, MENU = ID["article"], ID["boilerplate"]
WORDS = "The harbour gate was closed at two and opened again at six on Sunday morning. " * 2


def judged(page, label, said, text=WORDS):
    """A view of ten paragraphs that have one label, and are said to have one."""
    scores = np.full((10, len(LABELS)), 0.02, np.float32)
    scores[:, said] = 0.9
    view = View(page, page, "en", "article", "whole", "whole", [text] * 10, [label] * 10)
    return Judged(view, scores, 1.0)


ALWAYS = constant("article", len(PAGE_COLUMNS), True)
MODEL = Model("text", ALWAYS | WORD_VECTORS, [])


def probability(model, one):
    meaning = meanings(read_words(one.view.texts), model.arrays)
    features = page_features(one.scores, one.words, meaning, np.array([0, 10]))
    return article_probability(features, model.arrays)[0]


def test_articles_are_told_from_other_pages():
    some = [judged(f"{n}", label, label) for n in range(20) for label in (STORY, MENU)]
    model, cross_fitted = fit_pages(MODEL, some)
    for one, of_others in zip(some, cross_fitted, strict=True):
        assert (probability(model, one) > 0.5) == one.view.has_story
        assert (of_others.is_article > 0.5) == one.view.has_story


def test_articles_are_told_by_what_they_say():
    sales = "Add two towels to your basket and pay by card, cash or bill at our counter. " * 2
    texts = {STORY: WORDS, MENU: sales}
    some = [judged(f"{n}", label, STORY, texts[label]) for n in range(20) for label in texts]
    model, cross_fitted = fit_pages(MODEL, some)
    for one, of_others in zip(some, cross_fitted, strict=True):
        assert (probability(model, one) > 0.5) == one.view.has_story
        assert (of_others.is_article > 0.5) == one.view.has_story


def test_a_page_counts_once_however_many_views_it_has():
    some = [judged("a", STORY, STORY)] * 9 + [judged("b", MENU, STORY)]
    model, _ = fit_pages(MODEL, some)
    assert probability(model, some[0]) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("label", [STORY, MENU])
def test_data_of_one_kind_says_the_same_of_every_page(label):
    model, _ = fit_pages(MODEL, [judged("a", label, STORY)])
    assert (probability(model, judged("b", MENU, MENU)) > 0.5) == (label == STORY)
