"""The network that reads a page: each paragraph in the light of all before and after it.

    inputs ─rectified units─┬─▶ recurrent layer ─▶ recurrent layer ─┬─▶ softmax ─▶ probabilities
                            └───────────────────────────────────────┘

A recurrent layer keeps two states from paragraph to paragraph, one from the page's beginning to its
end, one back. Gate z and candidate c depend on the paragraph alone, and the state moves by
h = (1 - z) h + z c (the minimal gated unit of Feng et al., 2024, "Were RNNs all we needed?"), so
that the costly products are made for all paragraphs at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.features.words import F32
from cleaner.model.lanes import Lanes, from_grid, scan, to_grid, turn

Arrays = dict[str, NDArray[np.float32]]

LAYERS = 2
"""Recurrent layers."""

CLIP = 3.0
"""Deviations from the mean beyond which an input says no more: rare signs and endless paragraphs
would rule a network otherwise. 0.61 to 0.63 in mean F1 over the kinds of text, cross-validated."""


class Walk(NamedTuple):
    """One direction of a recurrent layer: grids of gate, candidate and state, in its own order."""

    gate: F32
    candidate: F32
    state: F32


def run_network(inputs: F32, arrays: Arrays, lanes: Lanes) -> F32:
    """Return the probabilities of paragraphs, shape (paragraphs, 6), from their scaled inputs,
    shape (paragraphs, features)."""
    last = units = read_inputs(to_grid(inputs), arrays)
    for n in range(LAYERS):
        last = join_states(*walk_both_ways(last, arrays, n, lanes))
    return from_grid(give_probabilities(last, units, arrays), lanes.rows)


def read_inputs(inputs: F32, arrays: Arrays) -> F32:
    """The rectified units of a grid of inputs."""
    units = sums(inputs, arrays["units"], arrays["units_bias"])
    return np.maximum(units, 0, out=units)


def walk_both_ways(inputs: F32, arrays: Arrays, layer: int, lanes: Lanes) -> tuple[Walk, Walk]:
    """Walk along a grid of inputs, on and back."""
    parts = [
        sums(inputs, weights, bias)
        for weights, bias in zip(
            np.hsplit(arrays[f"recurrent{layer}"], 4),
            np.split(arrays[f"recurrent{layer}_bias"], 4),
            strict=True,
        )
    ]
    gates = _logistic(parts[0]), turn(_logistic(parts[1]))
    candidates = parts[2], turn(parts[3])
    state, stay = np.empty((2, *lanes.goes_on.shape[:2], gates[0].shape[2]), inputs.dtype)
    states = np.split(state, 2, axis=1)
    for gate, candidate, of_way, its_stay in zip(
        gates, candidates, states, np.split(stay, 2, axis=1), strict=True
    ):
        np.multiply(gate, candidate, out=of_way)
        np.subtract(1, gate, out=its_stay)
    stay *= lanes.goes_on
    scan(state, stay)
    on, back = map(Walk, gates, candidates, states)
    return on, back


def join_states(on: Walk, back: Walk) -> F32:
    """A layer's output: the states of both walks at each paragraph."""
    return np.concatenate([on.state, turn(back.state)], axis=2)


def sums(grid: F32, weights: F32, bias: F32) -> F32:
    """What goes into units: a grid's weighted sums, made as one product of matrices."""
    steps, lanes, columns = grid.shape
    found = grid.reshape(steps * lanes, columns) @ weights
    found += bias
    return found.reshape(steps, lanes, weights.shape[1])


def give_probabilities(last: F32, units: F32, arrays: Arrays) -> F32:
    """Probabilities from the last layer's states and the units."""
    to_last, to_units = np.split(arrays["out"], [last.shape[-1]])
    return softmax(sums(last, to_last, arrays["out_bias"]) + units @ to_units)


def _logistic(sums: F32) -> F32:
    """The logistic function by way of the hyperbolic tangent, which can't overflow; in place."""
    sums *= 0.5
    np.tanh(sums, out=sums)
    sums += 1
    sums *= 0.5
    return sums


def scale_inputs(inputs: F32, arrays: Arrays) -> F32:
    """Bring inputs to mean 0 and deviation 1, and what is far off to `CLIP` deviations."""
    scaled = inputs - arrays["mean"]
    scaled *= arrays["scale"]
    return np.clip(scaled, -CLIP, CLIP, out=scaled)


def softmax(scores: F32) -> F32:
    """Probabilities from scores, along the last axis."""
    scores = scores - scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def sharpen(probabilities: F32, power: float) -> F32:
    """Calibrate: raise probabilities to a power (the inverse of a temperature), and normalise."""
    raised = np.power(probabilities, np.float32(power))
    raised /= raised.sum(axis=-1, keepdims=True)
    return raised
