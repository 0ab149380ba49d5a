"""Checkpoints of a training as bytes, and the only function that reads them. It explains what is damaged."""

import importlib
import io
from collections.abc import Iterable
from typing import Any

import torch

from engine.events import out_of_memory


def pack(state: dict[str, Any]) -> bytes:
    """Convert ``state``, which holds tensors and plain values, to bytes."""
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def unpack(data: bytes, whose: str, classes: Iterable[str] = (), device: str = "cpu") -> dict[str, Any]:
    """Read a state that ``pack`` wrote on any device, so that it can be restored on ``device``.

    whose: the owner of the state, for the message. classes: dotted paths of the classes that the state may hold besides
    tensors and plain values. Any other class is refused. Raises ValueError if ``data`` are damaged.

    Tensors inside objects of ``classes`` are put on ``device``. All other tensors stay on the CPU, and the optimizer
    moves the ones it needs. Generators and counts stay there: reading a count from a GPU would wait for the GPU.
    """
    known = [getattr(importlib.import_module(path.rpartition(".")[0]), path.rpartition(".")[2]) for path in classes]
    try:
        with torch.serialization.safe_globals(known):
            state: dict[str, Any] = torch.load(
                io.BytesIO(data), map_location=device if known else "cpu", weights_only=True
            )
    except Exception as error:  # damaged bytes make the reader fail in many ways
        if out_of_memory(error):
            raise
        raise ValueError(f"the checkpoint of {whose} is damaged; its run has to start over") from error
    return state
