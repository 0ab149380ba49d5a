"""The sentences above the pictures have the numbers of the results, also if these are zero or not finite."""

from dataclasses import replace

import numpy as np
import pytest

from engine.numerals import written
from engine.residuals import highway, textbook
from engine.residuals.blocks import block_flow
from engine.residuals.finding import (
    NEAR,
    blocks_finding,
    flow_finding,
    highway_finding,
    loss_note,
    shattering_finding,
    sweep_finding,
    textbook_finding,
    training_finding,
)
from engine.residuals.recorded import recorded, recorded_sweep
from engine.residuals.shattered import shattering
from engine.residuals.spec import TrainingSpec
from engine.signals import Flow, StackSpec, gradient_flow
from engine.transformer.spec import BlockSpec

SMALL = StackSpec(depth=6, width=8, batch=4)


@pytest.fixture(scope="module")
def flow() -> Flow:
    return gradient_flow(StackSpec())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (18.04, "18"), (0.0271, "0.027"), (1_099.4, "1,099"), (2.74e-10, "2.7 × 10⁻¹⁰"),
        (3.5e8, "3.5 × 10⁸"), (-0.25, "−0.25"), (np.inf, "infinite"), (np.nan, "not a number"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_in_a_book(value: float, text: str) -> None:
    assert written(value) == text


def test_the_gradient_at_the_first_layer_is_a_multiple_of_that_at_the_last(flow: Flow) -> None:
    said = flow_finding(flow, "gradient", True)
    for trace in (flow.plain, flow.residual):
        assert f"is {written(trace.gradient[0] / trace.gradient[-1])} times that at the last" in said
    assert flow_finding(flow, "gradient", False) == said.split(" With ")[0]


def test_the_signal_is_followed_forward(flow: Flow) -> None:
    grown = written(flow.residual.signal[-1] / flow.residual.signal[0])
    assert f"With shortcuts it is {grown} times that before the first." in flow_finding(flow, "signal", True)


def test_the_weights_gradients_are_below_a_power_of_ten_or_between_two_numbers(flow: Flow) -> None:
    assert 1e-12 < flow.plain.weight_mean.max() < 1e-11
    low, high = flow.residual.weight_mean.min(), flow.residual.weight_mean.max()
    assert flow_finding(flow, "weight_mean", True) == (
        "Without shortcuts the mean weight gradient is below 10⁻¹¹ in every layer. With shortcuts it is between "
        f"{written(low)} and {written(high)}."
    )


def test_zero_infinite_and_equal_gradients_are_called_so() -> None:
    flow = gradient_flow(SMALL.but(scale="zero"))
    assert "With shortcuts it is the same as at the last." in flow_finding(flow, "gradient", True)
    assert "With shortcuts it is 0 in every layer." in flow_finding(flow, "relative", True)
    ends = {
        (0.0, 1.0): "is 0.", (np.inf, 1.0): "is infinite.", (np.nan, 1.0): "is not a number.",
        (2.0, 0.0): "is 2, and at the last it is 0.",
    }  # fmt: skip
    for (first, last), said in ends.items():
        gradient = np.array([first, *flow.plain.gradient[1:-1], last])
        changed = replace(flow, plain=replace(flow.plain, gradient=gradient))
        assert flow_finding(changed, "gradient", False).endswith(f"at the first layer {said}")
    broken = replace(flow.plain, weight_mean=np.array([np.inf, np.nan, 1, 1, 1, 1]))
    assert "not finite in 2 of 6 layers" in flow_finding(replace(flow, plain=broken), "weight_mean", False)


def test_a_larger_loss_is_put_down_to_the_growth_of_the_signal(flow: Flow) -> None:
    said = loss_note(flow)
    for value in (flow.plain.loss, flow.residual.loss, *flow.residual.signal[[0, -1]]):
        assert written(value) in said
    assert "every class gets the same probability" in said
    assert flow.plain.loss == pytest.approx(np.log(10), abs=1e-6)


@pytest.mark.parametrize("change", [{"scale": "root"}, {"norm": "pre"}, {"norm": "post"}])
def test_if_the_head_gets_a_signal_of_usual_size_the_loss_is_small_and_needs_no_reason(change: dict[str, str]) -> None:
    flow = gradient_flow(StackSpec().but(**change))
    assert flow.residual.loss < 3.2 and loss_note(flow) == ""


def test_the_textbook_s_gradients_are_compared() -> None:
    found = textbook()
    said = textbook_finding(found)
    assert f"{written(found.plain[-1] / found.plain[0])} times smaller" in said
    assert f"{written(found.residual[0] / found.plain[0])} times larger" in said


def test_the_share_along_the_shortcuts_is_their_mean() -> None:
    found = highway(StackSpec())
    assert f"on average {found.shortcut.mean():.0%} of" in highway_finding(found)
    assert f"through {found.mean_length()[0]:.1f} of 40 branches" in highway_finding(found)
    assert highway_finding(highway(SMALL.but(activation="identity", gain=10, depth=60, width=64))) == ""
    assert "through 0 of 6 branches" in highway_finding(highway(SMALL.but(scale="zero")))


def test_the_parts_of_a_block_are_compared_with_the_intact_ones() -> None:
    whole = block_flow(BlockSpec())
    ratios = [norm[0] / norm[-1] for norm in whole.norm.values()]
    assert f"are {written(min(ratios))} to {written(max(ratios))} times" in blocks_finding(whole, whole)
    off = block_flow(BlockSpec(attention_shortcut=False, mlp_projection=False))
    left = {part: norm[0] / whole.norm[part][0] for part, norm in off.norm.items()}
    said = blocks_finding(off, whole)
    assert f"by {written(min(left.values()))} (" in said and f"to {written(max(left.values()))} (" in said
    broken = replace(off, norm=off.norm | {"key": np.full(8, np.inf)})
    assert blocks_finding(broken, whole) == "The gradients of some parts are not finite."


def test_a_training_is_as_good_as_at_its_last_look() -> None:
    kept = recorded(TrainingSpec())
    assert kept is not None
    said = training_finding(kept)
    assert f"Without shortcuts {kept.right['plain'][-1]:.0%} of the samples are right after 400 steps" in said
    assert said.endswith(f"With shortcuts 98%, at loss {written(kept.loss['residual'][-1])}.")
    ended = replace(kept, right=kept.right | {"plain": np.full(len(kept.steps), np.nan)})
    assert training_finding(ended).startswith("Without shortcuts the training has stopped. With shortcuts 98% of the")
    assert training_finding(replace(kept, steps=kept.steps[:0])) == ""


def test_a_sweep_names_its_best_and_its_deepest_network() -> None:
    kept = recorded_sweep(TrainingSpec())
    assert kept is not None
    best = int(kept.loss["plain"].argmin())
    expected = f"is {written(kept.loss['plain'][best])}, with {kept.depths[best]} layers; 40 layers end at 1.1."
    assert expected in sweep_finding(kept, "loss")
    assert f"{kept.right['residual'].max():.0%}, with" in sweep_finding(kept, "right")
    first = {"plain": kept.loss["plain"][:1], "residual": np.array([np.nan])}
    said = sweep_finding(replace(kept, depths=kept.depths[:1], loss=first), "loss")
    assert said.endswith("with 1 layer. With shortcuts no network could be trained.")
    diverged = replace(kept, loss=kept.loss | {"plain": np.append(kept.loss["plain"][:-1], np.nan)})
    assert "40 layers diverge" in sweep_finding(diverged, "loss")


def test_a_cosine_of_gradients_that_vanish_is_called_so() -> None:
    found = shattering(StackSpec())
    said = shattering_finding(found)
    assert f"{found.lag[NEAR]:.2g} radians apart" in said
    assert f"With shortcuts their cosine is {found.residual_likeness[NEAR]:.2f}." in said
    assert f"{written(np.abs(found.plain).mean() / np.abs(found.residual).mean())} times as large" in said
    alive = shattering(SMALL)
    assert "vanishes" not in shattering_finding(alive)
    lost = replace(alive, plain_likeness=np.full_like(alive.plain_likeness, np.nan))
    assert "Without shortcuts some have no direction." in shattering_finding(lost)
