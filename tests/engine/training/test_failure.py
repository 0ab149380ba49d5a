"""Who made the first number that is not finite: the network, the slope of its loss, or the optimizer, and how.

``looks`` is False on a GPU, where a loss is looked at later. Here both kinds of training run on the CPU.
"""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.optimizers.composed import RepeatedAdam
from engine.training import Clock, Trainer, take_steps
from engine.training.failure import UNKNOWN

torch.set_num_threads(1)

FINITE = "The loss and its slope were finite in that step, but"


class Pair(nn.Module):
    """Two numbers: the first at 1, the second at 0."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Parameter(torch.tensor([1.0])), nn.Parameter(torch.tensor([0.0]))


def trained(
    optimizer: Callable[..., torch.optim.Optimizer],
    loss: Callable[..., Tensor],
    looks: bool,
    calls: tuple[range, ...] = (range(6),),
    whole: bool = False,
) -> Trainer[Pair]:
    network = Pair()
    trainer = Trainer(network, optimizer(network.parameters()), loss, whole)
    trainer.looks = looks
    for steps in calls:
        list(take_steps([trainer], steps, lambda step: (torch.tensor(float(step)),), lambda step: 1.0, Clock()))
    return trainer


def bowl(network: Pair, step: Tensor) -> Tensor:
    """The second number has no slope at its place."""
    return (network.first.square() + network.second.square()).sum()


def cone(network: Pair, step: Tensor) -> Tensor:
    """Without a slope at 0, and finite there."""
    return network.first.square().sum() + network.second.square().sum().sqrt()


def tower(network: Pair, step: Tensor) -> Tensor:
    return (network.first * 1e30).sum() ** 2 if step == 3 else bowl(network, step)


def adam(parameters: Any, **settings: Any) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=0.1, eps=0, **settings)


def listed(parameters: Any) -> torch.optim.Optimizer:
    """As on a GPU: operations on lists of tensors, in place."""
    return adam(parameters, foreach=True)


def repeated(parameters: Any) -> torch.optim.Optimizer:
    return RepeatedAdam(parameters, updates=1, lr=0.1, eps=0)


def steep(parameters: Any) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=3e38)


@pytest.mark.parametrize("pause", [0.0, 1e9])
@pytest.mark.parametrize("looks", [True, False])
@pytest.mark.parametrize(
    ("optimizer", "loss", "step", "said"),
    [
        (adam, bowl, 1, f"{FINITE} the optimizer divided by a number that is 0, because ε is 0"),
        (listed, bowl, 1, f"{FINITE} the optimizer divided by a number that is 0, because ε is 0"),
        (steep, bowl, 1, f"{FINITE} a number that the optimizer computed overflowed"),
        (torch.optim.SGD, cone, 1, "The loss was finite in that step, but its slope was not finite in 1 of 2 weights"),
        (torch.optim.SGD, tower, 3, "the loss became inf: all weights are finite, the largest is"),
    ],
)
def test_the_part_that_made_the_number_is_named_on_every_device(
    monkeypatch: pytest.MonkeyPatch,
    pause: float,
    looks: bool,
    optimizer: Callable[..., torch.optim.Optimizer],
    loss: Callable[..., Tensor],
    step: int,
    said: str,
) -> None:
    monkeypatch.setattr("engine.training.loop.PAUSE", pause)
    trainer = trained(optimizer, loss, looks)
    assert said in trainer.ended and trainer.step == step
    assert trainer.ended == trained(optimizer, loss, not looks).ended


@pytest.mark.parametrize("looks", [True, False])
def test_an_optimizer_that_takes_the_loss_itself_is_watched_without_its_network(looks: bool) -> None:
    trainer = trained(repeated, bowl, looks, whole=True)
    assert trainer.ended.endswith("The loss was finite in that step, but the optimizer divided by a number that is 0, "
                                  "because ε is 0")  # fmt: skip


@pytest.mark.parametrize("looks", [True, False])
def test_a_step_at_the_end_of_a_call_is_found_in_the_next_call(looks: bool) -> None:
    """Its batches are still those of the earlier call."""
    trainer = trained(adam, bowl, looks, (range(1), range(5, 9)))
    assert "because ε is 0" in trainer.ended and trainer.step == 1


@pytest.mark.parametrize("looks", [True, False])
def test_a_loss_over_other_samples_that_is_not_finite_is_explained_too(looks: bool) -> None:
    trainer = trained(adam, bowl, looks, (range(1),))
    assert not trainer.ended
    trainer.end(math.nan)
    assert trainer.ended.startswith("the loss became nan: after the optimizer's last step 1 of 2 weights")
    assert "because ε is 0" in trainer.ended


def test_what_does_not_happen_again_is_not_explained() -> None:
    calls = 0

    def once(network: Pair, step: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return bowl(network, step) * (math.nan if calls == 3 else 1.0)

    trainer = trained(torch.optim.SGD, once, looks=False)
    assert trainer.ended == f"the loss became nan. When the steps were taken again, it stayed finite. {UNKNOWN}"
    assert trainer.step == 2


def test_a_training_that_begins_with_broken_weights_has_nothing_to_repeat() -> None:
    network = Pair()
    nn.init.constant_(network.first, math.nan)
    trainer = Trainer(network, torch.optim.SGD(network.parameters(), 0.1), bowl)
    trainer.looks = False
    list(take_steps([trainer], range(4), lambda step: (torch.tensor(float(step)),), lambda step: 1.0, Clock()))
    assert trainer.ended == f"the loss became nan. {UNKNOWN}" and trainer.step == 0


@pytest.mark.parametrize("looks", [True, False])
def test_without_memory_for_a_copy_a_training_goes_on_and_says_what_it_knows(
    monkeypatch: pytest.MonkeyPatch, looks: bool
) -> None:
    def full(*_: Any) -> None:
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr("engine.training.loop.Copy.of", full)
    assert not trained(torch.optim.SGD, bowl, looks).ended
    trainer = trained(adam, bowl, looks)
    assert trainer.ended.startswith("the loss became nan") and trainer.ended.endswith(UNKNOWN)


def test_no_copy_is_kept_after_a_training() -> None:
    assert trained(torch.optim.SGD, bowl, looks=True).kept is None
