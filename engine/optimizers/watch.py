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

    operation: torch's name, without the marks of operations in place and on lists. zero: whether it divided by zero.
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
        inputs = args, {key: value for key, value in kwargs.items() if key != "out"}
        sound = look and all(map(_finite, tree_leaves(inputs)))
        name = func.overloadpacket.__name__.rstrip("_").removeprefix("_foreach_")
        place = DIVISORS.get(name)
        divisors = tree_leaves(args[place]) if sound and place is not None and place < len(args) else []
        zero = any(bool((one == 0).any()) if isinstance(one, Tensor) else one == 0 for one in divisors)
        result = func(*args, **kwargs)
        # An operation in place on a list returns nothing: its result is in its arguments.
        if sound and "empty" not in name and not all(map(_finite, tree_leaves((result, args, kwargs)))):
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
