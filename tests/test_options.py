from pathlib import Path

import numpy as np
import pytest

from cleaner import Options, UsageError
from cleaner.labels import STORY


def test_equal_options_are_equal_however_they_are_given():
    one = Options(["article"], np.float32(0.25), models=Path("some/models"))
    same = Options(iter(["article"]), 0.25, False, False, "some/models")
    assert one == same
    assert hash(one) == hash(same)
    assert one != Options("article")
    assert Options("article").keep == ("article",)
    assert Options() == Options(STORY, 0.5)
    assert [Options(precision=n).precision for n in (0, 1)] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("precision", ["0.5", float("nan"), True, None, 2, -0.1, [0.5]], "a number from 0 to 1"),
        ("accurate", ["yes", 1, None], "True or False"),
        ("only_articles", ["yes", 1, None], "True or False"),
        ("models", [5, b"models", ["models"]], "the path of a folder"),
        ("keep", [None, 5], "a list of labels, out of headline, article"),
    ],
)
def test_values_of_no_option(name, values, message):
    for value in values:
        with pytest.raises(UsageError, match=rf"{name} is .*: give {message}"):
            Options(**{name: value})


@pytest.mark.parametrize(
    ("languages", "says"),
    [
        (["en", "xx"], r"unknown language 'xx': give codes such as ar, de, en, .* of ISO 639-1 or"),
        ("en", r"languages is 'en': give a list of codes, such as \['en'\]"),
        (None, "languages is None: give a list of codes"),
        ([5], "unknown language 5: give codes"),
    ],
)
def test_languages_that_are_none(languages, says):
    with pytest.raises(UsageError, match=says):
        Options(languages=languages)
    assert Options(languages=["en", "de", "en"]) == Options(languages=("de", "en"))


@pytest.mark.parametrize("keep", [["story"], ["article", "story"], "story", [["article"]]])
def test_labels_that_are_none(keep):
    with pytest.raises(UsageError, match=r"unknown label .*: choose from headline, article"):
        Options(keep)
    with pytest.raises(UsageError, match="no label to keep: choose from"):
        Options([])
