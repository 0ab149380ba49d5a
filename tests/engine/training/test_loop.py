"""The laws of the training loop: the same batch for all, early ends, the clock, and resuming."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.training import Clock, Trainer, cosine, drawn, pack, rate, shuffled, take_steps, unpack, update

torch.set_num_threads(1)

INPUTS = torch.randn(64, 3, generator=torch.Generator().manual_seed(1))
GOALS = INPUTS.sum(1, keepdim=True)


def batch(step: int) -> tuple[Tensor, Tensor]:
    chosen = drawn(len(INPUTS), 8, 5, step)
    return INPUTS[chosen], GOALS[chosen]


def loss(network: nn.Module, inputs: Tensor, goals: Tensor) -> Tensor:
    mean: Tensor = (network(inputs) - goals).square().mean()
    return mean


def trainer(lr: float = 0.1, loss: Callable[..., Tensor] = loss) -> Trainer[nn.Linear]:
    network = nn.Linear(3, 1)
    nn.init.constant_(network.weight, 0.5)
    nn.init.zeros_(network.bias)
    return Trainer(network, torch.optim.SGD(network.parameters(), lr, momentum=0.5), loss)


def taken(trainers: list[Trainer[Any]], steps: range, factor: Callable[[int], float] = lambda step: 1.0) -> list[int]:
    return list(take_steps(trainers, steps, batch, factor, Clock()))


def weights(one: Trainer[nn.Linear]) -> list[float]:
    return [value for parameter in one.network.parameters() for value in parameter.flatten().tolist()]


def broken(at: int, value: float = math.nan) -> Callable[..., Tensor]:
    """A loss that is multiplied by ``value`` in step ``at``. Steps count from 0."""
    calls = 0

    def wrong(network: nn.Module, inputs: Tensor, goals: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return loss(network, inputs, goals) * (value if calls == at + 1 else 1.0)

    return wrong


def test_the_loop_is_a_plain_one_in_torch_to_the_last_bit() -> None:
    one, other = trainer(), trainer()
    assert taken([one], range(20), lambda step: rate(step + 1, 10, 30)) == [20]
    for step in range(20):
        other.optimizer.param_groups[0]["lr"] = 0.1 * ((step + 1) / 10 if step < 9 else (30 - step - 1) / 20)
        other.optimizer.zero_grad()
        loss(other.network, *batch(step)).backward()
        other.optimizer.step()
    assert weights(one) == weights(other) and one.step == 20


def test_all_take_each_step_on_the_same_batch() -> None:
    seen: list[list[int]] = [[], []]

    def watched(number: int) -> Callable[..., Tensor]:
        def watch(network: nn.Module, inputs: Tensor, goals: Tensor) -> Tensor:
            seen[number].append(id(inputs))
            return loss(network, inputs, goals)

        return watch

    batches = [batch(step) for step in range(7)]
    trainers = [trainer(loss=watched(0)), trainer(loss=watched(1))]
    list(take_steps(trainers, range(7), batches.__getitem__, float, Clock()))
    assert seen[0] == seen[1] == [id(inputs) for inputs, _ in batches]


def test_training_with_others_changes_nothing() -> None:
    alone, among = trainer(), trainer()
    taken([alone], range(12))
    taken([trainer(0.01), among, trainer(1e6)], range(12))
    assert weights(alone) == weights(among)


@pytest.mark.parametrize("cut", [1, 5, 11])
def test_a_resumed_training_equals_an_undisturbed_one_bit_for_bit(cut: int) -> None:
    whole, first, second = trainer(), trainer(), trainer()
    taken([whole], range(12))
    taken([first], range(cut))
    second.restore(unpack(pack(first.state()), "this one"))
    taken([second], range(cut, 12))
    assert weights(second) == weights(whole) and second.step == whole.step == 12


@pytest.mark.parametrize("pause", [0.0, 1e9])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_one_trainer_at_its_step(
    monkeypatch: pytest.MonkeyPatch, pause: float, value: float
) -> None:
    monkeypatch.setattr("engine.training.loop.PAUSE", pause)
    one, other, alone = trainer(loss=broken(6, value)), trainer(), trainer()
    assert taken([one, other], range(12))[-1] == 12
    assert one.ended.startswith(f"the loss became {value:g}: all weights are finite") and one.step == 6
    taken([alone], range(12))
    assert not other.ended and weights(other) == weights(alone)


def test_an_ended_trainer_stays_as_it_is_and_the_loop_stops_when_all_have_ended() -> None:
    one, again = trainer(loss=broken(2)), trainer()
    taken([one], range(5))
    before = weights(one)
    again.restore(one.state())
    assert taken([again], range(5, 100)) == [6]
    assert str(weights(again)) == str(before) and again.step == 2


@pytest.mark.parametrize("error", [torch.linalg.LinAlgError, torch.OutOfMemoryError])
def test_a_failure_ends_one_trainer_with_the_first_line_of_its_message(error: type[Exception]) -> None:
    def failing(*_: Any) -> Tensor:
        raise error("there is no room.\nmore")

    one, other = trainer(loss=failing), trainer()
    taken([one, other], range(4))
    assert (one.ended, one.step, other.ended, other.step) == ("there is no room", 0, "", 4)


def test_a_loss_that_was_not_finite_is_the_reason_of_what_fails_after_it() -> None:
    calls = 0

    def wrong(network: nn.Module, inputs: Tensor, goals: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        if calls == 6:
            raise torch.linalg.LinAlgError("not positive-definite")
        return loss(network, inputs, goals) * (math.nan if calls > 3 else 1.0)

    one = trainer(loss=wrong)
    taken([one], range(12))
    assert one.ended.startswith("the loss became nan: ") and one.step == 3


@pytest.mark.parametrize(
    ("rate", "said"),
    [(3e38, "weights and biases are infinite. Its state is finite"), (1e30, "all weights are finite")],
)
def test_the_part_that_is_not_finite_is_named(rate: float, said: str) -> None:
    one = trainer(rate)
    taken([one], range(5))
    assert one.ended.startswith("the loss became ") and said in one.ended


def test_a_state_that_is_not_finite_is_named() -> None:
    one = trainer()
    taken([one], range(3))
    for parameter in one.network.parameters():
        one.optimizer.state[parameter]["momentum_buffer"].fill_(math.inf)
    taken([one], range(3, 6))
    assert "Not finite in its state: the velocity" in one.ended and one.step == 4


def test_any_other_error_is_raised() -> None:
    def wrong(*_: Any) -> Tensor:
        raise TypeError("a mistake")

    with pytest.raises(TypeError, match="a mistake"):
        taken([trainer(loss=wrong)], range(3))


def test_the_clock_stands_still_while_the_loop_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this test, each update moves the clock by one second, and the caller moves it by a thousand."""
    now = [0.0]

    def timed(*arguments: Any) -> Tensor:
        now[0] += 1
        return update(*arguments)

    monkeypatch.setattr("engine.training.loop.update", timed)
    monkeypatch.setattr("engine.training.loop.time.perf_counter", lambda: now[0])
    clock, pauses = Clock(), 0
    for _ in take_steps([trainer()], range(12), batch, lambda step: 1.0, clock):
        now[0] += 1000
        pauses += 1
    assert clock.seconds == 12 and pauses == 12  # each step is longer than half a second


def test_short_steps_pause_only_at_the_end() -> None:
    assert taken([trainer()], range(3, 7)) == [7]
    assert taken([trainer()], range(3, 3)) == []


def test_the_batches_of_an_epoch_are_each_sample_once_in_an_order_of_its_own() -> None:
    epochs = [shuffled(23, 5, seed=4, epoch=epoch) for epoch in range(3)]
    for batches in epochs:
        assert [len(each) for each in batches] == [5] * 4
        assert len(torch.cat(list(batches)).unique()) == 20
    assert len({str(batches) for batches in epochs}) == 3
    assert str(shuffled(23, 5, seed=4, epoch=2)) == str(epochs[2])
    assert str(shuffled(23, 5, seed=5, epoch=2)) != str(epochs[2])


def test_a_drawn_batch_depends_on_seed_and_step_alone() -> None:
    torch.manual_seed(1)
    first = drawn(50, 8, seed=3, step=9)
    torch.manual_seed(2)
    assert torch.equal(first, drawn(50, 8, seed=3, step=9))
    assert not torch.equal(first, drawn(50, 8, seed=3, step=10))
    assert not torch.equal(first, drawn(50, 8, seed=4, step=9))
    counts = torch.cat([drawn(4, 100, 0, step) for step in range(100)]).bincount()
    assert counts.tolist() == pytest.approx([2500] * 4, rel=0.1)


def test_the_rate_rises_to_one_and_falls_to_zero() -> None:
    assert [rate(time, 4, 10) for time in (0, 1, 4, 7, 10, 12)] == [0, 0.25, 1, 0.5, 0, 0]
    assert [rate(time, 0) for time in (0, 100)] == [1, 1]


def test_a_rate_that_has_no_time_to_fall_is_zero_at_its_horizon() -> None:
    assert [rate(time, 5, 5) for time in (0, 4, 5, 6)] == [0, 0.8, 0, 0]


@pytest.mark.parametrize("clip", [0.01, 1e6])
def test_a_long_gradient_is_scaled_down_as_a_whole(clip: float) -> None:
    one = trainer()
    one.clip = clip
    before = torch.tensor(weights(one))
    loss(one.network, *batch(0)).backward()
    gradient = torch.cat([weight.grad.flatten() for weight in one.network.parameters() if weight.grad is not None])
    taken([one], range(1))
    moved = before - torch.tensor(weights(one))
    torch.testing.assert_close(moved, 0.1 * gradient * min(1.0, clip / float(gradient.norm())), rtol=1e-4, atol=1e-7)


def test_half_a_cosine_is_torchs_own() -> None:
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], 1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 30)
    for step in range(31):
        assert cosine(step + 10, 10, 40) == pytest.approx(schedule.get_last_lr()[0], abs=1e-12)
        optimizer.step()
        schedule.step()
    assert [cosine(step, 10, 40) for step in (0, 5)] == [0, 0.5] and cosine(99, 10, 40) == 0
