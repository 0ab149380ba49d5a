"""What each view shows, in a sentence or two with the numbers of its result, and what to try."""

import math

import numpy as np

from engine.activations.depth import Propagation, Trace
from engine.activations.functions import Array, Comparison, Response
from engine.activations.plane import Phase
from engine.activations.repair import FAULTS, Ladder
from engine.activations.trained import Curves, Trained
from engine.numerals import written

MUCH, LITTLE = 1e3, 1e-3
"""Factors from the first layer to the last above or below which something explodes or vanishes."""

MANY = 0.5
"""Above this share of silent or flat units, a layer is in trouble."""

HUGE = 1e18
"""A signal above this may overflow in the next layer, where it is squared or multiplied."""

BAD_START = 1.5
"""A loss at the start that is this many times the loss of guessing is a bad start."""


def functions_finding(found: Comparison) -> str:
    """Which function passes most of the gradient on, and which least."""
    ranked = sorted(
        (each for each in found.responses if math.isfinite(each.surviving)), key=lambda each: each.surviving
    )
    if not ranked:
        return "None of these functions has a finite slope at all of these inputs."
    least, most = ranked[0], ranked[-1]
    said = f"At these inputs, {most.name} {_passes(most)} on average"
    if len(ranked) == 1:
        return f"{said}."
    if least.surviving > 1:
        return f"{said}, and {least.name} only by {written(least.surviving)}."
    return f"{said}, and {least.name} {'passes on ' if most.surviving > 1 else ''}only {least.surviving:.1%}."


def _passes(response: Response) -> str:
    """What a function does to the squared gradient, on average."""
    if response.surviving > 1:
        return f"multiplies the squared gradient by {written(response.surviving)}"
    return f"passes on {response.surviving:.1%} of the squared gradient"


def depth_finding(found: Propagation, quantity: str) -> str:
    """What became of ``quantity``, a field of ``Trace``, in each network."""
    if quantity in ("silent", "flat"):
        what = "Silent units" if quantity == "silent" else "Flat slopes"
        said = [f"{trace.name} {trace.middle(quantity).max():.0%}" for trace in found.traces]
        return f"{what} in the worst layer: {'; '.join(said)}."
    if quantity in ("mean", "spread"):
        said = [f"{trace.name} {written(trace.middle(quantity)[-1])}" for trace in found.traces]
        return f"{quantity.capitalize()} of the last layer's outputs: {'; '.join(said)}."
    if quantity == "signal":
        said = [f"{trace.name} {_left(trace, 'signal', -1, 0)}" for trace in found.traces]
        return f"The signal after the last layer, relative to the first: {'; '.join(said)}."
    said = [f"{trace.name} {_left(trace, 'gradient', 0, -1)}" for trace in found.traces]
    return f"The gradient at the first layer, relative to the last: {'; '.join(said)}."


def _left(trace: Trace, quantity: str, at: int, of: int) -> str:
    signal = trace.middle("signal")
    if not np.isfinite(signal).all():
        layer = int(np.argmin(np.isfinite(signal))) + 1
        return f"has no value in layer {layer}" if _undefined(signal) else f"overflows in layer {layer}"
    values = trace.middle(quantity)
    return _factor(values[at], values[of])


def _factor(after: float, before: float) -> str:
    return written(after / before) if before else "0"


def _undefined(signal: Array) -> bool:
    """Whether the function has no value for an input, in the first layer whose signal is not finite.

    If numbers overflow there, the layer before is large already, or the signal is infinite.
    """
    first = int(np.argmin(np.isfinite(signal)))
    return bool(np.isnan(signal[first]) and (first == 0 or signal[first - 1] < HUGE))


def advice(found: Propagation) -> list[str]:
    """What to try in each network that is in trouble, with the measurement that it rests on."""
    said = []
    for trace, scheme in zip(found.traces, found.spec.schemes, strict=True):
        if not scheme.gain:
            said.append(f"{trace.name}: all weights are 0, so the inputs reach no layer. Give the weights a scale.")
        elif words := _advice(trace, found.chance):
            said.append(f"{trace.name}: {words}")
    return said


def _advice(trace: Trace, chance: float) -> str:
    silent, flat, signal, gradient = (trace.middle(name) for name in ("silent", "flat", "signal", "gradient"))
    if not np.isfinite(signal).all():
        if _undefined(signal):
            return "the function has no value for some inputs. Choose one that has a value for every number."
        return "the numbers leave the range of float32. Try smaller weights, or an initialization for this activation."
    if (worst := int(np.argmax(silent))) >= 0 and silent[worst] > MANY:
        return (
            f"in layer {worst + 1}, {silent[worst]:.0%} of the units are 0 for every input, so they cannot learn. Try "
            "biases near 0, or a leaky ReLU."
        )
    growth = signal[-1] / signal[0] if signal[0] else math.nan
    back = gradient[0] / gradient[-1] if gradient[-1] else math.nan
    if back < LITTLE:
        cause = "the signal shrinks too, so larger weights help" if growth < LITTLE else _flat(flat)
        left = f"{written(back)} of the gradient is left" if back else "nothing of the gradient is left"
        return f"{left} at the first layer; {cause}."
    if back > MUCH or growth > MUCH:
        which, factor = ("gradient", back) if back > growth else ("signal", growth)
        return f"the {which} grows {written(factor)}-fold through the layers. Try smaller weights."
    start = float(trace.loss.mean())
    if start > BAD_START * chance:
        return (
            f"the loss starts at {start:.3g}, though guessing gives ln C = {chance:.3g}. The first steps only shrink "
            "the last layer. Scale it down."
        )
    return ""


def _flat(flat: Array) -> str:
    worst = int(np.argmax(flat))
    if flat[worst] > MANY:
        return (
            f"{flat[worst]:.0%} of the slopes of layer {worst + 1} are flat. Try smaller weights, or an activation "
            "that does not saturate"
        )
    return "each layer's slopes are too small. Try larger weights, or an activation with slope 1"


def training_finding(found: Trained, reading: str = "loss") -> str:
    """What each network has learned so far, or how many of its units are in trouble. reading: a field of ``Curves``."""
    if not len(found.steps):
        return ""
    if reading in ("silent", "flat"):
        what = "silent units" if reading == "silent" else "flat slopes"
        shares = [f"{curves.name} {_per_cent(curves.middle(reading)[-1])}" for curves in found.curves]
        return f"After {found.steps[-1]:,} steps, {what} of all layers: {'; '.join(shares)}."
    said = [f"{curves.name} {_learned(curves)}" for curves in found.curves]
    return f"After {found.steps[-1]:,} steps: {'; '.join(said)}. A guess has a loss of {found.chance:.3g}."


SILENCED = 0.3
"""Above this share of silent units after some training, a layer is in trouble."""


def training_advice(found: Trained) -> list[str]:
    """What to try for each network that is in trouble at the last look, with the measurement that it rests on."""
    if not len(found.steps):
        return []
    advised = ((curves.name, _training_advice(curves, found)) for curves in found.curves if not curves.ends)
    return [f"{name}: {words}" for name, words in advised if words]


def _training_advice(curves: Curves, found: Trained) -> str:
    silent, loss = curves.silent[:, -1].mean(0), curves.middle("loss")
    worst = int(np.argmax(silent))
    if silent[worst] > SILENCED:
        return (
            f"{silent[worst]:.0%} of the units of layer {worst + 1} are silent and no longer learn. Try leaky ReLU, "
            "a smaller rate, or biases nearer to 0."
        )
    if found.progress == 1 and not loss[-1] < (1 - SAME) * found.chance:
        return (
            f"after all steps its loss of {loss[-1]:.3g} is still that of guessing. “Through depth” shows how much of "
            "the gradient reaches layer 1. Try larger weights, or another activation."
        )
    if loss[0] > BAD_START * found.chance:
        return f"the loss starts at {loss[0]:.3g}, though guessing gives {found.chance:.3g}. Scale the last layer down."
    return ""


def _per_cent(share: float) -> str:
    return "stopped early" if math.isnan(share) else f"{share:.0%}"


def _learned(curves: Curves) -> str:
    loss, right = curves.middle("loss")[-1], curves.middle("right")[-1]
    return "stopped early" if math.isnan(loss) else f"has a loss of {loss:.3g} and gets {right:.0%} right"


EXPECTED = ("Lower", "About the same", "Higher")
"""What a repair can do to the loss after the training."""

SAME = 0.03
"""A change of the loss by less than this share counts as none."""


def repair_finding(found: Ladder) -> str:
    """How the visitor's network starts and ends."""
    own = found.own
    count = len(own.repaired)
    repaired = "no fault is repaired" if not count else f"{count} of {len(FAULTS)} faults are repaired"
    end = "then diverges" if math.isnan(own.end) else f"ends at {own.end:.3g}, with {own.right:.0%} right"
    return f"Now {repaired}: the loss starts at {own.start:.3g} and {end}. Guessing gives {found.chance:.3g}."


def repair_change(before: Ladder, after: Ladder, guess: str | None) -> str:
    """What the last repair did to the loss after the training. guess: one of ``EXPECTED``, if the visitor gave one."""
    old, new = before.own.end, after.own.end
    came = EXPECTED[2 if _worse(new, old) else 0 if _worse(old, new) else 1]
    said = f"The loss after the training went from {written(old)} to {written(new)}."
    if guess is None:
        return said
    return f"{said} You expected: {guess.lower()}. {'That is right.' if guess == came else f'It is {came.lower()}.'}"


def _worse(loss: float, other: float) -> bool:
    return bool(loss > (1 + SAME) * other or (math.isnan(loss) and not math.isnan(other)))


def plane_finding(found: Phase) -> str:
    """On which side of the edge of chaos the chosen network lies, and what that does."""
    chi, scale = found.own_chi, found.own_scale
    if math.isnan(found.own_moment) or math.isnan(chi):
        return "This function has no value for some numbers, so mean-field theory says nothing about it."
    if not math.isfinite(found.own_moment):
        return "In this network the signal grows without bound."
    if chi == 0:
        return "In this network no gradient comes back at all."
    if abs(math.log(chi)) < 1e-3:
        return (
            f"On the edge of chaos, χ = {chi:.4f}: gradients keep their size, and the two inputs slowly become alike."
        )
    if chi < 1:
        return (
            f"Ordered, χ = {chi:.3g}: after every {written(scale)} layers the squared gradient is e times smaller, and "
            f"the two inputs end with a correlation of {found.measured[-1]:.3g}."
        )
    return (
        f"Chaotic, χ = {chi:.3g}: after every {written(scale)} layers the squared gradient is e times larger, and the "
        f"two inputs end with a correlation of {found.measured[-1]:.3g}."
    )
