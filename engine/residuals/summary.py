"""A summary of the flow of gradients: a table, formulas and sentences."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.nn import ACTIVATIONS
from engine.signals import TWINS, Flow, Idle, StackSpec, Trace
from engine.signals.zeros import Zero

HELD = 1e-36
"""If the norm of a gradient is below this, float32 cannot represent some of its entries with all their digits."""


def summary(flow: Flow) -> pd.DataFrame:
    """One row for each twin, with these columns.

    name, loss: those of the twin. first, last: mean |dL/dW| of the first and the last layer. factor: see ``factor``.
    expected: the same factor by mean-field theory; NaN if the theory has no answer.
    """
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
    """The factor by which a layer multiplies the gradient's norm on its way back: the geometric mean over layers.

    gradient: the norms, [layers + 1]. If some norms are below ``HELD``, only the layers after the last such norm count.
        The factor is NaN if no layer is left, or if a norm of the layers left is not finite.
    """
    low = np.flatnonzero(~(gradient >= HELD))
    first = low[-1] + 1 if len(low) else 0
    layers = len(gradient) - 1 - first
    if layers < 1 or not np.isfinite(gradient[first:]).all():
        return np.nan
    return float(np.exp(np.log(gradient[first] / gradient[-1]) / layers))


def formula(spec: StackSpec, quantity: str, shortcuts: bool) -> str:
    """The formula of a quantity in the networks of ``spec``, in LaTeX.

    For "signal" and "gradient", it is the formula of one shortcut with its branch F. All other quantities are computed
    from the weights' gradient. For them it is the formula of the weights' gradient.

    quantity: a field of ``Trace``. shortcuts: give the formula of the residual twin, not of the plain twin.
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
    """Sentences that say in which layers numbers become too large for float32, or exactly 0, and why."""
    sentences = []
    for twin in TWINS:
        trace: Trace = getattr(flow, twin)
        lost = np.flatnonzero(~np.isfinite(trace.signal))
        if len(lost):
            sentences.append(
                f"{TWINS[twin]} the signal is {_word(trace.signal[lost[0]])} from layer {lost[0]} on, because float32 "
                "has no numbers beyond 3.4e38. So there is no loss and no gradient."
            )
            continue
        broken = np.flatnonzero(~np.isfinite(trace.weight_gradient))
        if len(broken):
            sentences.append(f"{TWINS[twin]} the gradients overflow in layer {broken[-1] + 1} on their way back.")
        sentences += [
            f"{TWINS[twin]} the weights' gradient is exactly 0 in {_layers(np.array(zero.layers), flow.spec.depth)}: "
            f"{_why(zero, flow.spec)}."
            for zero in trace.causes
        ]
        if not trace.causes:
            sentences += [f"{TWINS[twin]} {most}." for most in _idlest(trace.idle)]
    return sentences


def _idlest(layers: tuple[Idle, ...]) -> list[str]:
    """The layer with the most silent units and the one with the most saturated units, as clauses."""
    clauses = []
    for kind, rule in (("silent", "their output and their slope are 0"), ("saturated", "their slope is 0")):
        counts = [getattr(layer, kind) for layer in layers]
        if most := max(counts):
            number, units = counts.index(most) + 1, layers[counts.index(most)].units
            clauses.append(
                f"{sum(map(bool, counts))} of {len(layers)} layers have {kind} units ({rule} for every sample), "
                f"layer {number} the most: {most} of {units}"
            )
    return clauses


def _why(zero: Zero, spec: StackSpec) -> str:
    """The cause in words."""
    where = "the head" if zero.place > spec.depth else f"layer {zero.place}" if zero.place else "the layer"
    units = f"all {zero.units} units of {where}" if zero.units > 1 else f"the only unit of {where}"
    are, their = ("are", "their") if zero.units > 1 else ("is", "its")
    words = {
        "silent": f"{units} {are} silent: {their} output and {their} slope are 0 for every sample",
        "saturated": f"{units} {are} saturated: the slope of {ACTIVATIONS[spec.activation].label} is 0 there",
        "blocked": f"in {where}, the units that receive a gradient pass none on, and the other units receive none",
        "constant": f"the normalization in {where} has a single unit, so its output is constant",
        "weights": f"the weights of {where} are 0",
        "scale": "the branch is multiplied by 0",
        "signal": f"the signal became too small in {where}, because float32 has no number between 0 and 1.4e-45",
        "gradient": f"the gradient became too small in {where}, because float32 has no number between 0 and 1.4e-45",
    }
    return words[zero.cause]


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
