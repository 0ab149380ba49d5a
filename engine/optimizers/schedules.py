"""Learning-rate schedules: torch's own schedulers, with two knobs that mean the same on runs of any length."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch.optim.lr_scheduler import LRScheduler


@dataclass(frozen=True)
class Schedule:
    """A scheduler of ``torch.optim.lr_scheduler``.

    rule: the rate of step t = 0, 1, ..., T - 1 in LaTeX; p is the phase, c the factor, pT in whole steps, at least one.
    scheduler: its class name, "" for a constant rate.
    arguments: (lr, phase, factor, steps) -> the scheduler's keyword arguments. ``phase`` is a share of the run in
        (0, 1], ``factor`` a share of the rate in (0, 1].
    knobs: the names of the settings that it uses, among phase and factor.
    """

    label: str
    scheduler: str
    rule: str
    knobs: tuple[str, ...]
    arguments: Callable[[float, float, float, int], dict[str, Any]]

    def start(
        self, optimizer: torch.optim.Optimizer, lr: float, phase: float, factor: float, steps: int
    ) -> LRScheduler | None:
        """The scheduler for a run of ``steps`` >= 1, to be stepped after each optimizer step; None for a constant."""
        if not self.scheduler:
            return None
        scheduler: type[LRScheduler] = getattr(torch.optim.lr_scheduler, self.scheduler)
        return scheduler(optimizer, **self.arguments(lr, phase, factor, steps))


def share(phase: float, steps: int) -> int:
    """``phase`` of a run in whole steps, at least one."""
    return max(1, round(phase * steps))


SCHEDULES: Mapping[str, Schedule] = MappingProxyType({
    "constant": Schedule("Constant", "", r"\eta_t = \eta", (), lambda lr, phase, factor, steps: {}),
    "step": Schedule(
        "Step", "StepLR", r"\eta_t = \eta\, c^{\lfloor t / (pT) \rfloor}", ("phase", "factor"),
        lambda lr, phase, factor, steps: {"step_size": share(phase, steps), "gamma": factor},
    ),
    "cosine": Schedule(
        "Cosine", "CosineAnnealingLR",
        r"\eta_t = \eta \left(c + \tfrac{1-c}{2}\left(1 + \cos \tfrac{\pi t}{T}\right)\right)", ("factor",),
        lambda lr, phase, factor, steps: {"T_max": steps, "eta_min": factor * lr},
    ),
    "warmup": Schedule(
        "Warm-up", "LinearLR", r"\eta_t = \eta \min\!\left(1,\; c + (1-c)\tfrac{t}{pT}\right)", ("phase", "factor"),
        lambda lr, phase, factor, steps: {"start_factor": factor, "total_iters": share(phase, steps)},
    ),
    "onecycle": Schedule(
        "One-cycle", "OneCycleLR",
        r"\eta_t:\; c\eta \nearrow \eta \text{ over } pT \text{ steps, then} \searrow c\eta/10^4 \text{, as cosines}",
        ("phase", "factor"),
        # torch's peak is at step pct_start * total_steps - 1. torch would change the momentum too, but not every
        # optimizer has a momentum.
        lambda lr, phase, factor, steps: {
            "max_lr": lr, "total_steps": steps + 1, "pct_start": (share(phase, steps) + 1) / (steps + 1),
            "div_factor": 1 / factor, "cycle_momentum": False,
        },
    ),
})  # fmt: skip
"""By name, in the order shown."""
