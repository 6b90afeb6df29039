"""Model folders: `weights.safetensors`, `model.json` for all else, `README.md` for the card.

`models/` holds one folder for text and one for HTML; a wheel carries it as `cleaner/_models`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.errors import ModelError, UsageError
from cleaner.labels import LABELS

FORMAT: Final = 4
"""Version of the model folder. A change of features, layers or files raises it."""

NEEDED: Final = ("kind", "arrays", "networks", "sharpen_power")
"""What `model.json` says beside the format and the labels."""

TABLES: Final = {"ngrams", "marks"}
"""Arrays of weights for each label whose rows are taken here and there."""

WIDE: Final = 8
"""Columns of a loaded table, the last ones zero: rows of 32 bytes are taken in half the time that
rows of 24 need, which lie across two lines of the cache."""

KINDS: Final = ("text", "html")
Arrays = dict[str, NDArray[Any]]

_HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model: its arrays by name, the arrays of each network, what `model.json` says."""

    kind: str
    arrays: Arrays
    networks: Sequence[Arrays]
    about: dict[str, Any] = field(default_factory=dict)


def find_models(folder: str | Path | None = None) -> Path:
    """Return the folder that holds the models, the packaged one by default.

    Raises `UsageError` where a given folder is no models folder, `ModelError` where the
    installation has none.
    """
    if folder is None:
        for packaged in (_HERE / "_models", _HERE.parent / "models"):
            if (packaged / "text").is_dir():
                return packaged
        raise ModelError(
            "this installation has no models: install cleaner again, "
            "or train some with `cleaner train DATA -o MODEL_DIR`"
        )
    path = Path(folder)
    if not path.is_dir():
        raise UsageError(f"no models folder {str(folder)!r}: give one that `cleaner train` wrote")
    missing = [kind for kind in KINDS if not (path / kind / "model.json").is_file()]
    if missing:
        raise UsageError(
            f"{str(folder)!r} is no models folder: it lacks {missing[0]}/model.json; "
            "give the folder that `cleaner train -o` wrote"
        )
    return path


def read_about(folder: Path) -> dict[str, Any]:
    """Read a model's `model.json`, raising `ModelError` for a damaged or too new one."""
    path = folder / "model.json"
    try:
        about = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: can't be read ({error}); {_MEND}") from None
    if not isinstance(about, dict) or not isinstance(about.get("format"), int):
        raise ModelError(f"{path}: is no model description; {_MEND}")
    if about["format"] > FORMAT:
        raise ModelError(
            f"{path}: is of format {about['format']}, and this version of cleaner reads up to "
            f"{FORMAT}; upgrade cleaner"
        )
    if about["format"] < FORMAT or about.get("labels") != list(LABELS):
        raise ModelError(f"{path}: was made by an older version of cleaner; train it again")
    if any(key not in about for key in NEEDED):
        raise ModelError(f"{path}: lacks part of the model's description; {_MEND}")
    return about


def load_model(folder: Path, *, accurate: bool = False) -> Model:
    """Read a model folder: one network, which is fast, or all, which are more accurate together.

    Each of `TABLES` is there twice, as a view of `NAME_wide`, which has `WIDE` columns. Raises
    `ModelError` where the folder is damaged or too new.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    about = read_about(folder)
    path = folder / "weights.safetensors"
    try:
        arrays = load_file(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelError(f"{path}: can't be read ({error}); {_MEND}") from None
    if sorted(arrays) != sorted(about.get("arrays", ())):
        raise ModelError(f"{path}: does not hold the arrays that model.json lists; {_MEND}")
    for name, shape in about["arrays"].items():
        if list(arrays[name].shape) != shape:
            raise ModelError(f"{path}: {name} has a shape that model.json does not say; {_MEND}")
    networks = []
    for n in range(about["networks"]):
        own = [name for name in arrays if name.startswith(_prefix(n))]
        networks.append({name.removeprefix(_prefix(n)): arrays.pop(name) for name in own})
    arrays = {name: _as_float32(array) for name, array in arrays.items()}
    for name in TABLES & arrays.keys():
        wide = np.zeros((len(arrays[name]), WIDE), np.float32)
        wide[:, : len(LABELS)] = arrays[name]
        arrays |= {name: wide[:, : len(LABELS)], f"{name}_wide": wide}
    return Model(about["kind"], arrays, networks if accurate else networks[:1], about)


def save_model(model: Model, folder: Path) -> None:
    """Write a model folder's weights and description; the card is written by training."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    arrays = dict(model.arrays)
    for n, network in enumerate(model.networks):
        arrays |= {f"{_prefix(n)}{name}": array for name, array in network.items()}
    arrays = {name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}
    weights = folder / "weights.safetensors"
    save_file(arrays, weights)
    weights.chmod(0o644)  # safetensors makes it the writer's alone
    about = {
        **model.about,
        "format": FORMAT,
        "kind": model.kind,
        "labels": list(LABELS),
        "networks": len(model.networks),
        "arrays": {name: list(a.shape) for name, a in arrays.items()},
    }
    (folder / "model.json").write_text(json.dumps(about, indent=1, sort_keys=True) + "\n")


def hash_model(folder: Path) -> str:
    """Return a hash that tells a model from any other, whatever its card says."""
    digest = sha256()
    for name in ("model.json", "weights.safetensors"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def describe_models(folder: str | Path | None = None) -> list[dict[str, Any]]:
    """Say of each model in a models folder its name, path, size in bytes and card's figures."""
    found = find_models(folder)
    rows = []
    for kind in KINDS:
        about = read_about(found / kind)
        rows.append(
            {
                "name": kind,
                "path": str(found / kind),
                "size": sum(f.stat().st_size for f in (found / kind).iterdir()),
                "trained_on": about.get("trained_on", {}),
                "figures": about.get("figures", {}),
            }
        )
    return rows


def _prefix(network: int) -> str:
    return f"network{network}_"


def _as_float32(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype != np.float16:
        return array
    # By a table of all halves: numpy's own way takes six times as long.
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
    return halves.take(array.view(np.uint16))


_MEND = "install cleaner again, or train the model again"
