"""The parts of residual networks and transformers: a weight layer, and a branch with its shortcut."""

from collections.abc import Callable

from torch import Tensor, nn


class Blank(nn.Linear):
    """A linear layer whose weight and bias hold no numbers yet. ``nn.utils.skip_init`` takes nine times as long."""

    def reset_parameters(self) -> None:
        """Draw nothing."""


class Layer(nn.Module):
    """One weight with its activation: phi(norm(W h + b)), or W phi(norm(h)) + b if phi comes ``before`` the weight.

    [N, inputs] -> [N, outputs]. activation: phi, elementwise. norm: number of units -> the module that normalizes them.
    Weight and bias hold no numbers until the caller fills them.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        activation: Callable[[Tensor], Tensor],
        before: bool = False,
        norm: Callable[[int], nn.Module] | None = None,
    ) -> None:
        super().__init__()
        self.linear = Blank(inputs, outputs)
        self.activation, self.before = activation, before
        self.norm = norm(inputs if before else outputs) if norm else nn.Identity()

    def forward(self, rows: Tensor) -> Tensor:
        out: Tensor = (
            self.linear(self.activation(self.norm(rows)))
            if self.before
            else self.activation(self.norm(self.linear(rows)))
        )
        return out


class Residual(nn.Module):
    """after(shortcut(h) + scale * branch(h)); without a shortcut, after(branch(h)).

    scale: the factor on the branch, a number or a parameter that is learned as in ReZero.
    """

    def __init__(
        self,
        branch: nn.Sequential,
        shortcut: nn.Module | None = None,
        scale: float | nn.Parameter = 1.0,
        after: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.branch, self.shortcut, self.scale = branch, shortcut, scale
        self.after = after or nn.Identity()

    def join(self, rows: Tensor, branch: Tensor) -> Tensor:
        """The output for the input ``rows``. branch: the output of the branch for this input."""
        out: Tensor = self.after(branch if self.shortcut is None else self.shortcut(rows) + self.scale * branch)
        return out

    def forward(self, rows: Tensor) -> Tensor:
        return self.join(rows, self.branch(rows))


class First(nn.Module):
    """The first ``units`` units of each row. It is a shortcut to a narrower layer, and it has no weights."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units

    def forward(self, rows: Tensor) -> Tensor:
        return rows[..., : self.units]
