"""Shared parts of the figures of the twins: colours, labels, axes, and the player of a training."""

from typing import Any

import numpy as np

from engine.fields import Quantity
from engine.figures.meta import Player
from engine.figures.style import Array, axis_of, sizes_axis, waiting_axis
from engine.residuals.trained import Training
from engine.signals.flow import TWINS

COLOURS = {"plain": "#b84708", "residual": "#1a6fc2"}

QUANTITIES = {
    "gradient": Quantity("Gradient of the signal", "Gradient of the signal, ‖∂L/∂h‖"),
    "weight_mean": Quantity("Weight gradient, mean", "Weight gradient, mean |∂L/∂W|"),
    "weight_gradient": Quantity("Weight gradient, norm", "Weight gradient, norm ‖∂L/∂W‖"),
    "signal": Quantity("Signal", "Signal, ‖h‖"),
    "relative": Quantity("Relative step", "Relative step, ‖∂L/∂W‖ / ‖W‖"),
}
"""The quantities that can be drawn for each layer: field of ``Trace`` -> names. The axis has the symbol too."""

READINGS = {"loss": "Cross-entropy", "right": "Accuracy"}
"""The measures of a twin's success: field of ``Training`` and ``Sweep`` -> label."""


def learning_player(training: Training, group: str) -> Player:
    """A player over the steps of the training so far."""
    return {"group": group, "steps": int(training.steps[-1]), "along": True}


def reached(training: Training, what: str = "Layer") -> list[str]:
    """The title of an axis of ``what`` at each recorded step."""
    return [f"{what}, after step {step}" for step in training.steps]


def learning_axis(reading: str, *curves: Array, waits: bool = False) -> dict[str, Any]:
    """The axis for a key of ``READINGS``: from 0 to 1 for a share, logarithmic for a loss.

    waits: a question about the curves is open.
    """
    if reading == "right":
        return axis_of(READINGS[reading], range=[0, 1.03], tickformat="~%")
    if waits:
        return waiting_axis(READINGS[reading], *(curve[:1] for curve in curves))
    return sizes_axis(READINGS[reading], *curves)


def last_values(curves: dict[str, Array]) -> str:
    """A text with the last finite value of each twin that has one."""
    finite = {twin: values[np.isfinite(values)] for twin, values in curves.items()}
    return "; ".join(f"{TWINS[twin].lower()} {values[-1]:.3g}" for twin, values in finite.items() if len(values))
