"""Newton's method with the exact Hessian, for problems of a few parameters."""

from collections.abc import Callable, Iterable

import torch


class DampedNewton(torch.optim.Optimizer):
    r"""theta <- theta - lr (H + damping I)^-1 g, with the full Hessian H of all parameters together.

    saddle_free: |H|, with the absolute eigenvalues, instead of H (Dauphin et al. 2014, arXiv:1406.2572).

    If H + damping I is singular, its pseudo-inverse replaces the inverse: directions whose damped curvature is zero to
    rounding do not move. If the gradient or H is not finite, all parameters become NaN.
    n parameters take n backward passes, n^2 numbers and n^3 operations a step.
    Raises ValueError for more than one parameter group, since H couples all parameters.
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor] | Iterable[dict[str, object]],
        lr: float = 1.0,
        damping: float = 0.0,
        saddle_free: bool = False,
    ) -> None:
        super().__init__(params, {"lr": lr, "damping": damping, "saddle_free": saddle_free})
        if len(self.param_groups) != 1:
            raise ValueError(f"Newton's method takes one parameter group; got {len(self.param_groups)}")

    @torch.no_grad()
    def step(self, closure: Callable[[], torch.Tensor]) -> torch.Tensor:  # type: ignore[override]  # it needs the closure
        """One step. ``closure`` returns the loss, a scalar with its graph, and does not call backward.

        Returns that loss, without its graph; the gradient before the step is left in the parameters' ``grad``.
        """
        group = self.param_groups[0]
        params = group["params"]
        with torch.enable_grad():
            loss = closure()
            gradient = self._flat_gradient(loss, params, create_graph=True)
            rows = [self._flat_gradient(slope, params, create_graph=False) for slope in gradient]
        gradient, hessian = gradient.detach(), torch.stack(rows)

        if gradient.isfinite().all() and hessian.isfinite().all():
            curvature, directions = torch.linalg.eigh(hessian)
            damped = (curvature.abs() if group["saddle_free"] else curvature) + group["damping"]
            zero = damped.abs() <= len(damped) * torch.finfo(damped.dtype).eps * damped.abs().max()
            inverse = torch.where(zero, 0.0, 1 / damped)
            update = directions @ (inverse * (directions.T @ gradient))
        else:
            update = torch.full_like(gradient, torch.nan)

        sizes = [param.numel() for param in params]
        slopes, changes = gradient.split_with_sizes(sizes), update.split_with_sizes(sizes)
        for param, slope, change in zip(params, slopes, changes, strict=True):
            param.grad = slope.view_as(param).clone()
            param.sub_(change.view_as(param), alpha=group["lr"])
        return loss.detach()

    @staticmethod
    def _flat_gradient(scalar: torch.Tensor, params: list[torch.Tensor], create_graph: bool) -> torch.Tensor:
        """The derivative of ``scalar`` by all parameters in one vector; zeros if it depends on none of them."""
        if not scalar.requires_grad:
            return torch.cat([torch.zeros_like(param).flatten() for param in params])
        parts = torch.autograd.grad(
            scalar, params, retain_graph=True, create_graph=create_graph, allow_unused=True, materialize_grads=True
        )
        return torch.cat([part.flatten() for part in parts])
