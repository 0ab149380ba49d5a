r"""LocoProp: after one forward and one backward pass, each layer solves a small problem of its own.

Amid, Anil and Warmuth, "LocoProp: Enhancing BackProp via Local Loss Optimization", AISTATS 2022, arXiv:2106.06199.

Notation, for one linear layer and a batch of N rows: input X, pre-activation A = X W^T + b, activation f(A), slope
D = dL/dA of the mean loss L, activation step gamma. With A' = X W'^T + b' while W', b' move away from W, b:

    squared (LocoProp-S)    target A* = A - gamma D       minimize  1/2 |A' - A*|^2      gradient  (A' - A*)^T X
    matching (LocoProp-M)   target Y* = f(A) - gamma D    minimize  F(A') - Y* A'        gradient  (f(A') - Y*)^T X

both plus (regularizer / 2) |W' - W|^2, and summed over the batch. At W' = W either gradient is gamma dL/dW, so that one
step of plain gradient descent is back-propagation with rate lr * gamma. The layers' problems do not depend on each
other once D is known.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import torch
from torch import Tensor, nn

from engine.nn import TRANSFERS, Transfer
from engine.optimizers.observe import observe, weight_slopes
from engine.optimizers.rmsprop import TensorFlowRMSprop

Inner = Callable[[list[nn.Parameter]], torch.optim.Optimizer]
"""Makes the optimizer of the local problems for all weights and biases; its rate is set at each local step."""

RMSPROP: Inner = partial(TensorFlowRMSprop, momentum=0.999, decay=0.9, eps=1e-5)
"""The authors' inner optimizer."""


@dataclass(frozen=True)
class LocalSchedule:
    """How the rate changes over the local steps of a batch.

    label: the name shown. factor: the share of local steps that is done, in [0, 1) -> what multiplies the rate.
    """

    label: str
    factor: Callable[[float], float]


LOCAL_SCHEDULES: Mapping[str, LocalSchedule] = MappingProxyType(
    {
        "linear": LocalSchedule("Linear", lambda done: max(1 - done, 0.25)),
        "constant": LocalSchedule("Constant", lambda _: 1.0),
    }
)
"""By name, in the order shown. "linear" is the authors' recipe."""


class LocalProblem:
    """The local problem of one layer for one batch; the module's docstring has the notation.

    steps: the number of gradients that follow. It decides how the gradients of the squared loss are computed.
    """

    def __init__(
        self,
        layer: nn.Linear,
        transfer: Transfer,
        inputs: Tensor,
        outputs: Tensor,
        slope: Tensor,
        loss: str,
        gamma: float,
        regularizer: float,
        steps: int,
    ) -> None:
        self.layer, self.inputs, self.regularizer = layer, inputs, regularizer
        self.first = weight_slopes(layer, inputs, gamma * slope)
        self.gram = None
        through_outputs, through_gram = squared_flops(len(inputs), layer.in_features, layer.out_features, steps - 1)
        if loss == "squared" and through_gram < through_outputs:
            self.gram, self.total = inputs.T @ inputs, inputs.sum(0)
            self.slopes = [torch.empty_like(slope) for slope in self.first]
        else:
            self.activation = transfer.f if loss == "matching" else TRANSFERS["identity"].f
            self.target = self.activation(outputs).sub(slope, alpha=gamma)
        if self.gram is not None or regularizer:
            self.start = [parameter.clone() for parameter in layer.parameters()]
            self.move = [torch.empty_like(before) for before in self.start]

    def gradient(self, number: int) -> list[Tensor]:
        """The gradient of the weight [out, in] and of the bias [out] if there is one, before local step ``number``."""
        if number == 0:
            return self.first
        if self.gram is not None or self.regularizer:
            for move, now, before in zip(self.move, self.layer.parameters(), self.start, strict=True):
                torch.sub(now, before, out=move)
        if self.gram is None:
            outputs = nn.functional.linear(self.inputs, self.layer.weight, self.layer.bias)
            slopes = weight_slopes(self.layer, self.inputs, self.activation(outputs).sub_(self.target))
        else:
            slopes = self._by_gram(self.gram)
        if self.regularizer:
            for slope, move in zip(slopes, self.move, strict=True):
                slope.add_(move, alpha=self.regularizer)
        return slopes

    def solve(self) -> None:
        """Go to the minimum of the regularized squared loss: W' = W - gamma dL/dW (X^T X + lambda)^-1.

        X and W with the bias as a last column: K-FAC's step with its input factor alone.
        """
        biased = self.layer.bias is not None
        rows = nn.functional.pad(self.inputs, (0, 1), value=1.0) if biased else self.inputs
        damped = rows.T @ rows
        damped.diagonal().add_(self.regularizer)
        slope = torch.cat([part.view(len(self.first[0]), -1) for part in self.first], dim=1)
        change = torch.cholesky_solve(slope.T, torch.linalg.cholesky(damped)).T
        self.layer.weight.sub_(change[:, : self.layer.in_features])
        if biased:
            self.layer.bias.sub_(change[:, -1])

    def _by_gram(self, gram: Tensor) -> list[Tensor]:
        """The squared loss's gradients, from the first ones and the move: gamma dL/dW + (W' - W) X^T X.

        This sum is exact to rounding, while W' X^T X - A*^T X would cancel. A bias is the weight of one more input that
        is always 1. The method fills the same tensors at every step: with new ones LocoProp-S took a tenth longer.
        """
        torch.addmm(self.first[0], self.move[0], gram, out=self.slopes[0])
        for first, move, slope in zip(self.first[1:], self.move[1:], self.slopes[1:], strict=True):
            self.slopes[0].addr_(move, self.total)
            torch.addmv(first, self.move[0], self.total, out=slope).add_(move, alpha=len(self.inputs))
        return self.slopes


def squared_flops(batch: int, inputs: int, outputs: int, count: int) -> tuple[float, float]:
    """Operations of ``count`` gradients of the squared local loss after the first, computed in two ways.

    The first way is through A', the second through X^T X, which is computed once.
    """
    return 4.0 * batch * inputs * outputs * count, 2.0 * inputs**2 * (batch + outputs * count)


class LocoProp(torch.optim.Optimizer):
    """Train linear layers by their local problems.

    layers: each ``nn.Linear`` of the network with the transfer function that follows it. The loss implies the last one:
        sigmoid for binary cross-entropy with logits, softmax for cross-entropy.
    lr: rate of the inner optimizer, in ``param_groups`` for torch's schedulers.
    local_loss: "matching" or "squared". gamma: activation step. regularizer: lambda above.
    inner: see ``Inner``. None solves the regularized squared problem exactly and does not use lr.
    steps: local steps per batch, T. local_schedule: a key of ``LOCAL_SCHEDULES``.

    The defaults are the authors' LocoProp-M. The inner optimizer's state persists over batches.
    Raises ValueError for settings that make no sense.
    """

    def __init__(
        self,
        layers: Iterable[tuple[nn.Linear, Transfer]],
        lr: float = 1e-5,
        local_loss: Literal["matching", "squared"] = "matching",
        gamma: float = 10.0,
        regularizer: float = 0.0,
        inner: Inner | None = RMSPROP,
        steps: int = 10,
        local_schedule: str = "linear",
    ) -> None:
        if inner is None and (local_loss != "squared" or not regularizer > 0):
            raise ValueError("an exact solution exists for the squared local loss with a positive regularizer")
        if steps < 1 or gamma <= 0 or regularizer < 0:
            raise ValueError(f"steps >= 1, gamma > 0, regularizer >= 0; got {steps}, {gamma}, {regularizer}")
        self.layers = list(layers)
        self.local_loss, self.gamma, self.regularizer = local_loss, gamma, regularizer
        self.steps, self.local_schedule = steps, LOCAL_SCHEDULES[local_schedule].factor
        parameters = [parameter for layer, _ in self.layers for parameter in layer.parameters()]
        super().__init__(parameters, {"lr": lr})
        self.inner = inner(parameters) if inner else None

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor]) -> Tensor:  # type: ignore[override]  # it needs the closure
        """One batch. ``closure`` returns its mean loss, with its graph, and does not call backward.

        Returns that loss without its graph. Raises ValueError if a layer was not used exactly once.
        """
        seen = observe(self.layers, closure)
        # One layer after the other: a layer's tensors stay in the cache and are freed before the next layer.
        for (layer, transfer), inputs, outputs, slope in zip(
            self.layers, seen.inputs, seen.outputs, seen.slopes(), strict=True
        ):
            steps = self.steps if self.inner else 1
            problem = LocalProblem(
                layer, transfer, inputs, outputs, slope, self.local_loss, self.gamma, self.regularizer, steps
            )
            if self.inner is None:
                problem.solve()
            else:
                self._descend(problem, self.inner)
        return seen.loss

    def _descend(self, problem: LocalProblem, inner: torch.optim.Optimizer) -> None:
        """Take the local steps of one layer. The other layers' parameters have no gradient, so they stay."""
        for number in range(self.steps):
            for parameter, slope in zip(problem.layer.parameters(), problem.gradient(number), strict=True):
                parameter.grad = slope
            for group in inner.param_groups:
                group["lr"] = self.param_groups[0]["lr"] * self.local_schedule(number / self.steps)
            inner.step()
        inner.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"inner": self.inner.state_dict() if self.inner else None}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        state = dict(state_dict)
        inner = state.pop("inner")
        super().load_state_dict(state)
        if self.inner:
            self.inner.load_state_dict(inner)
