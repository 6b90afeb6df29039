import numpy as np
import pytest

from cleaner.training.evaluate import Judged, figures, group_f1, mean_f1
from cleaner.training.views import View


def view(page, texts, labels, kind="whole"):
    return View(page, "s", "en", "article", kind, kind, texts, labels)


def test_f1_of_groups():
    truth, said = np.array([0, 1, 1, 3, 5, 5]), np.array([1, 1, 3, 3, 2, 5])
    scores = group_f1(truth, said)
    assert scores == pytest.approx({"article": 0.8, "related-links": 2 / 3, "boilerplate": 1.0})
    assert mean_f1(truth, said) == pytest.approx(np.mean(list(scores.values())))


def test_junk_and_kept_are_means_over_pages_of_means_over_views():
    one = Judged(view("a", ["w w w", "x"], [1, 5]), np.array([1, 1]))  # junk 1/4, kept all
    two = Judged(view("a", ["w w", "w w"], [1, 1]), np.array([1, 5]))  # no junk, half kept
    long = Judged(view("b", ["w " * 999, "x"], [1, 3]), np.array([1, 3]))
    (found,) = figures([one, two, long]).values()
    assert found["junk"] == pytest.approx((0.125 + 0) / 2)
    assert found["kept"] == pytest.approx((0.75 + 1) / 2)
    assert found["pages"] == 2


def test_unlabelled_paragraphs_and_other_pages_do_not_count():
    other = view("b", ["x"], [5])
    other.type = "other"
    judged = [Judged(view("a", ["w", "?"], [1, -1]), np.array([1, 1])),
              Judged(other, np.array([1]))]  # fmt: skip
    (found,) = figures(judged).values()
    assert found["paragraphs"] == 1
    assert found["junk"] == 0
    assert np.sum(found["confusion"]["matrix"]) == 1
