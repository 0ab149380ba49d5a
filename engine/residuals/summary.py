"""What a flow of gradients says, in a table, in formulas and in sentences."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.signals.flow import TWINS, Flow, Trace
from engine.signals.spec import StackSpec

HELD = 1e-36
"""The least norm of a gradient whose parts float32 holds with all their digits."""


def summary(flow: Flow) -> pd.DataFrame:
    """One row a twin: its name, the loss, mean |dL/dW| of the first and the last layer, and the factor by which a layer
    multiplies ||dL/dh|| on its way back: measured, and expected by mean-field theory (NaN where it says nothing)."""
    rows = []
    for twin in TWINS:
        trace: Trace = getattr(flow, twin)
        expectation = trace.expectation("gradient")
        rows.append({
            "name": TWINS[twin],
            "loss": trace.loss,
            "first": trace.weight_mean[0],
            "last": trace.weight_mean[-1],
            "factor": factor(trace.gradient),
            "expected": np.nan if expectation is None else factor(expectation),
        })  # fmt: skip
    return pd.DataFrame(rows)


def factor(gradient: NDArray[np.float64]) -> float:
    """By what a layer multiplies ``gradient`` [layers + 1] on its way back: the geometric mean over the layers on whose
    way it is at least ``HELD``. NaN where there is none, or where it is not finite."""
    low = np.flatnonzero(~(gradient >= HELD))
    first = low[-1] + 1 if len(low) else 0
    layers = len(gradient) - 1 - first
    if layers < 1 or not np.isfinite(gradient[first:]).all():
        return np.nan
    return float(np.exp(np.log(gradient[first] / gradient[-1]) / layers))


def formula(spec: StackSpec, quantity: str, shortcuts: bool) -> str:
    """How a quantity comes about in the networks of ``spec``, in LaTeX: over one shortcut with its branch F, or for a
    weight; those that are made of the weights' gradient have its formula.

    quantity: a field of ``Trace``. shortcuts: in the residual twin.
    """
    if quantity not in ("signal", "gradient"):
        return r"\frac{\partial L}{\partial W} = \sum_n \delta_n a_n^{\top}"
    scale = "" if spec.scale == "one" else r"\alpha "
    over = r"P\," if spec.halvings else ""
    if quantity == "signal":
        inner = rf"{over}h + {scale}F(h)" if shortcuts else "F(h)"
        return rf"h' = \operatorname{{LN}}({inner})" if spec.norm == "post" else f"h' = {inner}"
    jacobian = rf"({over.strip(chr(92) + ',') or 'I'} + {scale}J_F)" if shortcuts else "J_F"
    after = r"J_{\mathrm{LN}}\," if spec.norm == "post" else ""
    whole = rf"({after}{jacobian})" if after else jacobian
    return rf"\frac{{\partial L}}{{\partial h}} = {whole}^{{\top}} \frac{{\partial L}}{{\partial h'}}"


def notes(flow: Flow) -> list[str]:
    """Where numbers leave what float32 can hold or vanish altogether, a sentence each."""
    told = []
    for twin in TWINS:
        trace: Trace = getattr(flow, twin)
        lost = np.flatnonzero(~np.isfinite(trace.signal))
        if len(lost):
            told.append(
                f"{TWINS[twin]} the signal is {_word(trace.signal[lost[0]])} from layer {lost[0]} on: beyond 3.4e38 "
                "float32 has no numbers. Neither loss nor gradients exist."
            )
            continue
        broken = np.flatnonzero(~np.isfinite(trace.weight_gradient))
        if len(broken):
            told.append(f"{TWINS[twin]} gradients overflow in layer {broken[-1] + 1} on their way back.")
        dead = np.flatnonzero(trace.weight_gradient == 0)
        if len(dead):
            layers = _layers(dead + 1, flow.spec.depth)
            told.append(
                f"{TWINS[twin]} the weights' gradient is exactly 0 in {layers}: {_why(flow.spec, twin, trace)}."
            )
    return told


def _why(spec: StackSpec, twin: str, trace: Trace) -> str:
    if twin == "residual" and spec.branch_scale() == 0:
        return "their branches are multiplied by 0"
    if (trace.weight == 0).any():
        return "the weights that it would come through are 0"
    return "float32 has no number between 0 and 1.4e-45"


def _word(value: float) -> str:
    return "infinite" if np.isinf(value) else "not a number"


def _layers(numbers: NDArray[np.intp], depth: int) -> str:
    if len(numbers) == depth:
        return "every layer"
    if len(numbers) == 1:
        return f"layer {numbers[0]}"
    if len(numbers) == numbers[-1] - numbers[0] + 1:
        return f"layers {numbers[0]} to {numbers[-1]}"
    return f"{len(numbers)} layers"
