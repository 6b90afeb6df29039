"""Fitting what tells articles from other pages."""

import numpy as np
import pytest

from cleaner.labels import ID, LABELS
from cleaner.model.article import article_probability, constant, page_features
from cleaner.model.store import Model
from cleaner.training.article import fit_article
from cleaner.training.evaluate import Judged
from cleaner.training.views import View

STORY, MENU = ID["article"], ID["boilerplate"]
WORDS = "The harbour gate was closed at two and opened again at six on Sunday morning. " * 2


def judged(page, label, said):
    """A view of ten paragraphs that have one label, and are said to have one."""
    scores = np.full((10, len(LABELS)), 0.02, np.float32)
    scores[:, said] = 0.9
    view = View(page, page, "en", "article", "whole", "whole", [WORDS] * 10, [label] * 10)
    return Judged(view, scores, 1.0)


def probability(model, one):
    features = page_features(one.scores, one.words, np.array([0, 10]))
    return article_probability(features, model.arrays)[0]


def test_articles_are_told_from_other_pages():
    some = [judged(f"{n}", label, label) for n in range(20) for label in (STORY, MENU)]
    model, cross_fitted = fit_article(Model("text", constant(True), []), some)
    for one, of_others in zip(some, cross_fitted, strict=True):
        assert (probability(model, one) > 0.5) == one.view.has_story
        assert (of_others.is_article > 0.5) == one.view.has_story


def test_a_page_counts_once_however_many_views_it_has():
    some = [judged("a", STORY, STORY)] * 9 + [judged("b", MENU, STORY)]
    model, _ = fit_article(Model("text", constant(True), []), some)
    assert probability(model, some[0]) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("label", [STORY, MENU])
def test_data_of_one_kind_says_the_same_of_every_page(label):
    model, _ = fit_article(Model("text", {}, []), [judged("a", label, STORY)])
    assert (probability(model, judged("b", MENU, MENU)) > 0.5) == (label == STORY)
