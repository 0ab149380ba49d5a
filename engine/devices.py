"""The device that an experiment runs on, and the number of threads it uses there."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

DEVICES = {"auto": "Auto", "cpu": "CPU", "cuda": "CUDA"}
"""The devices that can be chosen: key -> label."""


class DeviceUnavailable(ValueError):
    """Raised if the chosen device does not exist on this machine. The message says what to do."""


def device_name(device: str = "auto") -> str:
    """Describe a device in words. For ``auto``, describe the device that ``resolve`` chooses."""
    if device == "cpu" or not torch.cuda.is_available():
        cores = os.cpu_count() or 1
        words = f"a CPU with {cores} core{'s' if cores > 1 else ''}"
        return words if device == "cpu" else f"{words}; no GPU was found"
    return f"{torch.cuda.get_device_name()} (CUDA)"


def hardware(device: str) -> str:
    """Describe a device as it is stored beside measured times: ``device_name``, and for a CPU also its model."""
    return f"{device_name(device)}, {processor()}" if device == "cpu" else device_name(device)


def processor() -> str:
    """The processor's model name. If the system does not report it, the machine's architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def resolve(device: str) -> str:
    """Turn ``auto`` into ``cpu`` or ``cuda``. Raises DeviceUnavailable if ``cuda`` is chosen and there is none."""
    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise DeviceUnavailable("No CUDA device was found. Choose the device auto or cpu.")
    return "cuda" if found and device != "cpu" else "cpu"


@contextmanager
def one_thread(small: bool) -> Iterator[None]:
    """Let PyTorch use one thread inside the block if ``small`` is true.

    On small work, several threads mostly wait for one another. Otherwise the number of threads does not change.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1 if small else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
