"""Checkpoints of a training as bytes, and the one reader of them, which explains damage."""

import importlib
import io
from collections.abc import Iterable
from typing import Any

import torch

from engine.events import out_of_memory


def pack(state: dict[str, Any]) -> bytes:
    """``state``, of tensors and plain values, as bytes."""
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def unpack(data: bytes, whose: str, classes: Iterable[str] = (), device: str = "cpu") -> dict[str, Any]:
    """The state that ``pack`` wrote, to be restored on ``device``, wherever it was written.

    whose: who it belongs to, for the message. classes: dotted paths of the classes that it may hold besides tensors and
    plain values; nothing else is read. Raises ValueError where ``data`` are damaged.

    Tensors within objects of ``classes`` are put on ``device``. All others stay on the processor: the optimizer moves
    those that it wants elsewhere. Generators and counts stay, since reading a count from a GPU would wait for it.
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
