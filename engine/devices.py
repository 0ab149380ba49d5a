"""The machine that computes."""

import os

import torch


def device_name() -> str:
    """The device found, in words: the first CUDA device, else the processor."""
    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name()} (CUDA)"
    cores = os.cpu_count() or 1
    return f"a CPU with {cores} core{'s' if cores > 1 else ''}; no GPU was found"
