"""The preparation of the app's process, once, before its first page."""

import gc
from collections.abc import Iterable
from importlib import import_module

import torch


def prepare(modules: Iterable[str]) -> None:
    """Limit torch to one thread, import ``modules``, and exclude the objects made so far from garbage collection."""
    # With two threads and another process on the cores, each small operation waits milliseconds at a barrier.
    torch.set_num_threads(1)
    for module in modules:
        import_module(module)
    # The imported modules stay for good, so the garbage collector need not visit them.
    gc.collect()
    gc.freeze()
