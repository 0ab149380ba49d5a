"""What mean-field theory expects of signals and gradients in the twins, in the limit of infinite width.

Each unit's pre-activation is then normal, and weights met on the way forward and back count as independent: Poole et
al. 2016, https://arxiv.org/abs/1606.05340; Schoenholz et al. 2017, https://arxiv.org/abs/1611.01232; for residual
networks Yang & Schoenholz 2017, https://arxiv.org/abs/1712.08969.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.nn import ACTIVATIONS, Activation
from engine.signals.spec import StackSpec

Array = NDArray[np.float64]


NO_MEAN = 1e-9
"""A mean output of an activation below this is the quadrature's error."""


@dataclass(frozen=True)
class Expected:
    """growth: E h^2 after each weight layer over that of the stem, [depth + 1].
    chi: by what each layer multiplies the squared gradient on its way back, [depth]: chi[l] leads from h_l+1 to h_l."""

    growth: Array
    chi: Array


def expected(spec: StackSpec, residual: bool, variances: Array, start: float) -> Expected | None:
    """The expectation for one of the twins; None where the theory says nothing: with BatchNorm, whose samples are
    coupled, where the width changes, for shortcuts over several layers, and where the branches of the residual twin add
    outputs of one sign. Those line up over layers, and what they share, 1/width of the gradient at first, grows faster
    than the rest: at a depth of 40 it is the larger part at any width that is built.

    variances: inputs times E w^2 of each trunk weight, [depth]. start: E h^2 of the stem's output.
    """
    if spec.norm == "batch" or spec.halvings or (residual and spec.block * spec.every > 1):
        return None
    activation = ACTIVATIONS[spec.activation]
    if residual and spec.order == "after" and abs(activation.mean()) > NO_MEAN:
        return None
    alpha = spec.branch_scale() if residual else 1.0
    carried = 1.0 if residual else 0.0
    moment, mean = start, 0.0
    growth, chi = [1.0], []
    ends = set(np.cumsum(spec.spans()) - 1)
    for number, variance in enumerate(variances):
        normalized = spec.norm == "pre" and number % spec.block == 0
        entering = 1.0 if normalized else moment
        branch = _branch(activation, spec.order, variance, entering)
        variance_before = moment - mean**2  # LayerNorm divides by it; the mean is over units
        slope = alpha**2 * branch.chi / (variance_before if normalized else 1.0)
        # The branch is independent of what the shortcut carries but for their means, which add up.
        total = carried * (moment + 2 * alpha * mean * branch.mean) + alpha**2 * branch.moment
        mean = carried * mean + alpha * branch.mean
        factor = carried + slope
        if spec.norm == "post" and number in ends:
            size = total - mean**2
            factor, total, mean = (factor / size, 1.0, 0.0) if size > 0 else (np.nan, np.nan, 0.0)
        chi.append(factor)
        moment = total
        growth.append(moment / start)
    return Expected(np.array(growth), np.array(chi))


@dataclass(frozen=True)
class _Branch:
    """moment, mean: of a branch's output units. chi: by what it multiplies a squared gradient."""

    moment: float
    mean: float
    chi: float


def _branch(activation: Activation, order: str, variance: float, entering: float) -> _Branch:
    """One layer of this weight variance for an input of second moment ``entering``."""
    if order == "before":
        return _Branch(variance * activation.moment(entering), 0.0, variance * activation.slope_moment(entering))
    inner = variance * entering
    return _Branch(activation.moment(inner), activation.mean(inner), variance * activation.slope_moment(inner))
