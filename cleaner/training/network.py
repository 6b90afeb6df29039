"""Train the network of `cleaner.model.network`: gradients, Adam, and the passes over views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from cleaner.features.arrays import F32, I64, ranges
from cleaner.model.network import (
    LAYERS,
    Arrays,
    give_probabilities,
    join_states,
    read_gates,
    read_inputs,
    scan_states,
    weight_shapes,
)
from cleaner.model.scan import ScanChunks, cut_chunks, from_grid, reverse, scan, shift, to_grid

EPOCHS, DROPOUT = 12, 0.1
"""Passes over the data, and share of units that each step of training leaves out: chosen by
cross-validation over the training sites."""

MIN_STEPS = 80
"""Steps of training below which there are more passes: for little data."""

BATCH_PARAGRAPHS = 2500
"""Paragraphs of whole views that make a step."""

LEARNING_RATE, WEIGHT_DECAY, WARMUP = 3e-3, 0.01, 0.3
"""Highest learning rate, weight decay, and share of the steps in which the rate rises; it falls by
half a cosine in the others (Smith and Topin, 2018)."""

MAX_GRAD_NORM = 1.0
"""Norm that the gradients of a step are cut to."""


def fit_network(
    scaled: F32,
    labels: NDArray[np.int64],
    view_offsets: I64,
    share: NDArray[np.float64],
    task: tuple[NDArray[np.int64], int],
) -> Arrays:
    """Fit a network on some views of scaled inputs.

    `view_offsets` says where each view's paragraphs begin; a label below 0 is unknown. A pass takes
    each view with probability `share`. The `task` is which views, and the seed.
    """
    views, seed = task
    rng = np.random.default_rng(seed)
    arrays = _first_arrays(scaled.shape[1], rng)
    size = float(np.diff(view_offsets)[views] @ share[views])
    passes = max(EPOCHS, round(MIN_STEPS * BATCH_PARAGRAPHS / max(size, BATCH_PARAGRAPHS)))
    batches = [b for _ in range(passes) for b in _batches(views, view_offsets, share, rng)]
    mean, square = ({k: np.zeros_like(a) for k, a in arrays.items()} for _ in range(2))
    with threadpool_limits(1):
        for step, batch in enumerate(batches, 1):
            rows, chunks = side_by_side(batch, view_offsets)
            gradients = _gradients(scaled[rows], labels[rows], arrays, chunks, rng)
            _adam(arrays, gradients, mean, square, step, _learning_rate(step / len(batches)))
    return arrays


def side_by_side(views: NDArray[np.int64], view_offsets: I64) -> tuple[I64, ScanChunks]:
    """The rows of some views, and their chunks."""
    sizes = np.diff(view_offsets)[views]
    return ranges(view_offsets[views], sizes), cut_chunks(np.append(0, np.cumsum(sizes)))


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
    views: NDArray[np.int64],
    view_offsets: I64,
    share: NDArray[np.float64],
    rng: np.random.Generator,
) -> Iterator[NDArray[np.int64]]:
    """Views of about the same length together, in random order."""
    taken = views[rng.random(len(views)) < share[views]]
    lengths = view_offsets[taken + 1] - view_offsets[taken]
    order = np.argsort(lengths * rng.uniform(0.9, 1.1, len(taken)), kind="stable")
    ends = np.cumsum(lengths[order]) // BATCH_PARAGRAPHS
    groups = np.split(taken[order], np.flatnonzero(np.diff(ends)) + 1)
    rng.shuffle(groups)
    for group in groups:
        if len(group):
            yield group


def _gradients(
    scaled: F32,
    labels: NDArray[np.int64],
    arrays: Arrays,
    chunks: ScanChunks,
    rng: np.random.Generator,
) -> Arrays:
    """Gradients of the mean log loss over the paragraphs with a label."""

    def drop(values: F32) -> F32:
        kept = rng.random(values.shape, dtype=np.float32) >= DROPOUT
        return kept.astype(np.float32) / np.float32(1 - DROPOUT)

    trace = forward(scaled, arrays, chunks, drop)
    known = labels >= 0
    error = from_grid(trace.probabilities, chunks.rows).copy()
    error[np.flatnonzero(known), labels[known]] -= 1
    error[~known] = 0
    error /= max(int(known.sum()), 1)
    return backward(trace, to_grid(error), arrays, chunks)


class GatedScan(NamedTuple):
    """A recurrent layer: grids of gate, candidate and state, forward and backward."""

    gate: F32
    candidate: F32
    state: F32


@dataclass(frozen=True, slots=True)
class Trace:
    """What the forward pass computed, as grids: probabilities, and what the backward pass needs."""

    inputs: F32
    units: F32
    layers: list[tuple[F32, GatedScan]]
    """Input and scans of each recurrent layer."""
    last: F32
    masks: list[F32]
    """What dropout multiplied with: the units, then the states of each layer."""
    probabilities: F32


def forward(
    scaled: F32, arrays: Arrays, chunks: ScanChunks, drop: Callable[[F32], F32] = np.ones_like
) -> Trace:
    """Run the network and keep what it computed; `drop` gives the factors of dropout."""
    inputs = to_grid(scaled)
    units = read_inputs(inputs, arrays)
    masks = [drop(units)]
    last = units = units * masks[0]
    layers = []
    for n in range(LAYERS):
        gate, candidate = read_gates(last, arrays, n)
        gated = GatedScan(gate, candidate, scan_states(gate.copy(), candidate.copy(), chunks))
        layers.append((last, gated))
        states = join_states(gated.state)
        masks.append(drop(states))
        last = states * masks[-1]
    return Trace(inputs, units, layers, last, masks, give_probabilities(last, units, arrays))


def backward(trace: Trace, error: F32, arrays: Arrays, chunks: ScanChunks) -> Arrays:
    """Gradients of the weights, from the `error` of the scores before softmax, a grid."""
    joined = np.concatenate([trace.last, trace.units], axis=2)
    gradients = _product("out", joined, error)
    error, direct = np.split(error @ arrays["out"].T, [trace.last.shape[2]], axis=2)
    for n in reversed(range(LAYERS)):
        error = error * trace.masks[n + 1]
        inputs, gated = trace.layers[n]
        of_forward, of_backward = np.split(error, 2, axis=2)
        of_states = np.stack([of_forward, reverse(of_backward)], axis=2)
        parts = _backward_scan(gated, of_states, chunks)
        sums = np.concatenate(
            [of_one for g in parts for of_one in (g[:, :, 0], reverse(g[:, :, 1]))], axis=2
        )
        gradients |= _product(f"recurrent{n}", inputs, sums)
        error = sums @ arrays[f"recurrent{n}"].T
    error = (error + direct) * trace.masks[0] * (trace.units > 0)
    return gradients | _product("units", trace.inputs, error)


def _backward_scan(gated: GatedScan, error: F32, chunks: ScanChunks) -> tuple[F32, F32]:
    """Gradients of the sums of gates and candidates from that of the states."""
    goes_on = ~chunks.begins[..., None]
    stay = 1 - gated.gate
    # What a state hands on is what the next one takes: the reversed scan, one paragraph further.
    scan(reverse(error), shift(reverse(stay * goes_on)))
    gate = error * (gated.candidate - shift(gated.state) * goes_on) * gated.gate * stay
    return gate, error * gated.gate


def _product(name: str, inputs: F32, error: F32) -> Arrays:
    """Gradients of weights and bias, from grids of their inputs and of their outputs' error."""
    inputs, error = inputs.reshape(-1, inputs.shape[2]), error.reshape(-1, error.shape[2])
    return {name: inputs.T @ error, f"{name}_bias": error.sum(axis=0)}


def _learning_rate(done: float) -> float:
    """The learning rate when a share of the steps is `done`."""
    if done < WARMUP:
        return LEARNING_RATE * (0.04 + 0.96 * 0.5 * (1 - float(np.cos(np.pi * done / WARMUP))))
    return LEARNING_RATE * 0.5 * (1 + float(np.cos(np.pi * (done - WARMUP) / (1 - WARMUP))))


def _adam(
    arrays: Arrays, gradients: Arrays, mean: Arrays, square: Arrays, step: int, rate: float
) -> None:
    """A step of Adam with decoupled weight decay (Loshchilov and Hutter, 2019), in place."""
    norm = np.sqrt(sum(float((g * g).sum()) for g in gradients.values()))
    cut = min(1.0, MAX_GRAD_NORM / (norm + 1e-6))
    for name, gradient in gradients.items():
        gradient = gradient * np.float32(cut)
        mean[name] += 0.1 * (gradient - mean[name])
        square[name] += 0.001 * (gradient * gradient - square[name])
        root = np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8
        arrays[name] *= np.float32(1 - rate * WEIGHT_DECAY)
        arrays[name] -= np.float32(rate / (1 - 0.9**step)) * mean[name] / root
