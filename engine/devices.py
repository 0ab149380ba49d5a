"""The machine that computes."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

DEVICES = {"auto": "Auto", "cpu": "CPU", "cuda": "CUDA"}
"""Devices that can be asked for, with their labels."""


class DeviceUnavailable(ValueError):
    """The device asked for is not there; the message says what to do."""


def device_name(device: str = "auto") -> str:
    """A device in words: the one that ``auto`` stands for, or the one named."""
    if device == "cpu" or not torch.cuda.is_available():
        cores = os.cpu_count() or 1
        words = f"a CPU with {cores} core{'s' if cores > 1 else ''}"
        return words if device == "cpu" else f"{words}; no GPU was found"
    return f"{torch.cuda.get_device_name()} (CUDA)"


def hardware(device: str) -> str:
    """``device_name`` with the processor's model, for what is kept with times that were measured."""
    return f"{device_name(device)}, {processor()}" if device == "cpu" else device_name(device)


def processor() -> str:
    """The processor's model name where the system tells it, else its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def resolve(device: str) -> str:
    """``auto``, ``cpu`` or ``cuda`` -> ``cpu`` or ``cuda``. Raises DeviceUnavailable for CUDA where there is none."""
    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise DeviceUnavailable("No CUDA device was found; choose the device auto or cpu.")
    return "cuda" if found and device != "cpu" else "cpu"


@contextmanager
def one_thread(small: bool) -> Iterator[None]:
    """One thread for ``small`` work, where several would wait for one another; else as many as there were."""
    before = torch.get_num_threads()
    torch.set_num_threads(1 if small else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
