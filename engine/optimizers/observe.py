"""The inputs, outputs and slopes of a network's linear layers in one pass. LocoProp and K-FAC start from these."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.nn.activations import Transfer
from engine.nn.capture import Capture, capture

Layers = Sequence[tuple[nn.Linear, Transfer]]
"""Each linear layer of a network with the transfer function that follows it. The loss implies the last one: sigmoid
for binary cross-entropy with logits, softmax for cross-entropy, identity for the squared error."""


@dataclass(frozen=True)
class Pass:
    """One forward pass over N rows.

    loss: the mean over the rows, detached. inputs: X of each layer, [N, in]. outputs: its pre-activation A, [N, out].
    """

    loss: Tensor
    inputs: list[Tensor]
    outputs: list[Tensor]
    captured: Capture

    def slopes(self, keep: bool = False) -> list[Tensor]:
        """dL/dA of each layer, [N, out]. No gradient of a weight is computed. keep: another backward pass follows."""
        return rows_of(self.captured.gradients(keep=keep).values())

    def slopes_of(self, last: Tensor) -> list[Tensor]:
        """The same for a loss whose slope in the last layer's pre-activation is ``last``, [N, out]."""
        heads = list(self.captured.outputs.values())
        return rows_of(torch.autograd.grad(heads[-1], heads, last.view_as(heads[-1])))


def observe(layers: Layers, closure: Callable[[], Tensor]) -> Pass:
    """Run ``closure``, which returns a mean loss with its graph, and keep the inputs and outputs of the layers.

    Raises ValueError if a layer was not used exactly once, or if its input or output was overwritten.
    """
    seen = capture({f"number {index}": layer for index, (layer, _) in enumerate(layers)}, closure)
    return Pass(seen.loss.detach(), rows_of(seen.inputs.values()), rows_of(seen.outputs.values()), seen)


def weight_slopes(layer: nn.Linear, inputs: Tensor, slope: Tensor) -> list[Tensor]:
    """The slopes of a layer's weight [out, in] and of its bias [out] if it has one, from the slope of A [N, out]."""
    weight = slope.T @ inputs
    return [weight] if layer.bias is None else [weight, slope.sum(0)]


def rows_of(tensors: Iterable[Tensor]) -> list[Tensor]:
    """Each tensor [..., d] as rows [N, d], without its graph."""
    return [tensor.detach().flatten(0, -2) for tensor in tensors]
