"""Why a run barely moves where the surface slopes. Its last step is taken again, each time with one part changed.

A momentum is not among the parts: where a run stands still, its momentum becomes a multiple of the gradient.
"""

import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.numerals import written
from engine.optimizers import Lane
from engine.surfaces.critical import hessian
from engine.surfaces.descent import Descent, Run, begin
from engine.surfaces.rates import suggested_rate
from engine.surfaces.stepping import take_steps
from engine.surfaces.surface import Surface
from engine.surfaces.typical import usual_curvature, usual_slope

DIVISORS = {
    "exp_avg_sq": "the root of the mean of the squared gradients",
    "square_avg": "the root of the mean of the squared gradients",
    "sum": "the root of the sum of all squared gradients",
    "exp_inf": "the largest of its gradients",
}
"""Entry of torch's optimizer state -> what the optimizer divides by."""


@dataclass(frozen=True)
class LastStep:
    """The last step of a run, as it was before it was taken.

    point: [2]. noise: what is added to the gradient, [2].
    group, memory: the optimizer's settings, and its state of the point.
    """

    lane: Lane
    surface: Surface
    point: Tensor
    noise: Tensor
    group: dict[str, Any]
    memory: dict[str, Any]

    def length(
        self,
        group: Mapping[str, Any] = MappingProxyType({}),
        state: Mapping[str, Any] = MappingProxyType({}),
        scale: float = 1.0,
        forget: bool = False,
    ) -> float:
        """The length of the step with some parts changed. Without a change it is the run's, bit for bit.

        group, state: new values in the optimizer's settings and in its state. scale: a factor of the loss.
        forget: whether the optimizer starts with an empty state.
        """
        point = self.point.clone().requires_grad_()
        optimizer = self.lane.resolve()([point], **self.lane.arguments())
        optimizer.param_groups[0].update(self.group | dict(group))
        optimizer.state[point] = {} if forget else deepcopy(self.memory) | dict(state)

        def loss() -> Tensor:
            return scale * (self.surface(point) + (self.noise * point).sum())

        def backward() -> Tensor:
            point.grad = None
            value = loss()
            value.backward()
            return value

        point.grad = scale * self.gradient
        closures: dict[str, Any] = {"none": None, "backward": backward, "loss": loss}
        optimizer.step(closures[self.lane.closure])
        return float((point.detach() - self.point).norm())

    def slope(self) -> Tensor:
        """The gradient of the surface, [2]."""
        at = self.point.clone().requires_grad_()
        (slope,) = torch.autograd.grad(self.surface(at), at)
        return slope

    @property
    def gradient(self) -> Tensor:
        """The gradient that the optimizer receives, [2]."""
        return self.slope() + self.noise

    @property
    def pull(self) -> Tensor:
        """The gradient that the optimizer averages: with the weight decay, unless this is decoupled."""
        decoupled = self.group.get("decoupled_weight_decay") or self.group.get("weight_decouple")
        return self.gradient + (0.0 if decoupled else self.group.get("weight_decay", 0.0)) * self.point


Part = tuple[float, str]
"""The length of the step with another value of one part, and a text that this length completes."""


def last_step(descent: Descent, run: Run) -> LastStep:
    """The last step of ``run``; if it has come to a halt, the first step that did not move it."""
    spec, found = descent.spec, list[tuple[Tensor, dict[str, Any], dict[str, Any]]]()
    moved = np.flatnonzero(run.columns["step_length"][:-1] > 0)
    number = min(run.steps - 1, int(moved[-1]) + 1 if moved.size else 0)
    taken = 0

    def started(point: Tensor) -> tuple[torch.optim.Optimizer, Any, str, str]:
        lane = begin(run.lane, point, spec.steps)

        def before(optimizer: torch.optim.Optimizer, *_: Any) -> None:
            nonlocal taken
            if taken == number:
                group = {name: value for name, value in optimizer.param_groups[0].items() if name != "params"}
                found.append((point.detach().clone(), group, deepcopy(optimizer.state[point])))
            taken += 1

        lane[0].register_step_pre_hook(before)
        return lane

    take_steps(descent.surface, spec.origin(), [started], number + 1, spec.noise, spec.seed)
    noise, generator = torch.zeros(2, dtype=torch.float64), torch.Generator().manual_seed(spec.seed)
    for _ in range(number + 1):
        noise.normal_(0.0, spec.noise, generator=generator)
    ((point, group, memory),) = found
    return LastStep(run.lane, descent.surface, point, noise, group, memory)


def slowness(descent: Descent, run: Run, still: float) -> str:
    """Which part makes the last step of ``run`` at most ``still`` long, in one or two sentences.

    A part is the cause if the step would be longer than ``still`` with another value of this part alone. If there are
    several such parts, the one that shortens the step most is named. A pull that cancels the gradient comes first.
    """
    last = last_step(descent, run)
    for group in (_decays(last), [*_factors(last, descent), *_averages(last), *_rules(last)]):
        length, why = max(((length, why) for length, why in group if math.isfinite(length)), default=(0.0, ""))
        if length > still:
            return f"{why}, the step would have the length {written(length)}."
    return "No part of the step is so small by itself, and the cause is not established."


def _decays(last: LastStep) -> Iterator[Part]:
    for decay in ("weight_decay", "lambd"):
        if last.group.get(decay):
            why = "Its weight decay pulls back as strongly as the gradient pulls forward. Without the decay"
            yield last.length({decay: 0.0}), why


def _factors(last: LastStep, descent: Descent) -> Iterator[Part]:
    """The rate and the gradient."""
    lane, rate, eta = last.lane, last.group["lr"], last.memory.get("eta")
    if rate < lane.lr:
        why = f"Its schedule has set the rate to {rate:.2g} here. At the full rate {lane.lr:.2g}"
        yield last.length({"lr": lane.lr}), why
    suggested = suggested_rate(type(lane), descent.surface, descent.spec.origin())
    if suggested > lane.lr:
        factor = suggested / lane.lr
        why = f"Its rate {lane.lr:.2g} is small. At the suggested rate {suggested:.2g}"
        yield last.length({"lr": factor * rate}, {} if eta is None else {"eta": factor * eta}), why
    if last.group.get("lr_decay"):
        yield last.length({"lr_decay": 0.0}), "Its rate decay has lowered the rate. Without the rate decay"
    size, usual = float(last.slope().norm()), usual_slope(last.surface)
    if 0 < size < usual:
        why = f"The gradient is small here. With the picture's median gradient {written(usual)}"
        yield last.length(scale=usual / size), why


def _averages(last: LastStep) -> Iterator[Part]:
    """What the optimizer divides by, as it would be if all gradients had been the last one."""
    group, memory, pull = last.group, last.memory, last.pull
    # An average that starts from 0 has not yet the full size of what it averages, and Adam corrects for that.
    squares = pull.square() * (1 - group["betas"][1] ** float(memory["step"]) if "exp_avg_sq" in memory else 1.0)
    none = torch.zeros_like(pull)
    fresh = {"exp_avg_sq": squares, "max_exp_avg_sq": squares, "square_avg": squares, "exp_inf": pull.abs()}
    alike = {name: value for name, value in (fresh | {"sum": none, "grad_avg": none}).items() if name in memory}
    if words := next((words for name, words in DIVISORS.items() if name in memory), ""):
        why = f"{last.lane.display.label} divides by {words}, in which earlier, larger gradients remain"
        yield last.length(state=alike), f"{why}. With this gradient alone"
    default = dict(last.lane.plain()).get("eps")
    if default is not None and group["eps"] != default:
        yield last.length({"eps": default}), f"Its ε = {group['eps']:g} makes the step short. With ε = {default:g}"


def _rules(last: LastStep) -> Iterator[Part]:
    if "step_size" in last.memory:
        fresh = {"step_size": torch.full_like(last.point, last.lane.lr), "prev": torch.zeros_like(last.point)}
        why = "Rprop has shortened its step at each change of the gradient's sign. With its first length"
        yield last.length(state=fresh), why
    if dampening := last.group.get("dampening"):
        why = f"Its dampening {dampening:g} keeps the gradient out of the momentum. Without the dampening"
        yield last.length({"dampening": 0.0}), why
    if last.lane.optimizer == "lbfgs":
        why = "Its line search finds no lower point. Without the search"
        yield last.length({"line_search_fn": None}), why
        why = (
            "L-BFGS rests where its gradient is below 1e-7, or the slope along its step below 1e-9. Without these rules"
        )
        yield last.length({"tolerance_grad": 0.0, "tolerance_change": 0.0}), why
        yield last.length(forget=True), "It remembers larger curvatures. Without its memory"
    if last.lane.optimizer == "newton":
        yield from _curvature(last)


def _curvature(last: LastStep) -> Iterator[Part]:
    """Newton's step is the gradient over the curvature."""
    size, rate, usual = float(last.gradient.norm()), last.group["lr"], usual_curvature(last.surface)
    if damping := last.group["damping"]:
        why = f"Its damping {damping:.2g} is large beside the curvature. Without the damping"
        yield last.length({"damping": 0.0}), why
    along = float((hessian(last.surface, last.point) @ last.gradient).norm()) / size
    if along == 0:
        why = "Newton's method does not move along a slope without curvature. With a curvature of 1"
        yield rate * size, why
    elif along > usual > 0:
        here, median = written(along), written(usual)
        why = f"It divides the gradient by the curvature, {here} here. With the picture's median {median}"
        yield rate * size / usual, why
