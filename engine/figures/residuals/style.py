"""What the figures of the twins share: colours, labels, and how a training is played."""

from typing import Any

import numpy as np

from engine.figures.meta import Player
from engine.figures.style import Array, axis_of, sizes_axis
from engine.residuals.trained import Training
from engine.signals.flow import TWINS

COLOURS = {"plain": "#ae4006", "residual": "#1065b2"}

QUANTITIES = {
    "gradient": "‖∂L/∂h‖",
    "weight_mean": "mean |∂L/∂W|",
    "weight_gradient": "‖∂L/∂W‖",
    "signal": "‖h‖",
    "relative": "‖∂L/∂W‖ / ‖W‖",
}
"""What can be drawn of each layer: field of ``Trace`` -> label."""

READINGS = {"loss": "Cross-entropy", "right": "Share right"}
"""How well a twin does: field of ``Training`` and ``Sweep`` -> label."""


def learning_player(training: Training, group: str) -> Player:
    """A player over the steps of the training so far."""
    return {"group": group, "steps": int(training.steps[-1]), "along": True}


def reached(training: Training, what: str = "Layer") -> list[str]:
    """The titles of an axis of ``what`` at each recorded step."""
    return [f"{what}, after step {step}" for step in training.steps]


def learning_axis(reading: str, *curves: Array) -> dict[str, Any]:
    """The axis of a key of ``READINGS``: up to 1 for a share, logarithmic for a loss."""
    if reading == "right":
        return axis_of(READINGS[reading], range=[0, 1.03], tickformat="~%")
    return sizes_axis(READINGS[reading], *curves)


def last_values(curves: dict[str, Array]) -> str:
    """The last finite value of each twin that has one, in words."""
    finite = {twin: values[np.isfinite(values)] for twin, values in curves.items()}
    return "; ".join(f"{TWINS[twin].lower()} {values[-1]:.3g}" for twin, values in finite.items() if len(values))
