import json
import shutil

import pytest

from cleaner import Cleaner, ModelError, UsageError
from cleaner.model.store import describe_models, find_models, load_model


@pytest.fixture
def copy(tmp_path):
    target = tmp_path / "models"
    shutil.copytree(find_models(), target)
    return target


def change(folder, **values):
    path = folder / "text" / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_models_folder_is_loaded_from_anywhere(copy):
    page = "The ferry returns\n\nThe ferry returned to the island on Monday."
    assert Cleaner(copy).clean(page) == Cleaner().clean(page)


def test_the_accurate_model_asks_all_networks():
    folder = find_models() / "text"
    fast, accurate = load_model(folder), load_model(folder, accurate=True)
    assert len(fast.networks) == 1 < len(accurate.networks)
    page = "The ferry returns\n\nThe ferry returned to the island on Monday."
    ways = Cleaner().label(page), Cleaner(accurate=True).label(page)
    assert (ways[0].scores != ways[1].scores).any()


def test_a_missing_folder_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="no models folder"):
        Cleaner(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"lacks text/model\.json"):
        Cleaner(tmp_path)


@pytest.mark.parametrize("size", [0, 7, 1000])
def test_damaged_weights(copy, size):
    path = copy / "text" / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ModelError, match=r"weights\.safetensors: can't be read"):
        load_model(copy / "text")


def test_a_damaged_description(copy):
    (copy / "text" / "model.json").write_text("{")
    with pytest.raises(ModelError, match=r"model\.json: can't be read"):
        load_model(copy / "text")
    (copy / "text" / "model.json").write_text("[]")
    with pytest.raises(ModelError, match="is no model description"):
        load_model(copy / "text")


def test_a_model_of_a_newer_version(copy):
    change(copy, format=99)
    with pytest.raises(ModelError, match="upgrade cleaner"):
        load_model(copy / "text")


def test_a_model_of_an_older_version(copy):
    change(copy, labels=["headline"])
    with pytest.raises(ModelError, match="train it again"):
        load_model(copy / "text")


def test_arrays_that_do_not_fit_the_description(copy):
    change(copy, arrays={"ngrams": [1, 2]})
    with pytest.raises(ModelError, match="does not hold the arrays"):
        load_model(copy / "text")


def test_packaged_models_are_small_and_described():
    rows = describe_models()
    assert [row["name"] for row in rows] == ["text", "html"]
    assert sum(row["size"] for row in rows) < 25_000_000
    for row in rows:
        assert row["figures"]
        assert "## Limits" in (find_models() / row["name"] / "README.md").read_text()
