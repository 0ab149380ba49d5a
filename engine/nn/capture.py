"""The one way to see what flows through a network: run it, and keep what chosen modules took in and gave out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Capture:
    """One forward pass through chosen modules. All tensors keep their graph.

    loss: what the closure returned, a scalar.
    inputs: name of a module -> its first argument. outputs: name -> what it returned. Both in the order of the names.
    """

    loss: Tensor
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]

    def gradients(self, tensors: Mapping[str, Tensor] | None = None, keep: bool = False) -> dict[str, Tensor]:
        """Name -> dL/dx of each x in ``tensors``, by default the outputs, from one backward pass.

        Parameters may be among them: ``seen.gradients(seen.outputs | {"weight": layer.weight})``. No ``grad`` is set.
        keep: do not free the graph, because another backward pass follows.
        """
        wanted = self.outputs if tensors is None else tensors
        found = torch.autograd.grad(self.loss, list(wanted.values()), retain_graph=keep)
        return dict(zip(wanted, found, strict=True))


def capture(modules: Mapping[str, nn.Module], closure: Callable[[], Tensor]) -> Capture:
    """Run ``closure``, which sends a batch through the network and returns a loss with its graph.

    modules: those to watch, by the names that the result uses. Each takes a tensor first and returns one.
    Raises ValueError if the pass does not use each of them exactly once, or overwrites what one of them took or gave.
    """
    inputs: dict[str, Tensor] = {}
    outputs: dict[str, Tensor] = {}
    uses = dict.fromkeys(modules, 0)
    versions: list[tuple[Tensor, int]] = []

    def watch(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def hook(module: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
            uses[name] += 1
            inputs[name], outputs[name] = arguments[0], output
            versions.extend((tensor, tensor._version) for tensor in (arguments[0], output))

        return hook

    handles = [module.register_forward_hook(watch(name)) for name, module in modules.items()]
    try:
        with torch.enable_grad():
            loss = closure()
    finally:
        for handle in handles:
            handle.remove()
    for name, count in uses.items():
        if count != 1:
            raise ValueError(f"a forward pass must use each layer once; {name} was used {count} times")
    if any(tensor._version != version for tensor, version in versions):
        raise ValueError("a layer's input or output was overwritten in the forward pass; use no in-place activations")
    ordered = [{name: tensors[name] for name in modules} for tensors in (inputs, outputs)]
    return Capture(loss, *ordered)
