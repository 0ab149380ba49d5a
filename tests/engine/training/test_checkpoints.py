"""Checkpoints: what is read back, and the message if a checkpoint cannot be read."""

import io
from typing import Any

import pytest
import torch

from engine.training import pack, unpack

WEIGHTS = torch.arange(5.0)
STATE = {"step": 3, "ended": "", "weights": WEIGHTS}


class Evil:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (print, ("run",))


def test_a_state_is_read_as_it_was_written() -> None:
    read = unpack(pack(STATE), "the twins")
    assert (read["step"], read["ended"]) == (3, "") and torch.equal(read["weights"], WEIGHTS)


@pytest.mark.parametrize("damaged", [b"", pack(STATE)[:200], b"\xff" * 100], ids=["nothing", "half", "rubbish"])
def test_damage_is_explained(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="the checkpoint of the twins is damaged; its run has to start over"):
        unpack(damaged, "the twins")


def test_a_checkpoint_from_elsewhere_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    file = io.BytesIO()
    torch.save({"step": Evil()}, file)
    with pytest.raises(ValueError, match="the checkpoint of Adam is damaged"):
        unpack(file.getvalue(), "Adam")
    assert not capsys.readouterr().out


class Kept:
    """A class that an optimizer's state might hold."""

    size = 3


def test_a_class_is_read_only_where_it_is_named() -> None:
    data = pack({"held": Kept()})
    with pytest.raises(ValueError, match="is damaged"):
        unpack(data, "Adam")
    assert unpack(data, "Adam", [f"{__name__}.Kept"])["held"].size == 3


def test_too_little_memory_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    data = pack(STATE)
    monkeypatch.setattr(torch, "load", full)
    with pytest.raises(RuntimeError, match="can't allocate"):
        unpack(data, "Adam")
