"""What the app's process needs once, before its first page."""

import gc
from collections.abc import Iterable
from importlib import import_module

import torch


def prepare(modules: Iterable[str]) -> None:
    """One-thread torch, ``modules`` imported and the heap frozen."""
    # With two threads and another process on the cores, each small operation waits milliseconds at a barrier.
    torch.set_num_threads(1)
    for module in modules:
        import_module(module)
    # What is imported by now stays: collections need not walk over it.
    gc.collect()
    gc.freeze()
