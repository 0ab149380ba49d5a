"""The schedule of a LocoProp step: its work equals the measured work, and no task starts before its inputs exist."""

import pytest
import torch

from engine.optimizers.layered import LocoPropM
from engine.race import RaceSpec
from engine.race.meter import measure
from engine.race.network import Autoencoder
from engine.race.timeline import ARRANGEMENTS, timeline
from engine.training import update
from tests.engine.race.racing import returned

torch.set_num_threads(1)

SPEC = RaceSpec(images=100, batch=20, width=0.02)


@pytest.mark.parametrize("steps", [1, 2, 10])
def test_one_after_another_the_layers_take_what_a_step_is_measured_to_cost(steps: int) -> None:
    found = timeline(SPEC.units(), SPEC.batch, steps)
    net = Autoencoder(SPEC.units(), "tanh", seed=0)
    images = torch.rand(SPEC.batch, 784)
    lane = LocoPropM(steps=steps)
    optimizer = lane.over(net.layers)

    def step() -> None:
        update(optimizer, lambda: net.loss(images), whole=True)

    cost = returned(measure(lane, optimizer, step, net.parameters()))
    assert found.totals["one after another"] == cost.flops
    assert found.gradient == SPEC.gradient_flops()


def test_both_arrangements_do_the_same_work() -> None:
    tasks = timeline(SPEC.units(), SPEC.batch, 5).tasks
    work = [tasks[tasks["arrangement"] == name] for name in ARRANGEMENTS]
    assert work[0]["length"].sum() == work[1]["length"].sum()
    for first, second in zip(work[0].itertuples(), work[1].itertuples(), strict=True):
        assert (first.layer, first.kind, first.length) == (second.layer, second.kind, second.length)


def test_one_after_another_each_task_starts_where_the_last_one_ended() -> None:
    found = timeline(SPEC.units(), SPEC.batch, 5)
    tasks = found.tasks[found.tasks["arrangement"] == "one after another"]
    ends = tasks["start"] + tasks["length"]
    assert list(tasks["start"]) == [0, *ends[:-1]]
    assert list(ends)[-1] == found.totals["one after another"]
    order = list(zip(tasks["kind"], tasks["layer"], strict=True))
    assert order == [
        *(("forward", layer) for layer in range(1, 9)),
        *(("backward", layer) for layer in range(8, 1, -1)),
        *(("local", layer) for layer in range(1, 9)),
    ]


def test_in_parallel_all_local_problems_start_at_the_last_slope_and_the_longest_ends_the_step() -> None:
    found = timeline([784, 100, 30, 784], 50, 10)
    tasks = found.tasks[found.tasks["arrangement"] == "in parallel"]
    passes, local = tasks[tasks["kind"] != "local"], tasks[tasks["kind"] == "local"]
    assert set(local["start"]) == {passes["length"].sum()}
    assert found.totals["in parallel"] == passes["length"].sum() + local["length"].max()
    assert found.speedup == found.totals["one after another"] / found.totals["in parallel"] > 1


def test_layers_of_one_size_gain_what_amdahl_s_law_says() -> None:
    layers, steps = 6, 4
    found = timeline([30] * (layers + 1), 10, steps)
    passes = (2 * layers - 1) / (2 * steps - 1)  # in units of one local problem
    assert found.speedup == pytest.approx((passes + layers) / (passes + 1))


def test_a_network_of_one_layer_gains_nothing() -> None:
    assert timeline([8, 8], 10, 3).speedup == 1


def test_the_table_has_gradients_too() -> None:
    found = timeline(SPEC.units(), SPEC.batch, 3)
    table = found.table()
    assert table["length_gradients"].sum() * found.gradient == pytest.approx(2 * found.totals["one after another"])
    assert table["start_gradients"].max() * found.gradient == pytest.approx(table["start"].max())


@pytest.mark.parametrize(("units", "steps"), [([784], 3), ([], 3), ([784, 10], 0)])
def test_a_schedule_of_nothing_is_refused(units: list[int], steps: int) -> None:
    with pytest.raises(ValueError, match="at least one layer"):
        timeline(units, 10, steps)
