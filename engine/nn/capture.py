"""Run a network and keep the inputs and outputs of chosen modules. All code that looks into a network uses this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Capture:
    """The inputs and outputs of chosen modules in one forward pass. All tensors keep their graph.

    loss: the scalar that the closure returned.
    inputs: name of a module -> its first argument. outputs: name of a module -> the tensor that it returned. Both are
        in the order of the names.
    """

    loss: Tensor
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]

    def gradients(self, tensors: Mapping[str, Tensor] | None = None, keep: bool = False) -> dict[str, Tensor]:
        """Compute dL/dx of each x in ``tensors`` in one backward pass, and return it by name. Default: the outputs.

        ``tensors`` may contain parameters: ``seen.gradients(seen.outputs | {"weight": layer.weight})``. No ``grad`` is
        set. keep: do not free the graph, because another backward pass follows.
        """
        wanted = self.outputs if tensors is None else tensors
        found = torch.autograd.grad(self.loss, list(wanted.values()), retain_graph=keep)
        return dict(zip(wanted, found, strict=True))


def capture(modules: Mapping[str, nn.Module], closure: Callable[[], Tensor]) -> Capture:
    """Run ``closure``, which sends a batch through the network and returns a loss with its graph.

    modules: name -> module to watch. The result uses the same names. The first argument of a module and its output are
        tensors.
    Raises ValueError if the pass does not use each module exactly once, or if it overwrites an input or an output of a
    module.
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
