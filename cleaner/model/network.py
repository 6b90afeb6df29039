"""The network that reads a page: each paragraph in the light of all before and after it.

    inputs ─rectified units─┬─▶ recurrent layer ─▶ recurrent layer ─┬─▶ softmax ─▶ probabilities
                            └───────────────────────────────────────┘

A recurrent layer keeps two states from paragraph to paragraph, one forward along the page, one
backward. Gate z and candidate c depend on the paragraph alone, and the state moves by
h = (1 - z) h + z c (the minimal gated unit of Feng et al., 2024, "Were RNNs all we needed?"), so
that the costly products are made for all paragraphs at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaner.features.arrays import F32
from cleaner.labels import LABELS
from cleaner.model.scan import ScanChunks, from_grid, reverse, scan, to_grid

Arrays = dict[str, NDArray[np.float32]]

UNITS, STATES = 96, (96, 48)
"""Rectified units, and states of each recurrent layer in each direction: chosen by cross-validation
over the training sites. Half as many states in the second layer as in the first cost no accuracy,
and a third less time."""

LAYERS = len(STATES)
"""Recurrent layers."""

CLIP = 3.0
"""Deviations from the mean beyond which an input says no more: rare signs and endless paragraphs
would rule a network otherwise. 0.61 to 0.63 in mean F1 over the kinds of text, cross-validated."""


def weight_shapes(inputs: int) -> dict[str, tuple[int, int]]:
    """The shape of each matrix of weights, from `inputs` features on; each has a bias beside it,
    NAME_bias, of as many entries as the matrix has columns."""
    shapes = {"units": (inputs, UNITS)}
    below = UNITS
    for n, states in enumerate(STATES):
        shapes[f"recurrent{n}"] = (below, 4 * states)
        below = 2 * states
    return shapes | {"out": (below + UNITS, len(LABELS))}


def run_network(inputs: F32, arrays: Arrays, chunks: ScanChunks) -> F32:
    """Return the probabilities of paragraphs, shape (paragraphs, labels), from their scaled
    inputs, shape (paragraphs, features)."""
    last = units = to_grid(read_inputs(inputs, arrays))
    for n in range(LAYERS):
        last = join_states(scan_states(*read_gates(last, arrays, n), chunks))
    return from_grid(give_probabilities(last, units, arrays), chunks.rows)


def read_inputs(inputs: F32, arrays: Arrays) -> F32:
    """The rectified units of inputs, of any shape (…, features)."""
    units = sums(inputs, arrays["units"], arrays["units_bias"])
    return np.maximum(units, 0, out=units)


def read_gates(inputs: F32, arrays: Arrays, layer: int) -> tuple[F32, F32]:
    """Gates and candidates of a recurrent layer from a grid of its inputs, each as a grid for both
    directions."""
    steps, chunks, columns = inputs.shape
    both = np.empty((2, steps, chunks, columns + 1), inputs.dtype)
    both[0, ..., :-1] = inputs
    both[1, ..., :-1] = reverse(inputs)
    both[..., -1] = 1  # for the bias
    # Columns of the weights: gates forward and backward, candidates forward and backward.
    weights = np.vstack([arrays[f"recurrent{layer}"], arrays[f"recurrent{layer}_bias"]])
    weights = weights.reshape(columns + 1, 2, 2, -1).transpose(1, 2, 0, 3)
    into = np.empty((2, steps, chunks, 2, weights.shape[3]), inputs.dtype)
    both = both.reshape(2, steps * chunks, columns + 1)
    np.matmul(both, weights, out=into.reshape(2, steps * chunks, 2, -1).swapaxes(1, 2))
    return logistic(into[0]), into[1]


def scan_states(gate: F32, candidate: F32, chunks: ScanChunks) -> F32:
    """The states of both scans. Works in place, and both grids are used up."""
    candidate *= gate
    stay = np.subtract(1, gate, out=gate)
    stay[chunks.begins] = 0
    scan(candidate, stay)
    return candidate


def join_states(state: F32) -> F32:
    """A layer's output: the states of both scans at each paragraph."""
    return np.concatenate([state[:, :, 0], reverse(state[:, :, 1])], axis=2)


def sums(values: F32, weights: F32, bias: F32) -> F32:
    """What goes into units: the weighted sums of a grid's columns, by one product of matrices."""
    found = values.reshape(-1, len(weights)) @ weights
    found += bias
    return found.reshape(*values.shape[:-1], weights.shape[1])


def give_probabilities(last: F32, units: F32, arrays: Arrays) -> F32:
    """Probabilities from the last layer's states and the units."""
    to_last, to_units = np.split(arrays["out"], [last.shape[-1]])
    scores = sums(last, to_last, arrays["out_bias"])
    scores += (units.reshape(-1, units.shape[-1]) @ to_units).reshape(scores.shape)
    return softmax(scores)


def logistic(sums: F32) -> F32:
    """The logistic function, in place."""
    np.negative(sums, out=sums)
    with np.errstate(over="ignore"):  # of what is far below 0, to infinity, and then to 0
        np.exp(sums, out=sums)
    sums += 1
    return np.reciprocal(sums, out=sums)


def scale_inputs(inputs: F32, arrays: Arrays) -> F32:
    """Bring inputs, in their place, to mean 0 and deviation 1, and what is far off to `CLIP`
    deviations."""
    inputs -= arrays["mean"]
    inputs *= arrays["scale"]
    return np.clip(inputs, -CLIP, CLIP, out=inputs)


def softmax(scores: F32) -> F32:
    """Probabilities from scores, along the last axis."""
    # Label by label: numpy's sums and maxima of few numbers are slow, those of few rows are not.
    by_label = np.moveaxis(scores, -1, 0).copy()
    by_label -= by_label.max(axis=0)
    np.exp(by_label, out=by_label)
    by_label /= by_label.sum(axis=0)
    return np.moveaxis(by_label, 0, -1)


def apply_temperature(probabilities: F32, temperature: float) -> F32:
    """Calibrate (Guo et al., 2017): what is hotter than 1 makes probabilities more alike."""
    raised = np.power(probabilities, np.float32(1 / temperature))
    raised /= raised.sum(axis=-1, keepdims=True)
    return raised
