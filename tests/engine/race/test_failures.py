"""A race that goes wrong: which lanes end, for what reason, and which lanes go on."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.data import DataUnavailable, Images
from engine.devices import DeviceUnavailable
from engine.events import Checkpoint
from engine.optimizers import KFAC, RACERS, Lane
from engine.optimizers.gradient import SGD
from engine.optimizers.layered import LocoPropS
from engine.optimizers.matrices import SOAP, Muon, Shampoo
from engine.race import race
from engine.race.lane_trainer import LaneTrainer, stored
from engine.race.network import Quality
from engine.training import update
from tests.engine.race.racing import LANES, points, run, spec

torch.set_num_threads(1)


def test_a_lane_that_diverges_ends_with_its_reason_and_the_others_go_on() -> None:
    items = run(spec(lanes=(SGD(lr=1000.0), *LANES), transfer="relu", epochs=3))
    (end,) = [item for item in items if isinstance(item, dict) and item["kind"] == "end"]
    assert end["lane"] == 0
    assert "epoch 1, step" in end["reason"] and "the loss became" in end["reason"]
    assert len(points(items, lane=0)) == 1
    assert len(points(items, lane=1)) == len(points(items, lane=2)) == 4
    # A resumed race does not start the ended lane again.
    kept = {item.name: item.state for item in items if isinstance(item, Checkpoint)}
    assert not points(run(spec(lanes=(SGD(lr=1000.0), *LANES), transfer="relu", epochs=3), kept))


def test_a_lane_whose_first_step_has_no_solution_ends_alone() -> None:
    """A batch has fewer images than pixels, so that without damping no matrix can be inverted.

    The cost of a step cannot be counted either, but that ends nothing: the lane still has its untrained point.
    """
    exact = LocoPropS().but(inner="exact", regularizer=1e-12)
    items = run(spec(lanes=(exact, *LANES), seeds=2))
    ends = [item for item in items if isinstance(item, dict) and item["kind"] == "end"]
    assert [(end["lane"], end["reason"].partition(":")[0]) for end in ends] == [(0, "epoch 1, step 0")] * 2
    assert [point["epoch"] for point in points(items, lane=0)] == [0, 0]
    assert len(points(items, lane=1)) == len(points(items, lane=2)) == 6


@pytest.mark.parametrize(
    "lane", [KFAC(damping=1e-12), Shampoo(lr=1000), SOAP(lr=1000), Muon(lr=1000)], ids=lambda lane: lane.optimizer
)
def test_a_lane_with_extreme_settings_trains_or_ends_with_its_reason(lane: Lane) -> None:
    items = run(spec(lanes=(lane, *LANES[1:])))
    ends = [item for item in items if isinstance(item, dict) and item["kind"] == "end"]
    assert all(end["lane"] == 0 and "the loss became" in end["reason"] for end in ends)
    assert len(points(items, lane=0)) == 3 or ends
    assert len(points(items, lane=1)) == 3


@pytest.mark.parametrize("part", ["evaluate", "reconstruct"])
def test_a_lane_that_fails_beside_its_training_ends_alone(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    whole = getattr(LaneTrainer, part)

    def short(self: LaneTrainer, images: Tensor) -> Any:
        if self.lane.optimizer == "adam" and self.epoch == 1:
            raise torch.OutOfMemoryError("no room")
        return whole(self, images)

    monkeypatch.setattr(LaneTrainer, part, short)
    items = run(spec())
    (end,) = [item for item in items if isinstance(item, dict) and item["kind"] == "end"]
    assert end["lane"] == 0 and end["reason"].endswith("no room")
    assert len(points(items, lane=1)) == 3


def test_a_lane_that_fails_at_its_start_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(self: LaneTrainer, images: Tensor) -> Any:
        if self.lane.optimizer == "adam":
            raise torch.OutOfMemoryError("no room")
        return whole(self, images)

    whole = LaneTrainer.evaluate
    with monkeypatch.context() as patch:
        patch.setattr(LaneTrainer, "evaluate", short)
        items = run(spec())
    assert not points(items, lane=0) and len(points(items, lane=1)) == 3
    kept = {item.name: item.state for item in items if isinstance(item, Checkpoint)}
    assert not points(run(spec(), kept), lane=0), "The lane's checkpoint says that the lane ended"


def test_a_lane_whose_loss_over_all_images_is_infinite_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def infinite(self: LaneTrainer, images: Tensor) -> Quality:
        quality = whole(self, images)
        return replace(quality, loss=math.inf) if self.lane.optimizer == "adam" and self.epoch else quality

    whole = LaneTrainer.evaluate
    monkeypatch.setattr(LaneTrainer, "evaluate", infinite)
    items = run(spec())
    (end,) = [item for item in items if isinstance(item, dict) and item["kind"] == "end"]
    assert end["lane"] == 0 and "the loss became inf: all weights are finite" in end["reason"]
    assert [point["epoch"] for point in points(items, lane=0)] == [0]


@pytest.mark.parametrize("transfer", ["tanh", "relu"])
@pytest.mark.parametrize("key", RACERS)
def test_whatever_the_optimizer_a_race_on_a_gpu_names_the_part_that_failed_as_one_on_a_cpu_does(
    key: str, transfer: str, strokes: Images
) -> None:
    """On a GPU a loss is looked at later. The same is done here on the CPU, whose steps repeat to the last bit."""
    lane = RACERS[key].plain().model_copy(update={"lr": 1e19})
    settings = spec(lanes=(lane,), transfer=transfer)
    reasons = []
    for looks in (True, False):
        trainer = LaneTrainer(settings, lane, 0, strokes.train)
        trainer.trainer.looks = looks
        for _ in range(3):
            if not trainer.ended:
                list(trainer.train())
        reasons.append(trainer.ended)
    assert reasons[0] == reasons[1]
    assert "not established" not in reasons[0]


@pytest.mark.parametrize("key", RACERS)
def test_whatever_the_optimizer_weights_that_are_no_numbers_end_the_lane_with_a_reason(
    key: str, strokes: Images
) -> None:
    settings = spec(lanes=(RACERS[key].plain(),), look=True)
    trainer = LaneTrainer(settings, settings.lanes[0], 0, strokes.train)
    with torch.no_grad():
        next(iter(trainer.net.parameters())).fill_(math.nan)
    list(trainer.train())
    assert trainer.ended.startswith("epoch 1, step") and trainer.epoch == 0


def test_a_lane_out_of_memory_ends_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0

    def short(optimizer: torch.optim.Optimizer, *rest: Any) -> Tensor:
        nonlocal steps
        adam = isinstance(optimizer, torch.optim.Adam)
        steps += adam
        if adam and steps == 6:  # the first step of the second epoch
            raise torch.OutOfMemoryError("no room for 10 GB\nsecond line")
        return update(optimizer, *rest)

    monkeypatch.setattr("engine.training.loop.update", short)
    items = run(spec())
    (end,) = [item for item in items if isinstance(item, dict) and item["kind"] == "end"]
    assert end["reason"] == "epoch 2, step 5: no room for 10 GB"
    assert len(points(items, lane=1)) == 3


def test_without_mnist_it_runs_on_strokes_and_says_so(monkeypatch: pytest.MonkeyPatch, strokes: Images) -> None:
    def load(name: str) -> Images:
        if name == "mnist":
            raise DataUnavailable("No network.")
        return strokes

    monkeypatch.setattr("engine.race.schedule.load_images", load)
    start = next(race(spec()))
    assert isinstance(start, dict)
    assert start["notice"].startswith("No network.") and "CURVES-like" in start["notice"]
    assert start["source"] == "strokes"


def test_a_data_set_that_holds_less_than_a_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit into the 200 images"):
        run(spec(images=1000, batch=500))
    (start, *_) = run(spec(images=1000, batch=200, epochs=1))
    assert isinstance(start, dict) and start["steps"] == 1, "One batch may contain all images"


def test_a_device_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceUnavailable, match="No CUDA device was found"):
        run(spec(device="cuda"))
    with pytest.raises(ValueError, match="TF32 needs a CUDA device"):
        run(spec(precision="tf32"))


class Evil:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (print, ("run",))


def test_a_checkpoint_from_elsewhere_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    import io

    file = io.BytesIO()
    torch.save({"seed": Evil()}, file)
    with pytest.raises(ValueError, match="the checkpoint of Shampoo is damaged"):
        stored(file.getvalue(), Shampoo())
    assert not capsys.readouterr().out


def test_a_damaged_checkpoint_is_told(strokes: Images) -> None:
    state = LaneTrainer(spec(), LANES[0], 0, strokes.train).state()
    for damaged in (b"", state[: len(state) // 2], b"\xff" * 100):
        with pytest.raises(ValueError, match="the checkpoint of Adam is damaged"):
            stored(damaged, LANES[0])


def test_want_of_memory_is_no_damage(strokes: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    state = LaneTrainer(spec(), LANES[0], 0, strokes.train).state()
    monkeypatch.setattr(torch, "load", full)
    with pytest.raises(RuntimeError, match="can't allocate"):
        stored(state, LANES[0])


@pytest.mark.parametrize("tick", [0.0, 1e9])
def test_an_end_has_the_same_place_and_reason_however_often_the_clock_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, tick: float
) -> None:
    """A NaN loss makes an inversion fail some steps later. The reason must name the loss, not the inversion."""
    step = -1

    def broken(*arguments: Any) -> Tensor:
        nonlocal step
        step += 1
        if step == 9:
            raise torch.linalg.LinAlgError("not positive-definite")
        loss = update(*arguments)
        return loss * math.nan if step >= 6 else loss

    monkeypatch.setattr("engine.training.loop.PAUSE", tick)
    monkeypatch.setattr("engine.training.loop.update", broken)
    items = run(spec(lanes=LANES[:1], batch=10))
    (end,) = [item for item in items if isinstance(item, dict) and item["kind"] == "end"]
    assert end["reason"] == (
        "epoch 1, step 6: the loss became nan. When the steps were taken again, it stayed finite. "
        "The part of the step that made it is not established"
    )
