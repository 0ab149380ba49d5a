"""What a flow of gradients says, in a table and in sentences."""

import numpy as np
import pandas as pd

from engine.residuals.flow import TWINS, Flow, Trace

NAMES = {"plain": "Without shortcuts", "residual": "With shortcuts"}


def summary(flow: Flow) -> pd.DataFrame:
    """One row a twin: its name, the loss, mean |dL/dW| of the first and the last layer, and the factor by which a layer
    multiplies ||dL/dh|| on its way back, geometric mean over the layers: measured, and expected by mean-field theory
    (NaN where it says nothing)."""
    rows = []
    for twin in TWINS:
        trace: Trace = getattr(flow, twin)
        expectation = trace.expectation("gradient")
        rows.append({
            "name": NAMES[twin],
            "loss": trace.loss,
            "first": trace.weight_mean[0],
            "last": trace.weight_mean[-1],
            "factor": factor(trace.gradient),
            "expected": np.nan if expectation is None else factor(expectation),
        })  # fmt: skip
    return pd.DataFrame(rows)


def factor(gradient: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """By what a layer multiplies ``gradient`` [layers + 1] on its way back, geometric mean over the layers."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.exp(np.log(gradient[0] / gradient[-1]) / (len(gradient) - 1)))


def notes(flow: Flow) -> list[str]:
    """Where numbers leave what float32 can hold, a sentence each."""
    told = []
    for twin in TWINS:
        trace: Trace = getattr(flow, twin)
        lost = np.flatnonzero(~np.isfinite(trace.signal))
        if len(lost):
            told.append(
                f"{NAMES[twin]} the signal is {_word(trace.signal[lost[0]])} from layer {lost[0]} on: beyond 3.4e38 "
                "float32 has no numbers. Neither loss nor gradients exist."
            )
            continue
        broken = np.flatnonzero(~np.isfinite(trace.weight_gradient))
        if len(broken):
            told.append(f"{NAMES[twin]} gradients overflow in layer {broken[-1] + 1} on their way back.")
        dead = np.flatnonzero(trace.weight_gradient == 0)
        if len(dead):
            told.append(f"{NAMES[twin]} the gradient is exactly 0 in {_layers(dead + 1, flow.spec.depth)}.")
    return told


def _word(value: float) -> str:
    return "infinite" if np.isinf(value) else "not a number"


def _layers(numbers: np.ndarray[tuple[int, ...], np.dtype[np.intp]], depth: int) -> str:
    if len(numbers) == depth:
        return "every layer"
    if len(numbers) == 1:
        return f"layer {numbers[0]}"
    if len(numbers) == numbers[-1] - numbers[0] + 1:
        return f"layers {numbers[0]} to {numbers[-1]}"
    return f"{len(numbers)} layers"
