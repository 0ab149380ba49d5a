"""The race: fair, repeatable, resumable, and honest about what fails."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.data import DataUnavailable, Images, floats
from engine.devices import DeviceUnavailable
from engine.events import Checkpoint, Event
from engine.optimizers import RACERS, Lane
from engine.optimizers.layered import KFAC
from engine.race import RaceSpec, race
from engine.race.network import Autoencoder
from engine.race.runner import Runner, read

torch.set_num_threads(1)

Item = Event | Checkpoint
LANES: tuple[Lane, ...] = (RACERS["adam"](lr=1e-3), RACERS["locopropm"]())
TIMINGS = {"seconds"}


def spec(**changes: Any) -> RaceSpec:
    settings = {"images": 200, "batch": 40, "width": 0.02, "epochs": 2, "warmup": 0, "lanes": LANES, "look": False}
    return RaceSpec(**settings | changes)


def run(settings: RaceSpec, checkpoints: Mapping[str, bytes] | None = None) -> list[Item]:
    return list(race(settings, checkpoints))


def numbers(items: list[Item]) -> dict[str, Event]:
    """What was told by its key, later ones winning, timings apart."""
    told = {item["key"]: item for item in items if isinstance(item, dict) and "key" in item}
    return {key: {name: value for name, value in event.items() if name not in TIMINGS} for key, event in told.items()}


def points(items: list[Item], **where: Any) -> list[Event]:
    events = [item for item in items if isinstance(item, dict) and item["kind"] == "point"]
    return [event for event in events if all(event[name] == value for name, value in where.items())]


def same(one: Any, other: Any) -> bool:
    """Equality to the last bit, NaN being itself."""
    return repr(one) == repr(other)


@pytest.mark.parametrize("ramp", ["steps", "epochs"])
def test_a_lane_is_torch_s_own_loop_to_the_last_bit(strokes: Images, ramp: str) -> None:
    torch.manual_seed(123)  # nothing may depend on it
    items = run(spec(lanes=(RACERS["adam"](lr=0.01),), warmup=1, epochs=3, horizon=5, ramp=ramp))
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
    twins = (RACERS["sgd"](lr=1e-3), RACERS["momentum"](lr=1e-3, momentum=1e-9), RACERS["adam"]())
    items = run(spec(lanes=twins, seeds=2))
    for seed in (0, 1):
        assert len({point["train_loss"] for point in points(items, seed=seed, epoch=0)}) == 1
    # A heavy ball without weight is plain descent: with the same batches both go the same way.
    for one, other in zip(points(items, lane=0), points(items, lane=1), strict=True):
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-6)
    starts = {point["train_loss"] for point in points(items, epoch=0)}
    assert len(starts) == 2  # one a seed


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
    """Cut after every item in turn would be slow; cut after each checkpoint."""
    settings = spec(lanes=(RACERS[key](), RACERS["sgd"](lr=5e-4)), epochs=3)
    whole = run(settings)
    cuts = [number for number, item in enumerate(whole) if isinstance(item, Checkpoint)]
    for cut in cuts[1:4:2]:
        kept = {item.name: item.state for item in whole[: cut + 1] if isinstance(item, Checkpoint)}
        assert same(numbers(whole[: cut + 1] + run(settings, kept)), numbers(whole))


def test_a_race_of_several_seeds_goes_on_within_the_second() -> None:
    settings = spec(seeds=2)
    whole = run(settings)
    cuts = [number for number, item in enumerate(whole) if isinstance(item, Checkpoint)]
    for cut in cuts[1:]:  # the first holds no lane yet
        kept = {item.name: item.state for item in whole[: cut + 1] if isinstance(item, Checkpoint)}
        rest = run(settings, kept)
        assert same(numbers(whole[: cut + 1] + rest), numbers(whole))
        assert len(rest) < len(whole)


def test_a_lane_that_diverges_ends_with_its_reason_and_the_others_go_on() -> None:
    items = run(spec(lanes=(RACERS["sgd"](lr=1000.0), *LANES), transfer="relu", epochs=3))
    (end,) = [item for item in items if isinstance(item, dict) and item["kind"] == "end"]
    assert end["lane"] == 0
    assert "epoch 1, step" in end["reason"] and "the loss became" in end["reason"]
    assert len(points(items, lane=0)) == 1
    assert len(points(items, lane=1)) == len(points(items, lane=2)) == 4
    # And it does not come back to life.
    kept = {item.name: item.state for item in items if isinstance(item, Checkpoint)}
    assert not points(run(spec(lanes=(RACERS["sgd"](lr=1000.0), *LANES), transfer="relu", epochs=3), kept))


def test_a_lane_whose_first_step_has_no_solution_ends_alone() -> None:
    """The images of a batch span fewer directions than there are pixels, so that without damping nothing is inverted;
    which shows when its cost is counted, before any lane runs."""
    exact = RACERS["locoprops"]().but(inner="exact", regularizer=1e-12)
    items = run(spec(lanes=(exact, *LANES), seeds=2))
    ends = [item for item in items if isinstance(item, dict) and item["kind"] == "end"]
    assert [(end["lane"], end["reason"].partition(":")[0]) for end in ends] == [(0, "epoch 0, step 0")] * 2
    assert not points(items, lane=0)
    assert len(points(items, lane=1)) == len(points(items, lane=2)) == 6


@pytest.mark.parametrize("part", ["evaluate", "reconstruct"])
def test_a_lane_that_fails_beside_its_training_ends_alone(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    whole = getattr(Runner, part)

    def short(self: Runner, images: Tensor) -> Any:
        if self.lane.optimizer == "adam" and self.epoch == 1:
            raise torch.OutOfMemoryError("no room")
        return whole(self, images)

    monkeypatch.setattr(Runner, part, short)
    items = run(spec())
    (end,) = [item for item in items if isinstance(item, dict) and item["kind"] == "end"]
    assert end["lane"] == 0 and end["reason"].endswith("no room")
    assert len(points(items, lane=1)) == 3


@pytest.mark.parametrize("key", RACERS)
def test_whatever_the_optimizer_weights_that_are_no_numbers_end_the_lane_with_a_reason(
    key: str, strokes: Images
) -> None:
    settings = spec(lanes=(RACERS[key](),), look=True)
    runner = Runner(settings, settings.lanes[0], 0, strokes.train)
    with torch.no_grad():
        next(iter(runner.net.parameters())).fill_(math.nan)
    list(runner.train())
    assert runner.ended.startswith("epoch 1, step") and runner.epoch == 0


def test_a_lane_out_of_memory_ends_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    update = Runner._update

    def short(self: Runner, closure: Any) -> Tensor:
        if self.lane.optimizer == "adam" and self.epoch == 1:
            raise torch.OutOfMemoryError("no room for 10 GB\nsecond line")
        return update(self, closure)

    monkeypatch.setattr(Runner, "_update", short)
    items = run(spec())
    (end,) = [item for item in items if isinstance(item, dict) and item["kind"] == "end"]
    assert end["reason"] == "epoch 2, step 5: no room for 10 GB"
    assert len(points(items, lane=1)) == 3


def test_progress_rises_to_the_whole() -> None:
    shares = [item["progress"] for item in run(spec(seeds=2)) if isinstance(item, dict) and "progress" in item]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_it_can_be_closed_at_any_event() -> None:
    running: Iterator[Item] = race(spec(precision="float64"))
    for _ in range(8):
        next(running)
    running.close()  # type: ignore[attr-defined]
    assert torch.get_float32_matmul_precision() == "highest"


def test_precision_is_that_of_the_weights() -> None:
    single, double = run(spec()), run(spec(precision="float64"))
    for one, other in zip(points(single, lane=0), points(double, lane=0), strict=True):
        assert one["train_loss"] != other["train_loss"]
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-3)


def test_without_mnist_it_runs_on_strokes_and_says_so(monkeypatch: pytest.MonkeyPatch, strokes: Images) -> None:
    def load(name: str) -> Images:
        if name == "mnist":
            raise DataUnavailable("No network.")
        return strokes

    monkeypatch.setattr("engine.race.run.load_images", load)
    start = next(race(spec()))
    assert isinstance(start, dict)
    assert start["notice"].startswith("No network.") and "CURVES-like" in start["notice"]
    assert start["source"] == "strokes"


def test_a_race_goes_on_with_the_images_that_it_began_with(monkeypatch: pytest.MonkeyPatch, strokes: Images) -> None:
    """The network came back, or went, while it stood still."""
    digits = Images(strokes.train.flip(0), strokes.test, "digits")
    online = False

    def load(name: str) -> Images:
        if name == "mnist" and not online:
            raise DataUnavailable("No network.")
        return digits if name == "mnist" else strokes

    monkeypatch.setattr("engine.race.run.load_images", load)
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


def test_a_data_set_that_holds_less_than_a_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit into the 200 images"):
        run(spec(images=1000, batch=500))


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
    with pytest.raises(ValueError, match="what was kept of Shampoo is damaged"):
        read(file.getvalue(), RACERS["shampoo"]())
    assert not capsys.readouterr().out


def test_a_damaged_checkpoint_is_told(strokes: Images) -> None:
    state = Runner(spec(), LANES[0], 0, strokes.train).state()
    for damaged in (b"", state[: len(state) // 2], b"\xff" * 100):
        with pytest.raises(ValueError, match="what was kept of Adam is damaged"):
            read(damaged, LANES[0])


def test_want_of_memory_is_no_damage(strokes: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    state = Runner(spec(), LANES[0], 0, strokes.train).state()
    monkeypatch.setattr(torch, "load", full)
    with pytest.raises(RuntimeError, match="can't allocate"):
        read(state, LANES[0])


def test_the_clock_runs_in_training_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that each batch's update moves by one second, and everything else by a thousand."""
    clock = [0.0]
    update, evaluate = Runner._update, Runner.evaluate

    def timed(self: Runner, closure: Any) -> Tensor:
        clock[0] += 1
        return update(self, closure)

    def untimed(self: Runner, images: Tensor) -> Any:
        clock[0] += 1000
        return evaluate(self, images)

    monkeypatch.setattr("engine.race.runner.time.perf_counter", lambda: clock[0])
    monkeypatch.setattr(Runner, "_update", timed)
    monkeypatch.setattr(Runner, "evaluate", untimed)
    items = []
    for item in race(spec(look=True)):
        items.append(item)
        clock[0] += 1000  # the watcher takes its time
    assert [point["seconds"] for point in points(items, lane=1)] == [0, 5, 10]
    assert all(math.isfinite(point["train_loss"]) for point in points(items))
