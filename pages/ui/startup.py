"""What the app's process needs once, before its first page."""

import gc
from functools import cache
from importlib import import_module
from threading import Lock

ONCE = Lock()


def prepare(modules: tuple[str, ...]) -> None:
    """One-thread torch, ``modules`` imported and the heap frozen; done at the first call, awaited by all others."""
    with ONCE:
        _prepare(modules)


@cache
def _prepare(modules: tuple[str, ...]) -> None:
    import torch  # takes seconds, and who imports this module is to answer at once

    # With two threads and another process on the cores, each small operation waits milliseconds at a barrier.
    torch.set_num_threads(1)
    for module in modules:
        import_module(module)
    # What is imported by now stays: collections need not walk over it.
    gc.collect()
    gc.freeze()
