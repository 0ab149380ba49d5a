"""What the layers of a network see in a forward and a backward pass: the raw material of LocoProp and K-FAC."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.nn import Transfer

Layers = Sequence[tuple[nn.Linear, Transfer]]
"""Each linear layer of a network with the transfer function that follows it; of the last, the one that its loss
implies: sigmoid for binary cross-entropy with logits, softmax for cross-entropy, identity for the squared error."""


@dataclass
class Pass:
    """One forward pass over N rows.

    loss: the mean over the rows, detached. inputs: X of each layer, [N, in]. outputs: its pre-activation A, [N, out].
    """

    loss: Tensor
    inputs: list[Tensor]
    outputs: list[Tensor]
    _graph: Tensor
    _heads: list[Tensor]

    def slopes(self, keep: bool = False) -> list[Tensor]:
        """dL/dA of each layer, [N, out]. No slope of a weight is formed. ``keep``: another backward pass follows."""
        return _rows(torch.autograd.grad(self._graph, self._heads, retain_graph=keep))

    def slopes_of(self, last: Tensor) -> list[Tensor]:
        """The same for a loss whose slope in the last layer's pre-activation is ``last``, [N, out]."""
        head = self._heads[-1]
        return _rows(torch.autograd.grad(head, self._heads, last.view_as(head)))


def observe(layers: Layers, closure: Callable[[], Tensor]) -> Pass:
    """Run ``closure``, which returns a loss with its graph, and keep what the layers saw.

    Raises ValueError where a layer was not used exactly once, or what it saw was overwritten.
    """
    seen: dict[nn.Module, list[tuple[Tensor, Tensor]]] = {layer: [] for layer, _ in layers}
    versions: list[tuple[Tensor, int]] = []

    def hook(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen[layer].append((inputs[0].detach(), output))
        versions.extend((tensor, tensor._version) for tensor in (inputs[0], output))

    handles = [layer.register_forward_hook(hook) for layer, _ in layers]
    try:
        with torch.enable_grad():
            loss = closure()
    finally:
        for handle in handles:
            handle.remove()
    for index, uses in enumerate(seen.values()):
        if len(uses) != 1:
            raise ValueError(f"a forward pass must use each layer once; number {index} was used {len(uses)} times")
    if any(tensor._version != version for tensor, version in versions):
        raise ValueError("a layer's input or output was overwritten in the forward pass; use no in-place activations")
    pairs = [uses[0] for uses in seen.values()]
    heads = [output for _, output in pairs]
    inputs = _rows([inputs for inputs, _ in pairs])
    return Pass(loss.detach(), inputs, _rows([head.detach() for head in heads]), loss, heads)


def weight_slopes(layer: nn.Linear, inputs: Tensor, slope: Tensor) -> list[Tensor]:
    """The slopes of a layer's weight [out, in] and, where there is one, bias [out], from the slope of A [N, out]."""
    weight = slope.T @ inputs
    return [weight] if layer.bias is None else [weight, slope.sum(0)]


def _rows(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [tensor.flatten(0, -2) for tensor in tensors]
