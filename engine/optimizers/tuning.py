"""The effect of an optimizer's learning rate, and the ranges in which a race tunes its hyper-parameters."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from engine.spec import Spec


class Tuning(Spec):
    """The quantity that a good learning rate depends on, and the ranges for a search.

    search: hyper-parameter -> the ends of the log-uniform range that a race's tuning draws from.
    scheduled: whether a schedule acts on the rate. Pages offer none if it does not.
    reach: what a good rate is proportional to: "curvature" (1 / largest eigenvalue of the Hessian), "length" (the size
        of the region to cross; the step's length is about the rate), "both" (it must be small beside either), "model"
        (1 if the steps' quadratic model of the loss holds) or "unit" (a rate near 1 is right anywhere).
    """

    search: ClassVar[Mapping[str, tuple[float, float]]] = {"lr": (1e-5, 1e-1)}
    scheduled: ClassVar[bool] = True
    reach: ClassVar[Literal["curvature", "length", "both", "model", "unit"]] = "length"

    def rated(self) -> bool:
        """Whether the optimizer has a learning rate."""
        return True

    def stable_below(self) -> float | None:
        """The ``lr * lambda`` below which the iterates shrink on a quadratic of curvature ``lambda``.

        None if there is no such law for these settings.
        """
        return None
