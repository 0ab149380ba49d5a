"""RMSprop as in TensorFlow. With a large momentum it differs much from torch's RMSprop."""

from collections.abc import Callable, Iterable
from typing import Any

import torch


class TensorFlowRMSprop(torch.optim.Optimizer):
    r"""s <- decay s + (1 - decay) g^2;  m <- momentum m + lr g / sqrt(s + eps);  theta <- theta - m.

    It differs from torch's RMSprop in three points. s starts at 1, eps is inside the root, and the rate is inside the
    momentum, so a change of the rate acts only on new gradients. Source: ``tf.compat.v1.train.RMSPropOptimizer``.
    """

    def __init__(
        self,
        params: Iterable[torch.nn.Parameter],
        lr: float = 1e-3,
        momentum: float = 0.0,
        decay: float = 0.9,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "decay": decay, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]  # it returns no loss
        """Take one step. Parameters without a gradient stay."""
        for group in self.param_groups:
            params = [param for param in group["params"] if param.grad is not None]
            for param in params:
                if not self.state[param]:
                    self.state[param] = {"square": torch.ones_like(param), "momentum": torch.zeros_like(param)}
            slopes = [param.grad for param in params]
            squares = [self.state[param]["square"] for param in params]
            momenta = [self.state[param]["momentum"] for param in params]
            # All tensors at once: on a GPU a few kernel launches, and not one for each parameter and operation.
            torch._foreach_mul_(squares, group["decay"])
            torch._foreach_addcmul_(squares, slopes, slopes, 1 - group["decay"])
            roots = torch._foreach_add(squares, group["eps"])
            torch._foreach_sqrt_(roots)
            torch._foreach_mul_(momenta, group["momentum"])
            torch._foreach_addcdiv_(momenta, slopes, roots, group["lr"])
            torch._foreach_sub_(params, momenta)
