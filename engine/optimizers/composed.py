"""Optimizers built from torch's: Adam with several updates per batch, and Muon for matrices with AdamW for the rest."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


class RepeatedAdam(torch.optim.Adam):
    """Adam that takes ``updates`` steps on each batch, each along a fresh gradient.

    It is the control for methods that do more work per batch: it shows the result of plain Adam with the same work.
    """

    def __init__(self, params: Iterable[Tensor], updates: int = 8, **settings: Any) -> None:
        super().__init__(params, **settings)
        self.updates = updates

    def step(self, closure: Callable[[], Tensor]) -> Tensor:  # type: ignore[override]  # it needs the closure
        """One batch. ``closure`` returns its mean loss with its graph. Returns the loss before the first update."""
        losses = []
        for _ in range(self.updates):
            self.zero_grad()
            with torch.enable_grad():
                losses.append(closure())
            losses[-1].backward()
            super().step()
        return losses[0].detach()


class MuonWithAdamW(torch.optim.Optimizer):
    """torch's Muon for matrices, the only shape that it takes, and torch's AdamW for all other parameters.

    Muon's steps are scaled to the size of AdamW's (``adjust_lr_fn="match_rms_adamw"``), so that one rate serves both.
    """

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float, weight_decay: float) -> None:
        params = list(params)
        matrices = [param for param in params if param.dim() == 2]
        others = [param for param in params if param.dim() != 2]
        muon = torch.optim.Muon(
            matrices, lr=lr, momentum=momentum, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"
        )
        self.parts = [muon, torch.optim.AdamW(others, lr=lr, weight_decay=weight_decay)] if others else [muon]
        super().__init__([{"params": matrices}, *([{"params": others}] if others else [])], {"lr": lr})

    def step(self, closure: None = None) -> None:  # type: ignore[override]  # it returns no loss
        """One step along the gradients."""
        for part, group in zip(self.parts, self.param_groups, strict=True):
            part.param_groups[0]["lr"] = group["lr"]
            part.step()

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"parts": [part.state_dict() for part in self.parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        state = dict(state_dict)
        for part, own in zip(self.parts, state.pop("parts"), strict=True):
            part.load_state_dict(own)
        super().load_state_dict(state)
