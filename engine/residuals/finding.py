"""What each view shows, in a sentence or two with the numbers of its result."""

import math

import numpy as np

from engine.numerals import ten_to, written
from engine.residuals.blocks import BlockFlow, survival
from engine.residuals.example import Textbook
from engine.residuals.paths import Array, Highway
from engine.residuals.shattered import Shattering
from engine.residuals.trained import Sweep, Training
from engine.signals import TWINS, Flow, Trace

NEAR = 4
"""The distance of the two inputs whose gradients are compared, as a number of places on the arc."""

TINY = 1e-6
"""Below this size, only the power of ten of a gradient matters."""

OF_WEIGHTS = {
    "weight_mean": "mean weight gradient",
    "weight_gradient": "norm of the weight gradient",
    "relative": "relative step",
}
"""The quantities that belong to a layer's weights: field of ``Trace`` -> its name in a sentence."""


def flow_finding(flow: Flow, quantity: str, shortcuts: bool) -> str:
    """How a quantity of each layer changes on its way through the network.

    quantity: a key of ``engine.figures.residuals.QUANTITIES``. shortcuts: whether the residual twin is drawn too.
    """
    said: list[str] = []
    for twin in TWINS if shortcuts else ["plain"]:
        trace: Trace = getattr(flow, twin)
        if quantity in OF_WEIGHTS:
            what, ends = f"the {OF_WEIGHTS[quantity]}", _range(getattr(trace, quantity))
        elif quantity == "signal":
            what = "the signal after the last layer"
            ends = _compared(trace.signal[-1], trace.signal[0], "before the first")
        else:
            what = "the gradient at the first layer"
            ends = _compared(trace.gradient[0], trace.gradient[-1], "at the last")
        said.append(f"{TWINS[twin]} {'it' if said else what} {ends}.")
    return " ".join(said)


def loss_note(flow: Flow) -> str:
    """Why shortcuts raise the loss before any training; "" unless the growth of the signal is the reason.

    With LayerNorm before the blocks or after the sums, the head gets a signal of fixed size.
    """
    plain, residual = flow.plain, flow.residual
    grown = residual.signal[-1] / residual.signal[0]
    if flow.spec.norm in ("pre", "post") or not (plain.loss < residual.loss < math.inf and grown >= 2):
        return ""
    said = (
        f"With shortcuts the loss is {written(residual.loss)}, and {written(plain.loss)} without. Every shortcut adds "
        f"a branch to the signal, which grows from {written(residual.signal[0])} to {written(residual.signal[-1])}. So "
        "the outputs of the untrained head are large, and its guesses are confident and mostly wrong."
    )
    if plain.signal[-1] < 1e-3 * plain.signal[0]:
        said += " Without shortcuts the signal vanishes, so every class gets the same probability."
    return said


def textbook_finding(found: Textbook) -> str:
    """How much smaller the first layer's gradient is than the last layer's."""
    without, along = (gradients[-1] / gradients[0] for gradients in (found.plain, found.residual))
    return (
        f"Without shortcuts the first layer's gradient is {written(without)} times smaller than the last layer's. With "
        f"shortcuts it is only {written(along)} times smaller. Shortcuts make it "
        f"{written(found.residual[0] / found.plain[0])} times larger."
    )


def highway_finding(found: Highway) -> str:
    """The share of the gradient that came along the shortcuts before any training; "" if it cannot be split."""
    if not found.finite:
        return ""
    return (
        f"Before any training, on average {found.shortcut.mean():.0%} of the gradient comes along each shortcut. On "
        f"its way to the stem it goes through {round(float(found.mean_length()[0]), 1) + 0:g} of "
        f"{len(found.shortcut)} branches."
    )


def blocks_finding(flow: BlockFlow, whole: BlockFlow) -> str:
    """How much of its gradient each part of the first block has kept. whole: as in ``survival``."""
    if not np.isfinite([norm for each in flow.norm.values() for norm in each]).all():
        return "The gradients of some parts are not finite."
    parts = survival(flow, whole).set_index("name")
    if flow.spec == whole.spec:
        ratios = parts["first"] / parts["last"]
        return (
            f"With nothing switched off, the gradients in the first block are {written(ratios.min())} to "
            f"{written(ratios.max())} times those in the last: none vanishes. Switch off a shortcut."
        )
    left = parts["left"].dropna()
    return (
        f"Compared with nothing switched off, the gradients in the first block are multiplied by {written(left.min())} "
        f"({left.idxmin()}) to {written(left.max())} ({left.idxmax()})."
    )


def training_finding(so_far: Training) -> str:
    """The accuracy and the loss of both twins at the last look; "" before the first."""
    if not len(so_far.steps):
        return ""
    said, words = [], f" of the samples are right after {so_far.steps[-1]} steps"
    for twin in TWINS:
        right, loss = so_far.right[twin][-1], so_far.loss[twin][-1]
        if math.isnan(right):
            said.append(f"{TWINS[twin]} the training has stopped.")
        else:
            said.append(f"{TWINS[twin]} {right:.0%}{words}, at loss {written(loss)}.")
            words = ""
    return " ".join(said)


def sweep_finding(so_far: Sweep, reading: str) -> str:
    """The best result of each twin and that of its deepest network. reading: "loss" or "right"."""
    said = []
    for twin in TWINS:
        values = getattr(so_far, reading)[twin]
        if not np.isfinite(values).any():
            said += [f"{TWINS[twin]} no network could be trained."] if len(values) else []
            continue
        best = int(np.nanargmin(values) if reading == "loss" else np.nanargmax(values))
        name = "the lowest loss" if reading == "loss" else "the best accuracy"
        shown = [written(value) if reading == "loss" else f"{value:.0%}" for value in values]
        layers = [f"{depth} layer{'s' if depth > 1 else ''}" for depth in so_far.depths]
        ends = f"; {layers[-1]} {'diverge' if math.isnan(values[-1]) else f'end at {shown[-1]}'}"
        said.append(
            f"{TWINS[twin]} {name} is {shown[best]}, with {layers[best]}{ends if best < len(values) - 1 else ''}."
        )
    return " ".join(said)


def shattering_finding(found: Shattering) -> str:
    """How alike the gradients at two near inputs are, and whether that means anything."""
    said = [f"Compare the gradients at two inputs {found.lag[NEAR]:.2g} radians apart."]
    for twin in TWINS:
        alike = float(getattr(found, f"{twin}_likeness")[NEAR])
        has = "some have no direction" if math.isnan(alike) else f"their cosine is {alike:.2f}"
        said.append(f"{TWINS[twin]} {has}.")
    shrunk = float(np.abs(found.plain).mean() / np.abs(found.residual).mean())
    if shrunk < TINY:
        said.append(
            f"But without shortcuts the gradients are {written(shrunk)} times as large as with them: the signal "
            "vanishes, so the network is nearly linear."
        )
    return " ".join(said)


def _compared(value: float, other: float, there: str) -> str:
    """``value`` as a multiple of ``other``, if there is one."""
    if value == 0 or not math.isfinite(value):
        return f"is {written(value)}"
    if other == 0 or not math.isfinite(other):
        return f"is {written(value)}, and {there} it is {written(other)}"
    return f"is the same as {there}" if value == other else f"is {written(value / other)} times that {there}"


def _range(values: Array) -> str:
    """The least and the greatest of the layers' values."""
    if broken := int((~np.isfinite(values)).sum()):
        return f"is not finite in {broken} of {len(values)} layers"
    low, high = float(values.min()), float(values.max())
    if high == 0:
        return "is 0 in every layer"
    if high < TINY:
        return f"is below {ten_to(math.floor(math.log10(high)) + 1)} in every layer"
    return f"is between {written(low)} and {written(high)}"
