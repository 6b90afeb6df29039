"""Model folders: `weights.safetensors`, `model.json` for all else, `README.md` for the card.

`models/` holds one folder for text, one for HTML, and one for the word vectors of both; a wheel
carries it as `cleaner/_models`.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from cleaner.errors import DISTRIBUTION, ModelError, UsageError
from cleaner.features.context import IDF_BITS
from cleaner.features.meaning import MAX_NUMBER, MEANING, SHAPES
from cleaner.features.words import NGRAM_BITS
from cleaner.labels import LABELS
from cleaner.model.article import PAGE_COLUMNS
from cleaner.model.fingerprint import find_differences, fingerprint
from cleaner.model.inputs import input_columns
from cleaner.model.junk import JUNK_COLUMNS
from cleaner.model.network import weight_shapes

FORMAT: Final = 7
"""Version of the model folder. A change of features, layers or files raises it."""

DESCRIPTION: Final = "model.json"
WEIGHTS: Final = "weights.safetensors"
FILES: Final = (DESCRIPTION, WEIGHTS, "README.md")
"""What a model folder holds."""

TABLES: Final = {"ngrams", "marked_ngrams", "attributes"}
"""Arrays of weights for each label whose rows are taken here and there."""

HALVES: Final = {*TABLES, "idf"}
"""Arrays in half precision."""

STORED_TYPES: Final = {**dict.fromkeys(HALVES, "F16"), "vectors": "I8", "marks": "I64"}
"""The type of each array that is not in single precision."""

MARK_ARRAYS: Final = ("marks", "mark_weights")
"""What an adapted model has beside its base: marks of paragraphs, and weights of each for the
labels."""

WIDE: Final = 8 * math.ceil(len(LABELS) / 8)
"""Columns of a loaded table, the last ones zero: rows of 32 bytes are taken in half the time that
rows of 24 need, which lie across two lines of the cache."""

KINDS: Final = ("text", "html")

WORDS: Final = "words"
"""The folder of the word vectors that the models beside it were trained with."""

FAST_NETWORKS: Final = {"text": 1, "html": 3}
"""Networks of a model that are asked where `accurate` is not asked for. Reading HTML takes so long
that all of the packaged ones cost a seventh more, and text a half."""

MAX_NETWORKS: Final = 100
MAX_MARKS: Final = 1_000_000
"""Marks that an adapted model corrects paragraphs by: those of some thousand pages."""
MAX_DESCRIPTION_BYTES, MAX_WEIGHTS_BYTES = 1_000_000, 100_000_000
"""Networks of a model and bytes of its files, twenty times and more of what they are: damage that
claims to be larger is not read."""

MAX_WEIGHT: Final = 1e6
"""Size that no weight passes: training makes none larger, and from there on sums in the network
could pass what single precision holds, and end as no number."""

BOUNDS: Final = {
    "idf": (0, 1),
    "marks": (-(1 << 63), (1 << 63) - 1),
    **dict.fromkeys(SHAPES, (-MAX_NUMBER, MAX_NUMBER)),
}
"""The bounds of the arrays whose entries are not just from -`MAX_WEIGHT` to `MAX_WEIGHT`: meanings
are squared, and summed over the words of a page."""

NAMED: Final = 3
"""Features that are named where others than a model's are there."""

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.1, 100
"""Bounds of `temperature`; training tries 0.625 to 2.5."""

Arrays = dict[str, NDArray[Any]]

_HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model: its arrays by name, the arrays of each network, what `model.json` says."""

    kind: str
    arrays: Arrays
    networks: Sequence[Arrays]
    about: dict[str, Any] = field(default_factory=dict)


def data_folders(name: str) -> tuple[Path, Path]:
    """Return where a folder of the project's data is: in an installation, and in a checkout."""
    return _HERE / f"_{name}", _HERE.parent / name


def find_models(folder: str | Path | None = None) -> Path:
    """Return the folder that holds the models, the packaged one by default.

    Raises `UsageError` where a given folder is no models folder, `ModelError` where the
    installation has none.
    """
    if folder is None:
        for packaged in data_folders("models"):
            if (packaged / "text").is_dir():
                return packaged
        raise ModelError(
            f"this installation has no models: install {DISTRIBUTION} again, "
            "or train some with `cleaner train DATA -o MODEL_DIR`"
        )
    try:
        path = Path(folder)
    except TypeError:
        raise UsageError(f"no models folder {folder!r}: give a path") from None
    if not os.path.isdir(path):
        raise UsageError(f"no models folder {str(folder)!r}: give one that `cleaner train` wrote")
    for kind in KINDS:
        try:
            os.stat(path / kind / "model.json")
        except (FileNotFoundError, NotADirectoryError):
            raise UsageError(
                f"{str(folder)!r} is no models folder: it lacks {kind}/model.json; "
                "give the folder that `cleaner train -o` wrote"
            ) from None
        except OSError:  # told when it is read
            break
    return path


def read_about(folder: Path) -> dict[str, Any]:
    """Read a model's `model.json`, raising `ModelError` for one that is damaged, too new, or of
    other features.

    What is shown to people alone, its figures, may be anything.
    """
    path = folder / "model.json"
    try:
        about: Any = orjson.loads(_read(path, MAX_DESCRIPTION_BYTES))
        orjson.dumps(about)  # what is nested deeper could not be shown
    except (ValueError, TypeError) as error:
        raise _damaged(path, f"can't be read ({error})") from None
    version = about.get("format") if isinstance(about, dict) else None
    if type(version) is not int:
        raise _damaged(path, "is no model description")
    if version > FORMAT:
        raise ModelError(
            f"{path}: is of format {version}, and this version of cleaner reads up to "
            f"{FORMAT}; upgrade {DISTRIBUTION}"
        )
    if version < FORMAT:
        raise ModelError(f"{path}: was made by an older version of cleaner; train it again")
    if about.get("labels") != list(LABELS):
        raise ModelError(f"{path}: knows other labels than {', '.join(LABELS)}; train it again")
    kind, networks, marks = about.get("kind"), about.get("networks"), about.get("marks", 0)
    if kind != folder.name:
        raise _damaged(path, f"describes no model for {folder.name}")
    if type(networks) is not int or not 1 <= networks <= MAX_NETWORKS:
        raise _damaged(path, f"has no number of networks from 1 to {MAX_NETWORKS}")
    if type(marks) is not int or not 0 <= marks <= MAX_MARKS:
        raise _damaged(path, f"has no number of marks from 0 to {MAX_MARKS:,}")
    temperature = about.get("temperature")
    is_number = type(temperature) in (int, float)
    if not (is_number and MIN_TEMPERATURE <= temperature <= MAX_TEMPERATURE):
        what = f"has no temperature from {MIN_TEMPERATURE:g} to {MAX_TEMPERATURE:g}"
        raise _damaged(path, what)
    if not isinstance(about.get("fingerprint"), dict):
        raise _damaged(path, "has no fingerprint of the features that it was trained with")
    if type(about.get("words")) is not str:
        raise _damaged(path, "does not say which word vectors it was trained with")
    if others := find_differences(kind, about["fingerprint"]):
        rest = others[NAMED:]
        some = ", ".join(others[:NAMED]) + (f" and {len(rest)} more" if rest else "")
        raise ModelError(
            f"{path}: was trained with other features than this version of cleaner has ({some}); "
            "install the version that it was trained with, or train it again"
        )
    shapes = {name: list(shape) for name, shape in _layout(kind, networks, marks).items()}
    if about.get("arrays") != shapes:
        raise _damaged(path, f"does not list the arrays of a model for {kind}")
    return dict(about)


def load_model(folder: Path, *, accurate: bool = False) -> Model:
    """Read a model folder, which has the name of its kind: with the first `FAST_NETWORKS`, or all
    networks, which are more accurate together.

    Each of `TABLES` is there twice, as a view of `NAME_wide`, which has `WIDE` columns. Raises
    `ModelError` where the folder is damaged, too new, or of other features: with what it returns
    every page can be labelled.
    """
    about = read_about(folder)
    words, its_hash = load_words(folder.parent)
    if its_hash != about["words"]:
        raise ModelError(
            f"{folder}: was trained with other word vectors than {folder.parent / WORDS} holds; "
            "put back those of its training, or train it again"
        )
    shapes = _layout(about["kind"], about["networks"], about.get("marks", 0))
    arrays = _read_arrays(folder / WEIGHTS, shapes)
    if "marks" in arrays and (np.diff(arrays["marks"]) <= 0).any():
        raise _damaged(folder / WEIGHTS, "marks do not rise")
    networks = []
    for n in range(about["networks"]):
        own = [name for name in arrays if name.startswith(_prefix(n))]
        networks.append({name.removeprefix(_prefix(n)): arrays.pop(name) for name in own})
    for name in TABLES & arrays.keys():
        wide = np.zeros((len(arrays[name]), WIDE), np.float32)
        wide[:, : len(LABELS)] = arrays[name]
        arrays |= {name: wide[:, : len(LABELS)], f"{name}_wide": wide}
    if not accurate:
        networks = networks[: FAST_NETWORKS[about["kind"]]]
    return Model(about["kind"], arrays | words, networks, about)


def load_words(models: Path) -> tuple[Arrays, str]:
    """Read the word vectors of a models folder, the arrays of `features.meaning.SHAPES`, and the
    hash that tells them from others: of their layer, which no two fits have alike. Raises
    `ModelError` where they are damaged."""
    arrays = _read_arrays(models / WORDS / WEIGHTS, SHAPES)
    return arrays, hash_words(arrays)


def hash_words(arrays: Arrays) -> str:
    """The hash of word vectors."""
    return sha256(arrays["layer"].tobytes()).hexdigest()


def save_words(arrays: Arrays, models: Path) -> None:
    """Write word vectors into a models folder; their card is written by training."""
    _write_arrays({name: arrays[name] for name in SHAPES}, models / WORDS)


def save_model(model: Model, folder: Path) -> None:
    """Write a model folder's weights and description; the card is written by training."""
    arrays = {name: array for name, array in model.arrays.items() if name not in SHAPES}
    for n, network in enumerate(model.networks):
        arrays |= {f"{_prefix(n)}{name}": array for name, array in network.items()}
    _write_arrays(arrays, folder)
    about = {
        **model.about,
        "format": FORMAT,
        "kind": model.kind,
        "labels": list(LABELS),
        "networks": len(model.networks),
        "marks": len(model.arrays.get("marks", ())),
        "fingerprint": fingerprint(model.kind),
        "arrays": {name: list(a.shape) for name, a in arrays.items()},
    }
    (folder / "model.json").write_text(json.dumps(about, indent=1, sort_keys=True) + "\n")


def hash_model(folder: Path) -> str:
    """Return a hash that tells a model from any other, whatever its card says."""
    digest = sha256()
    for name in (DESCRIPTION, WEIGHTS):
        digest.update(_read(folder / name, MAX_WEIGHTS_BYTES))
    return digest.hexdigest()


def hash_models(models: str | Path | None) -> dict[str, str]:
    """Return the hash of each kind's model in a models folder; None is the installed ones."""
    return {kind: hash_model(find_models(models) / kind) for kind in KINDS}


def describe_models(folder: str | Path | None = None) -> list[dict[str, Any]]:
    """Say of each model in a models folder, and of their word vectors, its name, path, size in
    bytes and card's figures.

    Raises `ModelError` where one of them can't be used.
    """
    found = find_models(folder)
    abouts: dict[str, dict[str, Any]] = {kind: load_model(found / kind).about for kind in KINDS}
    rows = []
    for kind, about in {**abouts, WORDS: {}}.items():
        files = [found / kind / name for name in FILES]
        rows.append(
            {
                "name": kind,
                "path": str(found / kind),
                "size": sum(file.stat().st_size for file in files if file.is_file()),
                "trained_on": about.get("trained_on", {}),
                "figures": about.get("figures", {}),
            }
        )
    return rows


def _layout(kind: str, networks: int, marks: int) -> dict[str, tuple[int, ...]]:
    """The name and shape of each array of a model; one that was adapted has some `marks`."""
    labels, inputs = len(LABELS), len(input_columns(kind))
    shapes: dict[str, tuple[int, ...]] = {
        "idf": (1 << IDF_BITS,),
        "ngrams": (1 << NGRAM_BITS, labels),
        "ngrams_bias": (labels,),
        "first_meaning": (MEANING, labels),
        "mean": (inputs,),
        "scale": (inputs,),
        "article": (len(PAGE_COLUMNS),),
        "article_bias": (1,),
        "junk": (len(JUNK_COLUMNS),),
        "junk_bias": (1,),
    }
    if marks:
        shapes |= dict(zip(MARK_ARRAYS, ((marks,), (marks, labels)), strict=True))
    if kind == "html":
        from cleaner.features.attributes import TOKEN_BITS  # text starts without it

        shapes["attributes"] = (1 << TOKEN_BITS, labels)
        shapes["marked_ngrams"] = shapes["ngrams"]
        shapes["marked_bias"] = shapes["ngrams_bias"]
        shapes["marked_meaning"] = shapes["first_meaning"]
    for n in range(networks):
        for name, (rows, columns) in weight_shapes(inputs).items():
            shapes[f"{_prefix(n)}{name}"] = rows, columns
            shapes[f"{_prefix(n)}{name}_bias"] = (columns,)
    return shapes


def _read(path: Path, most: int) -> bytes:
    """Read a file of a model. Raises `ModelError` where there is none of `most` bytes or less."""
    try:
        if not path.is_file():
            raise _damaged(path, "is no file" if os.path.lexists(path) else "is missing")
        if (size := path.stat().st_size) > most:
            raise _damaged(path, f"is larger than {most / 1e6:,.0f} MB")
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise _damaged(path, f"can't be read ({error.strerror})") from None


def _write_arrays(arrays: Arrays, folder: Path) -> None:
    """Write arrays as the weights of a folder, which is made where it is missing."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / WEIGHTS
    save_file({name: np.ascontiguousarray(a) for name, a in sorted(arrays.items())}, weights)
    weights.chmod(0o644)  # safetensors makes it the writer's alone


def _read_arrays(path: Path, shapes: dict[str, tuple[int, ...]]) -> Arrays:
    """Read arrays of these names and shapes. Raises `ModelError` where they are not so."""
    from safetensors import SafetensorError, deserialize

    data = _read(path, MAX_WEIGHTS_BYTES)
    try:
        found: dict[str, Any] = dict(deserialize(data))  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        raise _damaged(path, f"can't be read ({error})") from None
    for name in sorted(shapes.keys() | found.keys()):
        if name not in found:
            raise _damaged(path, f"lacks the array {name!r}")
        if name not in shapes:
            raise _damaged(path, f"holds an array {name!r}, which no such model has")
    arrays = {}
    for name, shape in shapes.items():
        its_type = STORED_TYPES.get(name, "F32")
        if found[name]["dtype"] != its_type or tuple(found[name]["shape"]) != shape:
            raise _damaged(path, f"{name} is not of the type {its_type} and the shape {shape}")
        array = arrays[name] = _read_array(found[name]["data"], its_type, shape)
        low, high = BOUNDS.get(name, (-MAX_WEIGHT, MAX_WEIGHT))
        if not (low <= array.min() and array.max() <= high):  # no number is in no range
            raise _damaged(path, f"{name} has entries that are not from {low:g} to {high:g}")
    return arrays


def _damaged(path: Path, what: str) -> ModelError:
    return ModelError(f"{path}: {what}; install {DISTRIBUTION} again, or train the model again")


def _prefix(network: int) -> str:
    return f"network{network}_"


def _read_array(data: bytes, its_type: str, shape: tuple[int, ...]) -> NDArray[Any]:
    if its_type != "F16":
        dtype = {"I8": np.int8, "I64": np.int64, "F32": np.float32}[its_type]
        return np.frombuffer(data, dtype).reshape(shape)
    # By a table of all halves: numpy's own way takes six times as long.
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
    return halves.take(np.frombuffer(data, np.uint16)).reshape(shape)
