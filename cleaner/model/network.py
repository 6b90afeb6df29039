"""The network that reads a page: each paragraph in the light of all before and after it.

    inputs ─rectified units─┬─▶ recurrent layer ─▶ recurrent layer ─┬─▶ softmax ─▶ probabilities
                            └───────────────────────────────────────┘

A recurrent layer keeps a state from paragraph to paragraph, half of its units from the page's
beginning to its end, half back. Gate z and candidate c depend on the paragraph alone, and the state
moves by h = (1 - z) h + z c (the minimal gated unit of Feng et al., 2024, "Were RNNs all we
needed?"), so that the costly products are made for all paragraphs at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.features.words import F32
from cleaner.model.steps import Steps, rearrange

Arrays = dict[str, NDArray[np.float32]]

LAYERS = 2
"""Recurrent layers."""

CLIP = 3.0
"""Deviations from the mean beyond which an input says no more: rare signs and endless paragraphs
would rule a network otherwise. 0.61 to 0.63 in mean F1 over the kinds of text, cross-validated."""

Drop = Callable[[F32], F32]
"""Training's dropout; the running program drops nothing."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What a recurrent layer computed; all but `inputs` and `output` with a row for each step."""

    inputs: F32
    gate: F32
    candidate: F32
    state: F32
    output: F32


@dataclass(frozen=True, slots=True)
class Trace:
    """What the network computed: the probabilities, and all that training needs to go back."""

    inputs: F32
    units: F32
    layers: list[Layer]
    last: F32
    probabilities: F32


def run_network(inputs: F32, arrays: Arrays, steps: Steps, drop: Drop | None = None) -> Trace:
    """Run the network on scaled inputs of paragraphs, shape (paragraphs, features)."""
    units = inputs @ arrays["units"]
    units += arrays["units_bias"]
    np.maximum(units, 0, out=units)
    last = units = drop(units) if drop else units
    layers = []
    for n in range(LAYERS):
        layers.append(_recur(last, arrays[f"recurrent{n}"], arrays[f"recurrent{n}_bias"], steps))
        last = drop(layers[n].output) if drop else layers[n].output
    joined: F32 = np.hstack([last, units])
    probabilities = softmax(joined @ arrays["out"] + arrays["out_bias"])
    return Trace(inputs, units, layers, joined, probabilities)


def _recur(inputs: F32, weights: F32, bias: F32, steps: Steps) -> Layer:
    gate, candidate = (
        rearrange(inputs @ w + b, steps.to_steps)
        for w, b in zip(np.hsplit(weights, 2), np.split(bias, 2), strict=True)
    )
    # The logistic function by way of the hyperbolic tangent, which can't overflow.
    gate *= 0.5
    np.tanh(gate, out=gate)
    gate += 1
    gate *= 0.5
    state = gate * candidate
    stay = 1 - gate
    for low, high, end in steps.moves:
        state[high:end] += stay[high:end] * state[low : low + end - high]
    return Layer(inputs, gate, candidate, state, rearrange(state, steps.to_paragraphs))


def scale_inputs(inputs: F32, arrays: Arrays) -> F32:
    """Bring inputs to mean 0 and deviation 1, and what is far off to `CLIP` deviations."""
    scaled = inputs - arrays["mean"]
    scaled *= arrays["scale"]
    return np.clip(scaled, -CLIP, CLIP, out=scaled)


def softmax(scores: F32) -> F32:
    """Probabilities from scores, row by row."""
    scores = scores - scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores
