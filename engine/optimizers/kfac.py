r"""K-FAC: natural gradient descent with a Kronecker-factored Fisher matrix.

Martens and Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate Curvature", ICML 2015,
arXiv:1503.05671; numbers of its sections below.

For one linear layer with input x, a one appended for the bias, pre-activation a = W x and g = dL/da of one example's
loss, the gradient of W is g x^T and its block of the Fisher matrix E[vec(g x^T) vec(g x^T)^T] is taken to be

    G (x) A,    A = E[x x^T],    G = E[g g^T],

the expectation being over the data and over targets drawn *from the model* (with the data's own targets it would not
be the Fisher matrix). Its inverse turns the gradient into G^-1 (dL/dW) A^-1. Both factors are averages over past
batches (section 5) and are damped as A + pi sqrt(damping) I and G + sqrt(damping)/pi I, where pi balances their sizes
(6.3). The step is shortened if its squared length in the Fisher metric, which is the change of the model's output,
exceeds a bound (Ba, Grosse and Martens, "Distributed second-order optimization using Kronecker-factored
approximations", ICLR 2017, section 5), and enters a heavy ball.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from engine.nn.activations import Transfer
from engine.optimizers.observe import Layers, Pass, observe, weight_slopes


def covariance(rows: Tensor) -> Tensor:
    """The mean of x x^T over rows [N, d]: [d, d]."""
    return rows.T @ rows / len(rows)


def homogeneous(layer: nn.Linear, inputs: Tensor) -> Tensor:
    """Inputs [N, in], with a column of ones if the layer has a bias."""
    return inputs if layer.bias is None else nn.functional.pad(inputs, (0, 1), value=1.0)


def factors(layers: Layers, seen: Pass, generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """Each layer's A [in (+ 1), in (+ 1)] and G [out, out] from one batch, with targets drawn from the model.

    Raises ValueError if none can be drawn.
    """
    transfer, outputs = layers[-1][1], seen.outputs[-1]
    if transfer.sample is None:
        raise ValueError(f"no targets can be drawn from {transfer.label} at the end of a network")
    slopes = seen.slopes_of(transfer.f(outputs) - transfer.sample(outputs, generator))
    return [
        (covariance(homogeneous(layer, inputs)), covariance(slope))
        for (layer, _), inputs, slope in zip(layers, seen.inputs, slopes, strict=True)
    ]


def damped_inverses(inputs: Tensor, outputs: Tensor, damping: float) -> tuple[Tensor, Tensor]:
    """The inverses of the factors A and G, damped so that their product is about that of G (x) A + damping I.

    If one of them is zero, as in a layer whose units are all dead, there are no sizes to balance: pi is 1.
    """
    balance = ((inputs.trace() / len(inputs)) / (outputs.trace() / len(outputs))).sqrt()
    balance = torch.where(balance.isfinite() & (balance > 0), balance, 1.0)
    return _inverse(inputs, balance * damping**0.5), _inverse(outputs, damping**0.5 / balance)


def _inverse(matrix: Tensor, damping: Tensor) -> Tensor:
    damped = matrix.clone()
    damped.diagonal().add_(damping)
    return torch.cholesky_inverse(torch.linalg.cholesky(damped))


class KFAC(torch.optim.Optimizer):
    """Train linear layers by K-FAC.

    layers: each ``nn.Linear`` of the network with the transfer function that follows it. It must be possible to draw
        targets from the last transfer function, and the loss must be its negative log-likelihood, summed over units:
        binary cross-entropy for sigmoid, cross-entropy for softmax, half the squared error for identity.
    lr: rate, in ``param_groups`` for torch's schedulers. momentum: the heavy ball's.
    damping: lambda above; it is measured in units of the loss's curvature, so it grows with a summed loss.
    kl_clip: the bound on the step's squared length, lr^2 (dL/dW)^T F^-1 (dL/dW) summed over the layers.
    decay: memory of the factors' averages. The t-th batch counts at least 1/t, so the averages have no bias.
    refresh: steps between inversions. burn_in: first batches, which only feed the averages.
    seed: for drawing the targets.

    Raises ValueError for settings that make no sense.
    """

    def __init__(
        self,
        layers: Iterable[tuple[nn.Linear, Transfer]],
        lr: float = 0.1,
        momentum: float = 0.9,
        damping: float = 1.0,
        kl_clip: float = 0.01,
        decay: float = 0.95,
        refresh: int = 10,
        burn_in: int = 5,
        seed: int = 0,
    ) -> None:
        self.layers = list(layers)
        if damping <= 0 or kl_clip <= 0 or refresh < 1:
            raise ValueError(f"damping > 0, kl_clip > 0, refresh >= 1; got {damping}, {kl_clip}, {refresh}")
        self.damping, self.kl_clip, self.decay = damping, kl_clip, decay
        self.refresh, self.burn_in, self.seen = refresh, burn_in, 0
        groups = [{"params": list(layer.parameters())} for layer, _ in self.layers]
        super().__init__(groups, {"lr": lr, "momentum": momentum})
        self.generator = torch.Generator(self.layers[0][0].weight.device).manual_seed(seed)

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor]) -> Tensor:  # type: ignore[override]  # it needs the closure
        """One batch. ``closure`` returns its mean loss, with its graph, and does not call backward.

        Returns that loss without its graph. Raises torch.linalg.LinAlgError if a factor is not finite.
        """
        seen = observe(self.layers, closure)
        slopes = seen.slopes(keep=True)
        self._average(seen)
        self.seen += 1
        if self.seen <= self.burn_in:
            return seen.loss
        if (self.seen - self.burn_in - 1) % self.refresh == 0:
            for state in self._states():
                inverses = damped_inverses(state["inputs"], state["outputs"], self.damping)
                state["inputs_inverse"], state["outputs_inverse"] = inverses
        self._move(
            [
                weight_slopes(layer, inputs, slope)
                for (layer, _), inputs, slope in zip(self.layers, seen.inputs, slopes, strict=True)
            ]
        )
        return seen.loss

    def _average(self, seen: Pass) -> None:
        """Add a batch to the factors' averages."""
        share = max(1 - self.decay, 1 / (self.seen + 1))
        new = factors(self.layers, seen, self.generator)
        for state, (inputs, outputs) in zip(self._states(), new, strict=True):
            if "inputs" not in state:
                state |= {"inputs": torch.zeros_like(inputs), "outputs": torch.zeros_like(outputs)}
            state["inputs"].lerp_(inputs, share)
            state["outputs"].lerp_(outputs, share)

    def _move(self, slopes: list[list[Tensor]]) -> None:
        """The preconditioned step, clipped, through the heavy ball."""
        directions, length = [], torch.zeros((), device=slopes[0][0].device, dtype=slopes[0][0].dtype)
        for state, group, parts in zip(self._states(), self.param_groups, slopes, strict=True):
            slope = torch.cat([part.view(len(parts[0]), -1) for part in parts], dim=1)
            direction = state["outputs_inverse"] @ slope @ state["inputs_inverse"]
            length += group["lr"] ** 2 * (slope * direction).sum()
            directions.append(direction)
        # It stays a tensor, because reading its value would make a GPU wait. At a rate of zero the bound is infinite.
        shorten = (self.kl_clip / length).sqrt().clamp(max=1.0)
        for state, group, parts, direction in zip(self._states(), self.param_groups, slopes, directions, strict=True):
            velocity = state.setdefault("velocity", torch.zeros_like(direction))
            # The velocity contains the rate. So after steps at a tiny rate the velocity is tiny too.
            velocity.mul_(group["momentum"]).add_(group["lr"] * shorten * direction)
            moves = torch.split(velocity, parts[0].shape[1], dim=1)
            for parameter, move in zip(group["params"], moves, strict=True):
                parameter.sub_(move.reshape(parameter.shape))

    def _states(self) -> list[dict[str, Any]]:
        """Each layer's state, kept at its weight: the factors' averages, their inverses and the velocity."""
        return [self.state[layer.weight] for layer, _ in self.layers]

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"seen": self.seen, "generator": self.generator.get_state()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        state = dict(state_dict)
        self.seen = state.pop("seen")
        self.generator.set_state(
            state.pop("generator").cpu()
        )  # its state must be a CPU tensor, even if the generator is on a GPU
        super().load_state_dict(state)
