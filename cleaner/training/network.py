"""Train the network of `cleaner.model.network`: gradients, Adam, and the passes over views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from cleaner.features.arrays import F32, I64
from cleaner.model.lanes import Lanes, before, from_grid, line_up, scan, to_grid, turn
from cleaner.model.network import (
    LAYERS,
    Arrays,
    give_probabilities,
    join_states,
    read_gates,
    read_inputs,
    walk,
    weight_shapes,
)

EPOCHS, DROPOUT = 14, 0.1
"""Passes over the data, and share of units that each step of training leaves out: chosen by
cross-validation over the training sites."""

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
    share: NDArray[np.float64],
    task: tuple[NDArray[np.int64], int],
) -> Arrays:
    """Fit a network on some views of scaled inputs.

    `offset` says where each view's paragraphs begin; a label below 0 is unknown. A pass takes each
    view with probability `share`. The `task` is which views, and the seed.
    """
    views, seed = task
    rng = np.random.default_rng(seed)
    arrays = _first_arrays(scaled.shape[1], rng)
    size = float(np.diff(offset)[views] @ share[views])
    passes = max(EPOCHS, round(LEAST_STEPS * BATCH / max(size, BATCH)))
    batches = [b for _ in range(passes) for b in _batches(views, offset, share, rng)]
    mean, square = ({k: np.zeros_like(a) for k, a in arrays.items()} for _ in range(2))
    with threadpool_limits(1):
        for step, batch in enumerate(batches, 1):
            rows, lanes = side_by_side(batch, offset)
            gradients = _gradients(scaled[rows], labels[rows], arrays, lanes, rng)
            _adam(arrays, gradients, mean, square, step, _rate(step / len(batches)))
    return arrays


def side_by_side(views: NDArray[np.int64], offset: I64) -> tuple[I64, Lanes]:
    """The rows of some views, and their lanes."""
    rows = np.concatenate([np.arange(0), *(np.arange(offset[v], offset[v + 1]) for v in views)])
    ends = np.cumsum(np.concatenate(([0], offset[views + 1] - offset[views])))
    return rows, line_up(ends)


def _first_arrays(inputs: int, rng: np.random.Generator) -> Arrays:
    """Weights to begin with: uniform, by the number of inputs (LeCun et al., 1998)."""
    arrays = {}
    for name, (rows, columns) in weight_shapes(inputs).items():
        bound = rows**-0.5
        arrays[name] = rng.uniform(-bound, bound, (rows, columns)).astype(np.float32)
        arrays[f"{name}_bias"] = np.zeros(columns, np.float32)
        if name.startswith("recurrent"):
            arrays[f"{name}_bias"][: columns // 2] = -1  # gates nearly shut: a state that lasts
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
    scaled: F32, labels: NDArray[np.int64], arrays: Arrays, lanes: Lanes, rng: np.random.Generator
) -> Arrays:
    """Gradients of the mean log loss over the paragraphs with a label."""

    def drop(values: F32) -> F32:
        kept = rng.random(values.shape, dtype=np.float32) >= DROPOUT
        return kept.astype(np.float32) / np.float32(1 - DROPOUT)

    trace = go_forth(scaled, arrays, lanes, drop)
    known = labels >= 0
    error = from_grid(trace.probabilities, lanes.rows).copy()
    error[np.flatnonzero(known), labels[known]] -= 1
    error[~known] = 0
    error /= max(int(known.sum()), 1)
    return go_back(trace, to_grid(error), arrays, lanes)


class Walks(NamedTuple):
    """A recurrent layer: grids of gate, candidate and state for both ways, each in its order."""

    gate: F32
    candidate: F32
    state: F32


@dataclass(frozen=True, slots=True)
class Trace:
    """What the network computed, as grids: the probabilities, and all that the way back needs."""

    inputs: F32
    units: F32
    layers: list[tuple[F32, Walks]]
    """Input and walks of each recurrent layer."""
    last: F32
    masks: list[F32]
    """What dropout multiplied with: the units, then the states of each layer."""
    probabilities: F32


def go_forth(
    scaled: F32, arrays: Arrays, lanes: Lanes, drop: Callable[[F32], F32] = np.ones_like
) -> Trace:
    """Run the network and keep what it computed; `drop` gives the factors of dropout."""
    inputs = to_grid(scaled)
    units = read_inputs(inputs, arrays)
    masks = [drop(units)]
    last = units = units * masks[0]
    layers = []
    for n in range(LAYERS):
        gate, candidate = read_gates(last, arrays, n)
        walks = Walks(gate, candidate, walk(gate.copy(), candidate.copy(), lanes))
        layers.append((last, walks))
        states = join_states(walks.state)
        masks.append(drop(states))
        last = states * masks[-1]
    return Trace(inputs, units, layers, last, masks, give_probabilities(last, units, arrays))


def go_back(trace: Trace, error: F32, arrays: Arrays, lanes: Lanes) -> Arrays:
    """Gradients of the weights, from the `error` of the scores before softmax, a grid."""
    joined = np.concatenate([trace.last, trace.units], axis=2)
    gradients = _product("out", joined, error)
    error, direct = np.split(error @ arrays["out"].T, [trace.last.shape[2]], axis=2)
    for n in reversed(range(LAYERS)):
        error = error * trace.masks[n + 1]
        inputs, walks = trace.layers[n]
        on, back = np.split(error, 2, axis=2)
        parts = _go_back_walks(walks, np.stack([on, turn(back)], axis=2), lanes)
        sums = np.concatenate(
            [way for g in parts for way in (g[:, :, 0], turn(g[:, :, 1]))], axis=2
        )
        gradients |= _product(f"recurrent{n}", inputs, sums)
        error = sums @ arrays[f"recurrent{n}"].T
    error = (error + direct) * trace.masks[0] * (trace.units > 0)
    return gradients | _product("units", trace.inputs, error)


def _go_back_walks(walks: Walks, error: F32, lanes: Lanes) -> tuple[F32, F32]:
    """Gradients of the sums of gates and candidates from that of the states."""
    goes_on = ~lanes.begins[..., None]
    stay = 1 - walks.gate
    # What a state hands on is what the next one takes: the walk back, one paragraph further.
    scan(turn(error), before(turn(stay * goes_on)))
    gate = error * (walks.candidate - before(walks.state) * goes_on) * walks.gate * stay
    return gate, error * walks.gate


def _product(name: str, inputs: F32, error: F32) -> Arrays:
    """Gradients of weights and bias, from grids of their inputs and of their outputs' error."""
    inputs, error = inputs.reshape(-1, inputs.shape[2]), error.reshape(-1, error.shape[2])
    return {name: inputs.T @ error, f"{name}_bias": error.sum(axis=0)}


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
