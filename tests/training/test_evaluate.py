import numpy as np
import pytest

from cleaner.labels import LABELS
from cleaner.training.evaluate import (
    Judged,
    article_figures,
    calibration_error,
    figures,
    group_f1,
    inserted_figures,
    mean_f1,
    shares,
)
from cleaner.training.views import View


def view(page, texts, labels, kind="whole"):
    return View(page, "s", "en", "article", kind, kind, texts, labels)


def judged(view, y_pred, *, sure=1.0, is_article=1.0):
    scores = np.full((len(y_pred), len(LABELS)), (1 - sure) / (len(LABELS) - 1), np.float32)
    scores[np.arange(len(y_pred)), y_pred] = sure
    return Judged(view, scores, is_article)


def test_f1_of_groups():
    y_true, y_pred = np.array([0, 1, 1, 3, 5, 5]), np.array([1, 1, 3, 3, 2, 5])
    scores = group_f1(y_true, y_pred)
    assert scores == pytest.approx({"article": 0.8, "related-links": 2 / 3, "boilerplate": 1.0})
    assert mean_f1(y_true, y_pred) == pytest.approx(np.mean(list(scores.values())))


def test_junk_and_kept_are_means_over_pages_of_means_over_views():
    one = judged(view("a", ["w w w", "x"], [1, 5]), [1, 1])  # junk 1/4, kept all
    two = judged(view("a", ["w w", "w w"], [1, 1]), [1, 5])  # no junk, half kept
    long = judged(view("b", ["w " * 999, "x"], [1, 3]), [1, 3])
    (found,) = figures([one, two, long]).values()
    assert found["junk"] == pytest.approx((0.125 + 0) / 2)
    assert found["kept"] == pytest.approx((0.75 + 1) / 2)
    assert found["pages"] == 2


def test_pages_right_are_means_over_pages_of_means_over_views():
    def one(page, junk, missing):
        texts = ["w " * (100 - missing), "w " * missing, "x " * junk, "x"]
        return judged(view(page, texts, [1, 0, 3, 5]), [1, 5, 1, 5])

    no_story = judged(view("f", ["x"], [5]), [5])
    some = [
        one("a", 2, 0), one("b", 0, 2), one("c", 3, 0), one("d", 0, 3), one("e", 6, 0),
        one("g", 0, 6), one("h", 0, 0), one("h", 9, 0), no_story,
    ]  # fmt: skip
    (found,) = figures(some).values()
    assert found["right"] == {
        "0.02": pytest.approx(2.5 / 7), "0.05": pytest.approx(4.5 / 7),
    }  # fmt: skip
    unknown = judged(view("a", ["w", "? " * 9], [1, -1]), [1, 1])
    (found,) = figures([unknown]).values()
    assert found["right"] == {"0.02": 1, "0.05": 1}


def test_inserted_sentences_kept_and_the_story_lost_for_them():
    def with_sentence(row, y_pred, kind="inserted text"):
        texts, labels = ["h", "w w w w", "w w w", "m"], [0, 1, 1, 5]
        texts.insert(row, "Join us!")
        labels.insert(row, 4)
        one = view("a", texts, labels, kind)
        one.sentence = row
        return judged(one, y_pred)

    before = judged(view("a", ["h", "w w w w", "w w w", "m"], [0, 1, 1, 5]), [5, 1, 1, 1])
    some = [
        before,
        with_sentence(2, [1, 1, 0, 1, 1]),  # kept, and nothing of the story is lost for it
        with_sentence(2, [5, 1, 4, 5, 1]),  # 3 of 8 words lost
        with_sentence(3, [0, 5, 1, 3, 5]),  # 4 of 8 words lost; what is gained does not count
        with_sentence(1, [5, 4, 1, 1, 5]),
    ]
    assert inserted_figures(some) == {"text": {"tries": 4, "kept": 0.25, "story_lost": 7 / 32}}
    assert list(figures(some)) == ["whole"]
    assert inserted_figures([before]) == {}


def test_unlabelled_paragraphs_and_other_pages_do_not_count():
    other = view("b", ["x"], [5])
    other.type = "other"
    all_judged = [judged(view("a", ["w", "?"], [1, -1]), [1, 1]), judged(other, [1])]
    (found,) = figures(all_judged).values()
    assert found["paragraphs"] == 1
    assert found["junk"] == 0
    assert np.sum(found["confusion"]["matrix"]) == 1


def test_the_dial_trades_junk_for_story():
    scores = np.zeros((2, len(LABELS)), np.float32)
    scores[:, [1, 3]] = [[0.9, 0.1], [0.6, 0.4]]
    one = [Judged(view("a", ["w", "w"], [1, 3]), scores, 1.0)]
    assert shares(one, 0.5) == (0.5, 1)
    assert shares(one, 0.7) == (0, 1)
    assert shares(one, 1) == (0, 0)
    assert shares(one, 0) == (0.5, 1)


def test_calibration_error_is_how_far_sureness_is_from_being_right():
    scores = np.tile(np.array([0.75, 0.25], np.float32), (4, 1))
    assert calibration_error(np.array([0, 0, 0, 1]), scores) == pytest.approx(0)
    assert calibration_error(np.array([0, 0, 0, 0]), scores) == pytest.approx(0.25)


def test_languages_with_few_pages_have_no_figures():
    def pages(language, count):
        views = [view(f"{language}{n}", ["w"], [1]) for n in range(count)]
        for one in views:
            one.language = language
        return [judged(one, [1]) for one in views]

    (found,) = figures([*pages("fr", 5), *pages("de", 6), *pages("ja", 4)]).values()
    assert list(found["languages"]) == ["de", "fr"]
    assert found["languages"]["fr"] == {"pages": 5, "mean_f1": 1}


def test_articles_and_other_pages():
    story, menu = view("a", ["w"], [1]), view("b", ["w"], [5])
    found = article_figures(
        [judged(story, [1], is_article=0.75), judged(menu, [5], is_article=0.25),
         judged(menu, [5], is_article=0.75)]
    )  # fmt: skip
    assert (found["articles"], found["others"]) == (1, 2)
    assert (found["articles_kept"], found["others_dropped"]) == (1, 0.5)
