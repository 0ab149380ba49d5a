"""Find the operation that made a number that is not finite, in one step of any optimizer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

DIVISORS = {"div": 1, "addcdiv": 2, "reciprocal": 0, "rsqrt": 0}
"""Operation that divides -> the place of its divisor among the arguments."""


@dataclass(frozen=True)
class Culprit:
    """The first operation with finite arguments whose result is not finite.

    operation: torch's name, without the underscore of an operation in place. zero: whether it divided by zero.
    """

    operation: str
    zero: bool


class Watch(TorchDispatchMode):
    """Watches torch's operations in a ``with`` block, and keeps the first ``culprit``; None if there is none.

    Operations inside ``paused`` are not watched. on: whether ``watching`` has come to the chosen step.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.culprit: Culprit | None = None
        self.on = self.asleep = False

    @contextmanager
    def paused(self) -> Iterator[None]:
        self.asleep = True
        try:
            yield
        finally:
            self.asleep = False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        look = self.culprit is None and not self.asleep
        sound = look and all(map(_finite, tree_leaves((args, kwargs))))
        name = func.overloadpacket.__name__.rstrip("_")
        place = DIVISORS.get(name)
        divisor = args[place] if sound and place is not None and place < len(args) else None
        zero = bool((divisor == 0).any()) if isinstance(divisor, Tensor) else divisor == 0
        result = func(*args, **kwargs)
        if sound and "empty" not in name and not all(map(_finite, tree_leaves(result))):
            self.culprit = Culprit(name, zero)
        return result


def _finite(value: Any) -> bool:
    return bool(value.isfinite().all()) if isinstance(value, Tensor) and value.is_floating_point() else True


@contextmanager
def watching(optimizer: torch.optim.Optimizer, number: int, watch: Watch) -> Iterator[None]:
    """Within this block, let ``watch`` see only step ``number`` of ``optimizer``, counted from 0."""
    taken = 0

    def before(*_: Any) -> None:
        nonlocal taken
        if taken == number:
            watch.on = True
            watch.__enter__()  # type: ignore[no-untyped-call]
        taken += 1

    def after(*_: Any) -> None:
        if watch.on:
            watch.on = False
            watch.__exit__(None, None, None)  # type: ignore[no-untyped-call]

    hooks = optimizer.register_step_pre_hook(before), optimizer.register_step_post_hook(after)
    try:
        yield
    finally:
        after()  # the step may have ended with an exception
        for hook in hooks:
            hook.remove()
