import json
import os
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from word_vectors import WORD_VECTORS, make_word_vectors

from cleaner import LABELS, Cleaner, ModelError, UsageError
from cleaner.features.meaning import SHAPES
from cleaner.model.store import (
    KINDS,
    describe_models,
    find_models,
    hash_words,
    load_model,
    load_words,
    save_words,
)

ARRAYS = {kind: load_file(find_models() / kind / "weights.safetensors") for kind in KINDS}
EACH = [("text", name) for name in ARRAYS["text"] if name[:8] not in ("network1", "network2")]
EACH += [("html", name) for name in ("attributes", "mean", "network0_units")]
"""Kind and name of an array; those of a network, and what HTML adds, stand for all."""


PAGE = "The ferry returns\n\n" + "The ferry returned to the island on Monday. " * 40


@pytest.fixture
def copy(tmp_path):
    target = tmp_path / "models"
    shutil.copytree(find_models(), target)
    return target


@pytest.fixture
def described(tmp_path):
    """A models folder with all but weights, which are not read where a description is wrong."""
    target = tmp_path / "models"
    shutil.copytree(find_models(), target, ignore=shutil.ignore_patterns("*.safetensors"))
    return target


def change(folder, **values):
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def refused(folder, name):
    """Check that a model is refused, and the message names the file and what to do; return it."""
    return damaged(folder / name, lambda: load_model(folder))


def damaged(path, load):
    """Check that what is loaded is refused, and the message names the file and what to do."""
    with pytest.raises(ModelError) as caught:
        load()
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.endswith("; install article-cleaner again, or train the model again")
    return message


def test_a_models_folder_is_loaded_from_anywhere(copy):
    assert Cleaner(copy).clean(PAGE) == Cleaner().clean(PAGE)


def test_the_accurate_model_asks_all_networks():
    folder = find_models() / "text"
    fast, accurate = load_model(folder), load_model(folder, accurate=True)
    assert len(fast.networks) == 1 < len(accurate.networks)
    ways = Cleaner().label(PAGE), Cleaner(accurate=True).label(PAGE)
    assert (ways[0].scores != ways[1].scores).any()


def test_a_missing_folder_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="no models folder"):
        Cleaner(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"lacks text/model\.json"):
        Cleaner(tmp_path)


@pytest.fixture(scope="module")
def half(tmp_path_factory):
    """Word vectors, and a folder for each kind of model, whose weights are yet to be written."""
    folder = tmp_path_factory.mktemp("half")
    shutil.copytree(find_models() / "words", folder / "words")
    for kind in KINDS:
        (folder / kind).mkdir()
        shutil.copy(find_models() / kind / "model.json", folder / kind)
    return folder


def with_entry(value):
    """Return what sets an entry in the midst of an array."""

    def change(array):
        changed = array.copy()
        changed.reshape(-1)[changed.size // 2] = value
        return changed

    return change


DAMAGES = {
    "scalar": lambda a: a.reshape(-1)[:1].reshape(()),
    "empty": lambda a: a[:0],
    "half": lambda a: a[: len(a) // 2],
    "twice": lambda a: np.concatenate([a, a]),
    "deeper": lambda a: a[None],
    "double": lambda a: a.astype(np.float64),
    "other_float": lambda a: a.astype(np.float32 if a.dtype == np.float16 else np.float16),
    "integers": lambda a: a.view(np.int16 if a.dtype == np.float16 else np.int32),
    "bools": lambda a: a > 0,
    "no_number": with_entry(np.nan),
    "infinite": with_entry(np.inf),
    "below_all": with_entry(-np.inf),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(("kind", "name"), EACH)
def test_an_array_that_does_not_fit(half, kind, name, damage):
    changed = ARRAYS[kind] | {name: DAMAGES[damage](ARRAYS[kind][name])}
    save_file(changed, half / kind / "weights.safetensors")
    assert name in refused(half / kind, "weights.safetensors")


@pytest.mark.parametrize("kind", KINDS)
def test_all_dimensions_count(half, kind):
    for name, array in ARRAYS[kind].items():
        if array.ndim == 2 and len(set(array.shape)) == 2:
            turned = ARRAYS[kind] | {name: np.ascontiguousarray(array.T)}
            save_file(turned, half / kind / "weights.safetensors")
            assert name in refused(half / kind, "weights.safetensors")


@pytest.mark.parametrize("kind", KINDS)
def test_weights_that_no_sum_could_hold(half, kind):
    for name, value in (("network0_out", 1e30), ("scale", -1e7), ("idf", 1.5), ("idf", -0.5)):
        changed = ARRAYS[kind] | {name: with_entry(value)(ARRAYS[kind][name])}
        save_file(changed, half / kind / "weights.safetensors")
        assert f"{name} has entries" in refused(half / kind, "weights.safetensors")


def test_labels_are_numbers_up_to_the_largest_weights(copy):
    """Weights at the bounds of what is loaded give probabilities, however useless."""
    for sign in (-1, 1):
        arrays = {name: np.ones_like(a) for name, a in ARRAYS["text"].items()}
        for name in arrays.keys() - {"ngrams", "idf"}:
            arrays[name] *= np.float32(sign * 1e6)
        save_file(arrays, copy / "text" / "weights.safetensors")
        words = {name: np.full_like(a, sign * 127) for name, a in WORD_VECTORS.items()}
        save_words(words, copy)
        change(copy / "text", words=hash_words(words))
        document = Cleaner(copy).label(PAGE, kind="text")
        assert np.isfinite(document.scores).all()
        assert 0 <= document.is_article <= 1


@pytest.mark.parametrize(("kind", "name"), EACH)
def test_an_array_that_is_missing_or_called_otherwise(half, kind, name):
    others = {n: a for n, a in ARRAYS[kind].items() if n != name}
    save_file(others, half / kind / "weights.safetensors")
    assert f"lacks the array {name!r}" in refused(half / kind, "weights.safetensors")
    save_file(others | {f"{name}x": ARRAYS[kind][name]}, half / kind / "weights.safetensors")
    assert name in refused(half / kind, "weights.safetensors")


def test_an_array_too_many(half):
    save_file(ARRAYS["text"] | {"\x1b[2J\n": np.zeros(3)}, half / "text" / "weights.safetensors")
    assert "holds an array" in refused(half / "text", "weights.safetensors")


WHOLE = (find_models() / "text" / "weights.safetensors").read_bytes()
HEADER = 8 + int.from_bytes(WHOLE[:8], "little")


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 1000, HEADER - 1, HEADER, HEADER + 1, -1])
def test_weights_that_are_cut_off(copy, size):
    (copy / "text" / "weights.safetensors").write_bytes(WHOLE[:size])
    refused(copy / "text", "weights.safetensors")


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.integers(0, HEADER - 1), st.binary(min_size=1, max_size=1), min_size=1))
def test_bytes_of_the_header_are_changed(half, changes):
    data = bytearray(WHOLE)
    for place, byte in changes.items():
        data[place : place + 1] = byte
    (half / "text" / "weights.safetensors").write_bytes(data)
    try:
        model = load_model(half / "text")
    except ModelError:
        refused(half / "text", "weights.safetensors")
    else:  # a space for another, or two names of arrays of one shape
        assert model.arrays["idf"].shape == ARRAYS["text"]["idf"].shape


@pytest.mark.parametrize("length", [0, 2, 1 << 20, 1 << 31, (1 << 64) - 1])
def test_a_header_that_claims_to_be_larger(copy, length):
    (copy / "text" / "weights.safetensors").write_bytes(length.to_bytes(8, "little") + WHOLE[8:])
    refused(copy / "text", "weights.safetensors")


@pytest.mark.parametrize(
    "header",
    [
        '{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}',
        '{"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 4]}}',
        '{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}',
        '{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 18446744073709551615]}}',
        '{"a": {"dtype": "C64", "shape": [1], "data_offsets": [0, 8]}}',
        '{"a": {"dtype": "F8_E5M2", "shape": [8], "data_offsets": [0, 8]}}',
        '{"a": ' + "[" * 100_000,
        "[]",
        "",
    ],
)
def test_a_header_of_nonsense(copy, header):
    data = len(header).to_bytes(8, "little") + header.encode() + bytes(8)
    (copy / "text" / "weights.safetensors").write_bytes(data)
    refused(copy / "text", "weights.safetensors")


@pytest.mark.parametrize("name", ["model.json", "weights.safetensors"])
@pytest.mark.parametrize("what", ["folder", "pipe", "zeros", "nowhere", "itself", "large"])
def test_something_else_than_a_file(copy, name, what):
    path = copy / "text" / name
    path.unlink()
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "large":
        with path.open("wb") as file:
            file.truncate(10**12)
    else:
        path.symlink_to({"zeros": "/dev/zero", "nowhere": "nowhere", "itself": name}[what])
    if name == "model.json" and what == "nowhere":
        with pytest.raises(UsageError, match=r"lacks text/model\.json"):
            Cleaner(copy)
    else:
        with pytest.raises(ModelError) as caught:
            Cleaner(copy).load()
        assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "null", "[]", "{}", "[" * 100_000, '{"format": ' * 10_000, '{"format": NaN}',
        '"\\ud800"', "\xff", "1" * 10_000, '{"format": true}', '{"format": 4.0}', '{"format": "4"}',
        '{"format": 1' + "0" * 400 + "}", '{"format": null}', '{"format": [4]}', "{} {}",
    ],
)  # fmt: skip
def test_a_description_of_nonsense(described, text):
    (described / "text" / "model.json").write_bytes(text.encode("latin-1"))
    refused(described / "text", "model.json")


NONSENSE = [None, True, "4", [], {}, [[]], {"a": {}}, -1, 0, 0.5, 1e300, 10**9, "\x1b[2J"]


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
@pytest.mark.parametrize("key", ["kind", "arrays", "networks"])
def test_a_value_of_nonsense(described, key, value):
    change(described / "text", **{key: value})
    refused(described / "text", "model.json")


@pytest.mark.parametrize("value", [None, True, "1", [1], {}, 0, -1, 1e-9, 1e9, 10**30], ids=repr)
def test_a_temperature_of_nonsense(described, value):
    change(described / "text", temperature=value)
    assert "temperature" in refused(described / "text", "model.json")


@pytest.mark.parametrize("shape", [None, 4, "4", [], [4.5], ["65536"], [65536, 1], [-65536], {}])
def test_a_shape_of_nonsense(described, shape):
    arrays = json.loads((described / "text" / "model.json").read_text())["arrays"]
    change(described / "text", arrays=arrays | {"idf": shape})
    refused(described / "text", "model.json")


@pytest.mark.parametrize(
    "key", ["format", "kind", "networks", "arrays", "temperature", "fingerprint", "words"]
)
def test_a_value_that_is_missing(described, key):
    path = described / "text" / "model.json"
    about = json.loads(path.read_text())
    del about[key]
    path.write_text(json.dumps(about))
    refused(described / "text", "model.json")


def test_figures_that_are_nested_too_deep_to_show(described):
    figures = []
    for _ in range(500):
        figures = [figures]
    change(described / "text", figures=figures)
    assert "ecursion" in refused(described / "text", "model.json")


def test_a_model_in_the_place_of_the_other(described):
    shutil.rmtree(described / "text")
    shutil.copytree(described / "html", described / "text")
    assert "describes no model for text" in refused(described / "text", "model.json")


def test_a_model_of_a_newer_version(described):
    change(described / "text", format=99)
    with pytest.raises(ModelError, match="upgrade article-cleaner"):
        load_model(described / "text")


def test_a_model_of_an_older_version(described):
    change(described / "text", format=1)
    with pytest.raises(ModelError, match="an older version of cleaner; train it again"):
        load_model(described / "text")


@pytest.mark.parametrize("labels", [["headline"], [*LABELS, "comment"], LABELS[::-1], None])
def test_a_model_of_other_labels(described, labels):
    change(described / "text", labels=labels)
    with pytest.raises(ModelError, match=r"knows other labels than headline.*; train it again"):
        load_model(described / "text")


@pytest.mark.parametrize("folder", [5, 1.5, b"models", ["models"]], ids=repr)
def test_a_folder_of_another_type(folder):
    with pytest.raises(UsageError, match=r"models is .*: give the path of a folder"):
        Cleaner(folder)


def test_a_name_that_no_folder_has():
    for name in ("\0", "a" * 10_000, "\ud800"):
        with pytest.raises(UsageError, match="no models folder"):
            Cleaner(name)


def test_packaged_models_are_small_and_described():
    folder = find_models()
    rows = describe_models()
    assert [row["name"] for row in rows] == ["text", "html", "words"]
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert sum(row["size"] for row in rows) == size < 25_000_000
    for row in rows[:2]:
        assert row["figures"]
        assert "## Limits" in (folder / row["name"] / "README.md").read_text()
    assert "Apache License 2.0" in (folder / "words" / "README.md").read_text()


def test_word_vectors_are_read_as_they_were_written(tmp_path):
    save_words(WORD_VECTORS | {"more": np.zeros(3)}, tmp_path)
    (path,) = (tmp_path / "words").iterdir()
    assert path.stat().st_mode & 0o777 == 0o644
    arrays, its_hash = load_words(tmp_path)
    assert arrays.keys() == SHAPES.keys()
    for name, array in arrays.items():
        assert array.dtype == WORD_VECTORS[name].dtype
        assert (array == WORD_VECTORS[name]).all()
    assert its_hash == hash_words(WORD_VECTORS) != hash_words(make_word_vectors(1))


@pytest.mark.parametrize("kind", KINDS)
def test_both_models_see_the_word_vectors_beside_them(kind):
    arrays = load_model(find_models() / kind).arrays
    words, _ = load_words(find_models())
    assert all((arrays[name] == array).all() for name, array in words.items())


@pytest.mark.parametrize("kind", KINDS)
def test_other_word_vectors_than_those_of_its_training(copy, kind):
    save_words(make_word_vectors(1), copy)
    with pytest.raises(ModelError) as caught:
        load_model(copy / kind)
    assert str(caught.value) == (
        f"{copy / kind}: was trained with other word vectors than {copy / 'words'} holds; "
        "put back those of its training, or train it again"
    )


WORD_DAMAGES = {name: DAMAGES[name] for name in ("scalar", "half", "twice", "double", "bools")}
WORD_DAMAGES |= {
    "turned": lambda a: np.ascontiguousarray(a.T) if a.ndim == 2 else a[None],
    "other_type": lambda a: a.astype(np.float32 if a.dtype == np.int8 else np.float16),
    "too_low": with_entry(-128),
}
"""What is done to each array; whole numbers are always numbers."""


@pytest.mark.parametrize("damage", WORD_DAMAGES)
@pytest.mark.parametrize("name", ["vectors", "layer", "meaning_bias"])
def test_an_array_of_word_vectors_that_does_not_fit(tmp_path, name, damage):
    (tmp_path / "words").mkdir()
    changed = WORD_VECTORS | {name: WORD_DAMAGES[damage](WORD_VECTORS[name])}
    save_file(changed, tmp_path / "words" / "weights.safetensors")
    assert name in words_refused(tmp_path)


def words_refused(models):
    """Check that a folder of word vectors is refused as `refused` does; return the message."""
    return damaged(models / "words" / "weights.safetensors", lambda: load_words(models))


def test_word_vectors_with_entries_that_are_no_numbers(tmp_path):
    for name in SHAPES.keys() - {"vectors"}:
        for value in (np.nan, np.inf, 128):
            save_words(WORD_VECTORS | {name: with_entry(value)(WORD_VECTORS[name])}, tmp_path)
            assert f"{name} has entries that are not from -127 to 127" in words_refused(tmp_path)


def test_word_vectors_that_lack_an_array_or_have_one_too_many(tmp_path):
    path = tmp_path / "words" / "weights.safetensors"
    path.parent.mkdir()
    for name in SHAPES:
        save_file({n: a for n, a in WORD_VECTORS.items() if n != name}, path)
        assert f"lacks the array {name!r}" in words_refused(tmp_path)
    save_file(WORD_VECTORS | {"idf": np.zeros(3)}, path)
    assert "holds an array 'idf'" in words_refused(tmp_path)


@pytest.mark.parametrize(
    "what", ["no folder", "no file", "a file", "a folder", "empty", "cut off", "nonsense"]
)
def test_models_whose_word_vectors_cannot_be_read(copy, what):
    path = copy / "words" / "weights.safetensors"
    data = path.read_bytes()
    if what in ("no folder", "a file"):
        shutil.rmtree(copy / "words")
        if what == "a file":
            (copy / "words").write_bytes(data)
    else:
        path.unlink()
    if what == "a folder":
        path.mkdir()
    elif what in ("empty", "cut off", "nonsense"):
        path.write_bytes({"empty": b"", "cut off": data[:-1], "nonsense": data[8:]}[what])
    said = words_refused(copy)
    for use in (
        lambda: load_model(copy / "html"),
        lambda: describe_models(copy),
        lambda: Cleaner(copy).load(),
        lambda: Cleaner(copy).label(PAGE),
    ):
        with pytest.raises(ModelError) as caught:
            use()
        assert str(caught.value) == said
