"""The predictions of mean-field theory for signals and gradients in the twins, in the limit of infinite width.

In this limit each unit's pre-activation is normal. The theory treats the weights of the forward pass and those of the
backward pass as independent. Sources: Poole et al. 2016, https://arxiv.org/abs/1606.05340; Schoenholz et al. 2017,
https://arxiv.org/abs/1611.01232; for residual networks, Yang & Schoenholz 2017, https://arxiv.org/abs/1712.08969.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.nn import ACTIVATIONS, Activation
from engine.signals.spec import StackSpec

Array = NDArray[np.float64]

NO_MEAN = 1e-9
"""If the mean output of an activation is below this, it counts as 0. The quadrature has errors of this size."""


@dataclass(frozen=True)
class Expected:
    """The expected growth of signals and gradients.

    growth: E h^2 of the stem's output and after each weight layer, divided by E h^2 of the stem's output, [depth + 1].
    chi: the factor by which each layer multiplies the squared gradient, [depth]. chi[l] is the factor from h_l+1 back
        to h_l.
    """

    growth: Array
    chi: Array


def expected(spec: StackSpec, residual: bool, variances: Array, start: float) -> Expected | None:
    """The prediction for one of the twins; None if the theory has no answer.

    The theory has no answer in these cases: BatchNorm, which couples the samples; a width that changes; in the residual
    twin, shortcuts over several layers; and, in the residual twin, branches whose mean output is not 0. The outputs of
    such branches line up from layer to layer. At first, the part of the gradient that they share is 1/width of the
    whole. But this part grows faster than the rest. At a depth of 40 it is larger than the rest, for every width
    allowed here.

    residual: whether the twin has shortcuts. variances: the number of inputs times E w^2 for each trunk weight,
        [depth]. start: E h^2 of the stem's output.
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
        branch_moment, branch_mean, branch_chi = _branch(activation, spec.order, variance, entering)
        variance_before = moment - mean**2  # LayerNorm divides by this variance over units
        slope = alpha**2 * branch_chi / (variance_before if normalized else 1.0)
        # Branch and shortcut are independent apart from their means, so only the means appear in the cross term.
        total = carried * (moment + 2 * alpha * mean * branch_mean) + alpha**2 * branch_moment
        mean = carried * mean + alpha * branch_mean
        factor = carried + slope
        if spec.norm == "post" and number in ends:
            size = total - mean**2
            factor, total, mean = (factor / size, 1.0, 0.0) if size > 0 else (np.nan, np.nan, 0.0)
        chi.append(factor)
        moment = total
        growth.append(moment / start)
    return Expected(np.array(growth), np.array(chi))


def _branch(activation: Activation, order: str, variance: float, entering: float) -> tuple[float, float, float]:
    """E h^2 and E h of a branch's output units, and the factor by which the branch multiplies a squared gradient.

    variance: the number of inputs times E w^2 of the branch's weight. entering: the second moment of the branch's
        input.
    """
    if order == "before":
        return variance * activation.moment(entering), 0.0, variance * activation.slope_moment(entering)
    inner = variance * entering
    return activation.moment(inner), activation.mean(inner), variance * activation.slope_moment(inner)
