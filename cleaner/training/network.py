"""Train the network of `cleaner.model.network`: gradients, Adam, and the passes over views."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from cleaner.features.words import F32, I64
from cleaner.labels import LABELS
from cleaner.model.network import (
    LAYERS,
    Arrays,
    Layer,
    Trace,
    run_network,
)
from cleaner.model.steps import Steps, line_up, rearrange

UNITS, EPOCHS, DROPOUT = 96, 14, 0.1
"""Units of a layer (recurrent layers have as many each way), passes over the data, and share of
units that each step of training leaves out: chosen by cross-validation over the training sites."""

LEAST_STEPS = 80
"""Steps of training below which there are more passes: for little data."""

BATCH = 2500
"""Paragraphs of whole views that make a step."""

RATE, DECAY, WARM = 3e-3, 0.01, 0.3
"""Highest learning rate, weight decay, and share of the steps in which the rate rises; it falls by
half a cosine in the others (Smith and Topin, 2018)."""

LONGEST_STEP = 1.0
"""Norm that gradients are cut to."""


def fit_network(
    scaled: F32,
    labels: NDArray[np.int64],
    offset: I64,
    views: NDArray[np.int64],
    share: NDArray[np.float64],
    seed: int,
) -> Arrays:
    """Fit a network on the chosen `views` of scaled inputs.

    `offset` says where each view's paragraphs begin; a label below 0 is unknown. A pass takes each
    view with probability `share`.
    """
    rng = np.random.default_rng(seed)
    arrays = _first_arrays(scaled.shape[1], rng)
    size = float(np.diff(offset)[views] @ share[views])
    passes = max(EPOCHS, round(LEAST_STEPS * BATCH / max(size, BATCH)))
    batches = [b for _ in range(passes) for b in _batches(views, offset, share, rng)]
    mean, square = ({k: np.zeros_like(a) for k, a in arrays.items()} for _ in range(2))
    with threadpool_limits(1):
        for step, batch in enumerate(batches, 1):
            rows, steps = side_by_side(batch, offset)
            gradients = _gradients(scaled[rows], labels[rows], arrays, steps, rng)
            _adam(arrays, gradients, mean, square, step, _rate(step / len(batches)))
    return arrays


def side_by_side(views: NDArray[np.int64], offset: I64) -> tuple[I64, Steps]:
    """The rows of some views, and their steps."""
    rows = np.concatenate([np.arange(0), *(np.arange(offset[v], offset[v + 1]) for v in views)])
    ends = np.cumsum(np.concatenate(([0], offset[views + 1] - offset[views])))
    return rows, line_up(ends)


def _first_arrays(inputs: int, rng: np.random.Generator) -> Arrays:
    """Weights to begin with: uniform, by the number of inputs (LeCun et al., 1998)."""
    sizes = {"units": (inputs, UNITS), "out": (3 * UNITS, len(LABELS))}
    for n in range(LAYERS):
        sizes[f"recurrent{n}"] = (2 * UNITS if n else UNITS, 4 * UNITS)
    arrays = {}
    for name, (rows, columns) in sizes.items():
        bound = rows**-0.5
        arrays[name] = rng.uniform(-bound, bound, (rows, columns)).astype(np.float32)
        arrays[f"{name}_bias"] = np.zeros(columns, np.float32)
        if name.startswith("recurrent"):
            arrays[f"{name}_bias"][: 2 * UNITS] = -1  # gates nearly shut: a state that lasts
    return arrays


def _batches(
    views: NDArray[np.int64], offset: I64, share: NDArray[np.float64], rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Views of about the same length together, in random order."""
    taken = views[rng.random(len(views)) < share[views]]
    lengths = offset[taken + 1] - offset[taken]
    order = np.argsort(lengths * rng.uniform(0.9, 1.1, len(taken)), kind="stable")
    ends = np.cumsum(lengths[order]) // BATCH
    groups = np.split(taken[order], np.flatnonzero(np.diff(ends)) + 1)
    rng.shuffle(groups)
    for group in groups:
        if len(group):
            yield group


def _gradients(
    scaled: F32, labels: NDArray[np.int64], arrays: Arrays, steps: Steps, rng: np.random.Generator
) -> Arrays:
    """Gradients of the mean log loss over the paragraphs with a label."""

    masks: list[F32] = []

    def drop(values: F32) -> F32:
        kept = rng.random(values.shape, dtype=np.float32) >= DROPOUT
        masks.append(kept.astype(np.float32) / np.float32(1 - DROPOUT))
        return values * masks[-1]

    trace = run_network(scaled, arrays, steps, drop)
    known = labels >= 0
    error = trace.probabilities.copy()
    error[np.flatnonzero(known), labels[known]] -= 1
    error[~known] = 0
    error /= max(int(known.sum()), 1)
    return go_back(trace, error, arrays, steps, masks)


def go_back(
    trace: Trace, error: F32, arrays: Arrays, steps: Steps, masks: list[F32] | None = None
) -> Arrays:
    """Gradients of the weights, from the `error` of the scores before softmax.

    `masks` are what dropout multiplied with: the units, then each recurrent layer's output.
    """
    gradients = {"out": trace.last.T @ error, "out_bias": error.sum(axis=0)}
    error = error @ arrays["out"].T
    error, direct = np.split(error, [-trace.units.shape[1]], axis=1)
    for n in reversed(range(LAYERS)):
        if masks:
            error = error * masks[n + 1]
        sums = _go_back_layer(trace.layers[n], error, steps)
        name = f"recurrent{n}"
        gradients |= {name: trace.layers[n].inputs.T @ sums, f"{name}_bias": sums.sum(axis=0)}
        error = sums @ arrays[name].T
    error = error + direct
    if masks:
        error = error * masks[0]
    error = error * (trace.units > 0)
    return gradients | {"units": trace.inputs.T @ error, "units_bias": error.sum(axis=0)}


def _go_back_layer(layer: Layer, error: F32, steps: Steps) -> F32:
    """Gradient of a recurrent layer's sums from that of its output."""
    error = rearrange(error, steps.to_steps)
    stay = 1 - layer.gate
    before = np.zeros_like(layer.state)
    for low, high, end in reversed(steps.moves):
        error[low : low + end - high] += stay[high:end] * error[high:end]
        before[high:end] = layer.state[low : low + end - high]
    gate = error * (layer.candidate - before) * layer.gate * stay
    error *= layer.gate
    return np.hstack([rearrange(sums, steps.to_paragraphs) for sums in (gate, error)])


def _rate(done: float) -> float:
    """The learning rate when a share of the steps is `done`."""
    if done < WARM:
        return RATE * (0.04 + 0.96 * 0.5 * (1 - float(np.cos(np.pi * done / WARM))))
    return RATE * 0.5 * (1 + float(np.cos(np.pi * (done - WARM) / (1 - WARM))))


def _adam(
    arrays: Arrays, gradients: Arrays, mean: Arrays, square: Arrays, step: int, rate: float
) -> None:
    """A step of Adam with decoupled weight decay (Loshchilov and Hutter, 2019), in place."""
    norm = np.sqrt(sum(float((g * g).sum()) for g in gradients.values()))
    cut = min(1.0, LONGEST_STEP / (norm + 1e-6))
    for name, gradient in gradients.items():
        gradient = gradient * np.float32(cut)
        mean[name] += 0.1 * (gradient - mean[name])
        square[name] += 0.001 * (gradient * gradient - square[name])
        root = np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8
        arrays[name] *= np.float32(1 - rate * DECAY)
        arrays[name] -= np.float32(rate / (1 - 0.9**step)) * mean[name] / root
