"""Each preset shows what it promises to the visitor, and each recording begins like a new run."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.data.samples import SAMPLES
from engine.experiment import Preset
from engine.residuals import textbook
from engine.residuals.presets import BAD_SCALE, PRESETS
from engine.residuals.recorded import EARNED, POST_LN, SWEEPS, TRAININGS, recorded, recorded_sweep
from engine.residuals.shattered import shattering
from engine.residuals.spec import EVALUATED, EXAMPLES, TrainingSpec
from engine.residuals.summary import factor
from engine.residuals.trained import Sweep, Training
from engine.residuals.training import steps, sweep, train, twins_of
from engine.signals import Flow, Network, gradient_flow
from engine.spec import decode, encode


def named(title: str) -> Preset[Any]:
    return next(preset for preset in PRESETS if preset.title == title)


def flow_of(title: str) -> Flow:
    return gradient_flow(named(title).spec)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_a_preset_fits_in_a_link(preset: Preset[Any]) -> None:
    assert decode(type(preset.spec), encode(preset.spec)) == (preset.spec, [])


def test_the_textbook_s_first_layer_gets_a_thousand_times_as_much_with_shortcuts() -> None:
    found = textbook()
    assert found.plain[-1] / found.plain[0] == pytest.approx(25, rel=0.01)
    assert found.residual[-1] / found.residual[0] == pytest.approx(6, rel=0.01)
    assert found.residual[0] / found.plain[0] == pytest.approx(1_100, rel=0.01)


def test_a_hundred_layers_of_tanh_hand_back_nothing_without_shortcuts() -> None:
    flow = flow_of("100 layers of tanh")
    assert factor(flow.plain.gradient) == pytest.approx(0.57, abs=0.005)
    assert 1e-25 < flow.plain.gradient[0] < 2e-24
    assert 1e-27 < flow.plain.weight_mean.max() < 1e-26
    assert factor(flow.residual.gradient) == pytest.approx(1.03, abs=0.005)


def test_with_rezero_every_layer_has_the_same_gradient_and_weights_have_none() -> None:
    trace = flow_of("ReZero").residual
    assert (trace.gradient == trace.gradient[0]).all()
    assert (trace.weight_gradient == 0).all()


def test_he_s_scale_is_right_for_the_plain_twin_and_wrong_with_shortcuts() -> None:
    flow = flow_of("Shortcuts cannot save a bad scale")
    assert 0.3 < flow.plain.signal[-1] / flow.plain.signal[0] < 1.5
    energy = (flow.residual.signal[1:] / flow.residual.signal[:-1]) ** 2
    assert np.exp(np.log(energy).mean()) == pytest.approx(2, rel=0.1)  # the factor is 2 in the limit of infinite width
    assert flow.residual.loss == pytest.approx(1.4e8, rel=0.05)
    cured = gradient_flow(BAD_SCALE.but(scale="root")).residual
    assert (cured.signal[-1] / cured.signal[0]) ** 2 == pytest.approx(math.e, rel=0.2)


def test_gradients_of_neighbours_shatter_without_shortcuts() -> None:
    found = shattering(named("Shattered gradients").spec)
    assert found.plain_likeness[4] == pytest.approx(0.06, abs=0.005)
    assert found.residual_likeness[4] == pytest.approx(0.95, abs=0.005)
    assert found.plain_likeness[1] < 0.5


def test_post_ln_learns_with_warm_up_and_not_without() -> None:
    without, warm = recorded(POST_LN), recorded(POST_LN.but(warmup=300))
    assert without and warm
    for twin in ("plain", "residual"):
        assert without.loss[twin][-10:] == pytest.approx(np.log(3), abs=0.05)
    assert warm.right["residual"][-1] == pytest.approx(0.97, abs=0.01)
    before = recorded(POST_LN.but(norm="pre"))
    assert before and before.right["residual"][-1] > 0.95


def test_the_first_full_step_of_post_ln_moves_the_output_by_its_whole_size() -> None:
    inputs, labels, _ = SAMPLES[POST_LN.data].load(EXAMPLES, POST_LN.seed)

    def outputs(network: Network) -> Tensor:
        with torch.no_grad():
            found: Tensor = nn.Sequential(network.stem, *network.spans)(inputs[:EVALUATED])
            return found

    def after(spec: TrainingSpec, count: int) -> tuple[float, float, float]:
        """The relative change of the weights, that of the last block's output, and how alike this is for all samples.

        The last is the mean cosine of two samples' outputs.
        """
        twins = twins_of(spec, inputs)
        network = twins["residual"].network
        matrices = [layer.linear.weight.detach() for layer in network.layers()]
        before, output = [matrix.clone() for matrix in matrices], outputs(network)
        list(steps(spec, twins, range(count), inputs, labels))
        moved = [float((new - old).norm() / old.norm()) for new, old in zip(matrices, before, strict=True)]
        rows = nn.functional.normalize(outputs(network))
        change = (outputs(network) - output).norm() / output.norm()
        return float(np.mean(moved)), float(change), float((rows.mean(0) ** 2).sum())

    weights, change, _ = after(POST_LN, 1)
    assert weights == pytest.approx(0.05, abs=0.005) and change == pytest.approx(1, abs=0.15)
    assert after(POST_LN, 8)[2] > 0.95
    assert after(POST_LN.but(warmup=300), 1)[1] < 0.02
    weights, change, _ = after(POST_LN.but(norm="pre"), 1)
    assert weights == pytest.approx(0.05, abs=0.005) and change < 0.6


@pytest.mark.parametrize("name", TRAININGS)
def test_a_recording_is_a_whole_training_that_begins_as_it_would_here(name: str) -> None:
    """Only the first look is compared: after ten steps, a training at the edge of stability differs by several per cent
    between two kinds of processor."""
    spec = TRAININGS[name]
    kept = recorded(spec)
    assert kept is not None and kept.progress == 1 and kept.steps[-1] == spec.steps
    events: list[Any] = []
    for item in train(spec):
        if isinstance(item, dict) and item["kind"] != "tick":
            events.append(item)
        if len(events) == 2:
            break
    began = Training.of(spec, events)
    assert len(began.steps) == 1
    for twin in ("plain", "residual"):
        np.testing.assert_allclose(kept.loss[twin][:1], began.loss[twin], rtol=1e-3)
        np.testing.assert_allclose(kept.gradient[twin][:1], began.gradient[twin], rtol=1e-3)
    np.testing.assert_allclose(kept.shortcut[:1], began.shortcut, atol=1e-3)


def test_what_nobody_recorded_is_not_there() -> None:
    assert recorded(TrainingSpec(depth=3)) is None
    assert recorded_sweep(TrainingSpec(depth=3)) is None


def test_branches_that_begin_at_nothing_earn_their_share() -> None:
    kept = recorded(EARNED)
    assert kept is not None
    carried = kept.carried()
    assert carried[0] == pytest.approx(1, abs=1e-12) and kept.mean_length[0, 0] == 0
    assert carried[kept.steps >= 100].max() < 0.9


@pytest.mark.parametrize("name", SWEEPS)
def test_a_recorded_sweep_is_how_it_begins(name: str) -> None:
    spec = SWEEPS[name]
    kept = recorded_sweep(spec)
    assert kept is not None and kept.depths.tolist() == list(spec.depths())
    ends: list[Any] = []
    for item in sweep(spec):
        if isinstance(item, dict) and item["kind"] == "depth":
            ends.append(item)
        if len(ends) == 2:
            break
    began = Sweep.of(spec, ends)
    for twin in ("plain", "residual"):
        np.testing.assert_allclose(kept.loss[twin][:2], began.loss[twin], rtol=0.05)
    deep = kept.depths >= 27
    assert (kept.loss["plain"][deep] > 1).all() and (kept.loss["residual"][deep] < 0.1).all()
