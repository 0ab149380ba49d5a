"""The cost of a training step, in operations and bytes. Both are counted during the step, for any optimizer."""

import weakref
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode, baddbmm_flop

from engine.optimizers import Lane


def _cube(factor: float) -> Any:
    def operations(shape: tuple[int, ...], *_: Any, **__: Any) -> int:
        *batch, rows, columns = shape
        return int(factor * rows * columns * min(rows, columns)) * (torch.Size(batch).numel() if batch else 1)

    return operations


aten = torch.ops.aten
# Operations that torch's counter leaves out: products added in place, and decompositions of n x n matrices with their
# vectors. Source: Golub and Van Loan, Matrix Computations, fourth edition, sections 4.2, 5.2, 8.3 and 8.6.
UNCOUNTED = {
    aten.baddbmm_: lambda into, left, right, *_, **__: baddbmm_flop(into, left, right),
    aten.linalg_cholesky_ex: _cube(1 / 3),
    aten.cholesky_inverse: _cube(2 / 3),
    aten.cholesky_solve: lambda right, factor, *_, **__: 2 * factor[-1] ** 2 * right[-1],
    aten.linalg_qr: _cube(8 / 3),
    aten._linalg_eigh: _cube(9),
    aten._linalg_svd: _cube(22),
}


@dataclass(frozen=True)
class Cost:
    """The cost of a step.

    flops: floating-point operations of matrix products and factorizations.
    state: bytes that the optimizer stores between steps.
    peak: the most bytes of tensors at any moment. Weights, optimizer state and data set count, the batch does not.
    """

    flops: float
    state: int
    peak: int


class Live(TorchDispatchMode):
    """Counts the bytes of all tensors in memory: those in ``held``, and all that are made later."""

    def __init__(self, held: Iterable[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.known: set[int] = set()
        self.bytes = self.peak = 0
        for tensor in held:
            self._meet(tensor)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(out):
            if isinstance(leaf, Tensor):
                self._meet(leaf)
        return out

    def _meet(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        if storage._cdata not in self.known:
            self.known.add(storage._cdata)
            self.bytes += storage.nbytes()
            self.peak = max(self.peak, self.bytes)
            weakref.finalize(storage, self._part, storage._cdata, storage.nbytes())

    def _part(self, key: int, size: int) -> None:
        self.known.discard(key)
        self.bytes -= size


def tensors(thing: Any) -> Iterator[Tensor]:
    """All tensors within optimizer state: in containers and in the attributes of objects."""
    for leaf in tree_leaves(thing):
        if isinstance(leaf, Tensor):
            yield leaf
        elif hasattr(leaf, "__dict__"):
            yield from tensors(vars(leaf))


def measure(
    lane: Lane, optimizer: torch.optim.Optimizer, step: Callable[[], object], held: Iterable[Tensor]
) -> Generator[None, None, Cost]:
    """The cost of a ``step`` of ``lane``'s ``optimizer``, averaged over a period after its first steps.

    A generator that yields after each step and returns the cost. The learning rate is zero, and each step starts from
    the same weights. held: tensors that exist before the steps.
    """
    weights = [param for group in optimizer.param_groups for param in group["params"]]
    start = [param.detach().clone() for param in weights]

    def again() -> None:
        with torch.no_grad():  # the exact LocoProp moves them even at a rate of 0
            for param, before in zip(weights, start, strict=True):
                param.copy_(before)
        step()

    for group in optimizer.param_groups:
        group["lr"] = 0.0
    for _ in range(lane.settled()):
        again()
        yield
    flops = 0.0
    for _ in range(lane.period()):
        with FlopCounterMode(display=False, custom_mapping=UNCOUNTED) as counter:
            again()
        flops += counter.get_total_flops()
        yield
    live = Live([*held, *tensors(optimizer.state_dict())])
    for _ in range(lane.period()):
        with live:  # not with the operations: their counter keeps tensors alive
            again()
        yield
    state = sum(tensor.nbytes for tensor in tensors(optimizer.state_dict()))
    return Cost(flops / lane.period(), state, live.peak)
