import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from cleaner import UsageError
from cleaner.integrations.sklearn import NewsCleaner

CHECKS = (
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_dont_overwrite_attributes",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_estimators_fit_returns_self",
    "check_estimators_overwrite_params",
    "check_fit_check_is_fitted",
    "check_fit_score_takes_y",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
)
"""Those of scikit-learn that hand no numbers to `transform`: check_estimator itself skips them for
an estimator of texts."""


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_check_estimator():
    estimator_checks.check_estimator(NewsCleaner())


@pytest.mark.parametrize("check", [c for c in CHECKS if hasattr(estimator_checks, c)])
def test_further_checks_of_scikit_learn(check):
    getattr(estimator_checks, check)("NewsCleaner", NewsCleaner())


def test_a_pipeline_sees_the_text_of_the_command(pages, expected):
    given = [row["html"] or row["text"] for row in pages]
    texts = [expected[row["id"]] for row in pages]
    assert NewsCleaner().fit_transform(given) == texts
    pipeline = make_pipeline(NewsCleaner(), CountVectorizer()).fit(given)
    found = pickle.loads(pickle.dumps(pipeline)).transform(given)
    assert (found != CountVectorizer().fit_transform(texts)).nnz == 0


def test_parameters_reach_the_cleaner(pages):
    text = next(row["text"] for row in pages if row["id"] == "harbour")
    pipeline = make_pipeline(NewsCleaner())
    usual = pipeline.fit_transform([text])[0]
    strict = clone(pipeline).set_params(newscleaner__precision=0.8).fit_transform([text])[0]
    assert len(strict) < len(usual)
    assert "Photo: Dev Marlowe" in NewsCleaner(keep=["caption"]).transform([text])[0]


def test_rows_stay_beside_their_targets(pages, expected, shop):
    story = pages[0]
    given = np.array([story["text"], b"%PDF-1.7", None, shop, float("nan")], dtype=object)
    with pytest.warns(UserWarning, match="1 of 5 pages can't be read .* number 1: this is a PDF"):
        texts = NewsCleaner(only_articles=True).transform(given)
    assert texts == [expected[story["id"]], "", "", "", ""]


def test_wrong_use():
    with pytest.raises(UsageError, match="as a list"):
        NewsCleaner().transform("a page")
    for pages in (None, 5):
        with pytest.raises(UsageError, match="as a list"):
            NewsCleaner().transform(pages)
    with pytest.raises(UsageError, match="as one column"):
        NewsCleaner().transform(np.array([["a page"]]))
    with pytest.raises(UsageError, match="unknown label 'story'"):
        NewsCleaner(keep=["story"]).fit([])
