"""A race is fair, repeatable and resumable."""

import math
import weakref
from collections.abc import Generator
from types import MappingProxyType
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.data import DataUnavailable, Images, floats
from engine.events import Checkpoint
from engine.optimizers import RACERS
from engine.optimizers.adaptive import Adam
from engine.optimizers.gradient import SGD, HeavyBall
from engine.optimizers.layered import KFAC
from engine.race import race
from engine.race.lane_trainer import LaneTrainer
from engine.race.network import Autoencoder
from engine.training import update
from tests.engine.race.racing import LANES, numbers, points, run, same, spec

torch.set_num_threads(1)


@pytest.mark.parametrize("ramp", ["steps", "epochs"])
def test_a_lane_is_torch_s_own_loop_to_the_last_bit(strokes: Images, ramp: str) -> None:
    torch.manual_seed(123)  # no number may depend on this seed
    items = run(spec(lanes=(Adam(lr=0.01),), warmup=1, epochs=3, horizon=5, ramp=ramp))
    torch.manual_seed(321)
    net = Autoencoder(spec().units(), "tanh", seed=0)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    train = floats(strokes.train)
    for epoch in range(3):
        order = torch.randperm(200, generator=torch.Generator().manual_seed(epoch))
        for number, batch in enumerate(order.view(5, 40)):
            time = epoch + number / 5 if ramp == "steps" else epoch
            optimizer.param_groups[0]["lr"] = 0.01 * (time if time < 1 else (5 - time) / 4)
            optimizer.zero_grad()
            net.loss(train[batch]).backward()
            optimizer.step()
        with torch.no_grad():
            loss = torch.nn.functional.binary_cross_entropy_with_logits(net(train), train, reduction="sum")
        (point,) = points(items, epoch=epoch + 1)
        assert point["train_loss"] == loss.item() / 200
        assert point["step"] == 5 * (epoch + 1)


def test_lanes_start_alike_and_see_the_same_batches() -> None:
    twins = (SGD(lr=1e-3), HeavyBall(lr=1e-3, momentum=1e-9), Adam())
    items = run(spec(lanes=twins, seeds=2))
    for seed in (0, 1):
        assert len({point["train_loss"] for point in points(items, seed=seed, epoch=0)}) == 1
    # A heavy ball with almost no momentum is plain descent. With the same batches, both take the same path.
    for one, other in zip(points(items, lane=0), points(items, lane=1), strict=True):
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-6)
    starts = {point["train_loss"] for point in points(items, epoch=0)}
    assert len(starts) == 2  # one start per seed


def test_who_else_takes_part_changes_nothing() -> None:
    alone = points(run(spec(lanes=LANES[1:])), lane=0)
    among = points(run(spec(lanes=(KFAC(), *LANES))), lane=2)
    assert [point["train_loss"] for point in alone] == [point["train_loss"] for point in among]


def test_looking_into_the_layers_changes_nothing() -> None:
    plain, looked = run(spec()), run(spec(look=True))
    assert [point["train_loss"] for point in points(plain)] == [point["train_loss"] for point in points(looked)]
    assert all(len(point["layers"]["update"]) == 8 for point in points(looked, epoch=2))


@pytest.mark.parametrize("key", RACERS)
def test_a_race_goes_on_from_its_checkpoints_with_the_same_numbers(key: str) -> None:
    """To cut after every item would be slow. So the race is cut after two of its checkpoints."""
    settings = spec(lanes=(RACERS[key].plain(), SGD(lr=5e-4)), epochs=3)
    whole = run(settings)
    cuts = [number for number, item in enumerate(whole) if isinstance(item, Checkpoint)]
    for cut in cuts[1:4:2]:
        kept = {item.name: item.state for item in whole[: cut + 1] if isinstance(item, Checkpoint)}
        assert same(numbers(whole[: cut + 1] + run(settings, kept)), numbers(whole))


def test_a_race_of_several_seeds_goes_on_within_the_second() -> None:
    settings = spec(seeds=2)
    whole = run(settings)
    cuts = [number for number, item in enumerate(whole) if isinstance(item, Checkpoint)]
    for cut in cuts[1:]:  # the first checkpoint holds no lane yet
        kept = {item.name: item.state for item in whole[: cut + 1] if isinstance(item, Checkpoint)}
        rest = run(settings, kept)
        assert same(numbers(whole[: cut + 1] + rest), numbers(whole))
        assert len(rest) < len(whole)


def test_progress_rises_to_the_whole() -> None:
    shares = [item["progress"] for item in run(spec(seeds=2)) if isinstance(item, dict) and "progress" in item]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_it_can_be_closed_at_any_event() -> None:
    running = race(spec(precision="float64"))
    assert isinstance(running, Generator)
    for _ in range(8):
        next(running)
    running.close()
    assert torch.get_float32_matmul_precision() == "highest"


def test_precision_is_that_of_the_weights() -> None:
    single, double = run(spec()), run(spec(precision="float64"))
    for one, other in zip(points(single, lane=0), points(double, lane=0), strict=True):
        assert one["train_loss"] != other["train_loss"]
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-3)


def test_a_race_goes_on_with_the_images_that_it_began_with(monkeypatch: pytest.MonkeyPatch, strokes: Images) -> None:
    """The network connection came back, or was lost, while the race was stopped."""
    digits = Images(strokes.train.flip(0), strokes.test, "digits")
    online = False

    def load(name: str) -> Images:
        if name == "mnist" and not online:
            raise DataUnavailable("No network.")
        return digits if name == "mnist" else strokes

    monkeypatch.setattr("engine.race.schedule.load_images", load)
    drawn = run(spec())
    online = True
    real = run(spec())
    assert points(drawn, epoch=1, lane=0)[0]["train_loss"] != points(real, epoch=1, lane=0)[0]["train_loss"]
    for whole, back in ((drawn, True), (real, False)):
        cut = [number for number, item in enumerate(whole) if isinstance(item, Checkpoint)][2]
        kept = {item.name: item.state for item in whole[: cut + 1] if isinstance(item, Checkpoint)}
        online = back
        if back:
            assert same(numbers(whole[: cut + 1] + run(spec(), kept)), numbers(whole))
        else:
            with pytest.raises(DataUnavailable, match="No network"):
                run(spec(), kept)


def test_the_clock_runs_in_training_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this test, each update moves the clock by one second, and everything else moves it by a thousand."""
    clock = [0.0]
    evaluate = LaneTrainer.evaluate

    def timed(*arguments: Any) -> Tensor:
        clock[0] += 1
        return update(*arguments)

    def untimed(self: LaneTrainer, images: Tensor) -> Any:
        clock[0] += 1000
        return evaluate(self, images)

    monkeypatch.setattr("engine.training.loop.time.perf_counter", lambda: clock[0])
    monkeypatch.setattr("engine.training.loop.update", timed)
    monkeypatch.setattr(LaneTrainer, "evaluate", untimed)
    items = []
    for item in race(spec(look=True)):
        items.append(item)
        clock[0] += 1000  # the caller is slow
    assert [point["seconds"] for point in points(items, lane=1)] == [0, 5, 10]
    assert all(math.isfinite(point["train_loss"]) for point in points(items))


def test_what_a_race_goes_on_from_is_let_go() -> None:
    """The stored states are as large as the running lanes. If a race kept both, it would need twice its memory."""
    settings = spec(lanes=(KFAC(), *LANES), epochs=3)
    states = [item for item in run(settings.but(epochs=1)) if isinstance(item, Checkpoint)]

    class Bytes(bytearray):
        """Bytes that a weak reference can refer to."""

    kept: dict[str, Any] = {item.name: Bytes(item.state) for item in states}
    watched = [weakref.ref(state) for name, state in kept.items() if name != "images"]
    running = race(settings, MappingProxyType(kept))
    for item in running:
        kept.clear()  # the worker keeps no reference to the states either
        if isinstance(item, Checkpoint) and item.name == "0":
            break
    assert [state() for state in watched] == [None] * len(watched)


def test_counting_what_a_step_costs_can_be_stopped_between_steps() -> None:
    settings = spec(lanes=(KFAC(refresh=50),))
    before = 0
    for item in race(settings):
        if isinstance(item, dict) and item["kind"] == "cost":
            break
        before += isinstance(item, dict) and item["kind"] == "tick"
    assert before > 100


def test_a_cost_is_counted_on_one_seed() -> None:
    items = run(spec(seeds=3))
    assert sum(isinstance(item, dict) and item["kind"] == "cost" for item in items) == len(LANES)
