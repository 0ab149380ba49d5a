"""Signals and gradients through depth: against plain autograd in float64, closed forms, and mean-field theory."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine.activations import DepthSpec, Propagation, Scheme, Trace, propagate
from engine.activations.depth import BINS, CLASSES, FIELDS, REACH, Network, batch, build, length
from engine.activations.finding import advice, depth_finding
from engine.activations.meanfield import predict
from engine.activations.spec import INPUTS
from engine.figures.activations import QUANTITIES, depth_figure, outputs_figure
from engine.nn import ACTIVATIONS, Layer
from tests.engine.activations.digits import PLACE, drawn_digits

NORMAL = NormalDist()

SMALL = DepthSpec(
    schemes=(Scheme(activation="gelu", initializer="xavier_uniform", gain=1.7, bias=0.2, bias_spread=0.3),),
    depth=4, width=6, batch=5, input_scale=1.3, other_layer=2, other="relu", last=2.0, draws=2, seed=3,
    threshold=0.3,
)  # fmt: skip


def trace(activation: str, initializer: str, **more: Any) -> Trace:
    """The network of one scheme. more: fields of the scheme and of ``DepthSpec``."""
    own = {name: more.pop(name) for name in list(more) if name in Scheme.model_fields}
    scheme = Scheme(activation=activation, initializer=initializer, **own)
    return propagate(DepthSpec(schemes=(scheme,), **more)).traces[0]


def linears(network: Network) -> list[nn.Linear]:
    return [layer.linear for layer in network.layers if isinstance(layer, Layer)]


def size(width: int) -> float:
    """The root mean square of the inputs that all draws share. It is near 1."""
    return math.sqrt(batch(DepthSpec(width=width))[0].square().mean().item())


def within(found: Trace, quantity: str, layer: int, expected: float, share: float = 0.1) -> None:
    """Assert that the mean over the draws lies within three standard errors, and that these are small."""
    middle, error = found.middle(quantity)[layer - 1], found.error(quantity)[layer - 1]
    assert abs(middle - expected) <= 3 * error, (quantity, layer, middle, expected, error)
    assert error <= share * abs(middle)


def test_every_number_is_what_plain_autograd_says() -> None:
    found = propagate(SMALL).traces[0]
    inputs, labels = batch(SMALL)
    for draw in range(2):
        network = build(SMALL, SMALL.schemes[0], 6, SMALL.seed + 7919 * draw)
        weights = [layer.weight.detach().double().requires_grad_() for layer in linears(network)]
        biases = [layer.bias.detach().double() for layer in linears(network)]
        head = network.head.weight.detach().double()
        states, points = [inputs.double()], []
        for number, (weight, bias) in enumerate(zip(weights, biases, strict=True), 1):
            points.append(states[-1] @ weight.T + bias)
            states.append(torch.relu(points[-1]) if number == 2 else nn.functional.gelu(points[-1]))
        each = nn.functional.cross_entropy(states[-1] @ head.T, labels, reduction="none")
        backs = torch.autograd.grad(each.sum(), states[1:], retain_graph=True)
        updates = torch.autograd.grad(each.mean(), weights, retain_graph=True)
        assert found.loss[draw] == pytest.approx(each.mean().item(), rel=1e-5)
        for at, (point, state, weight) in enumerate(zip(points, states[1:], weights, strict=True)):
            (slope,) = torch.autograd.grad(state.sum(), point, retain_graph=True)
            expected = {
                "mean": state.mean(), "spread": state.std(correction=0), "flat": (slope.abs() < 0.3).double().mean(),
                "signal": state.square().sum(1).mean().sqrt(), "weight_gradient": updates[at].norm(),
                "gradient": backs[at].square().sum(1).mean().sqrt(),
                "update": (SMALL.rate * updates[at].norm() / weight.norm()).log10(),
                "silent": ((state == 0).all(0) & (slope == 0).all(0)).double().mean(),
            }  # fmt: skip
            for name in FIELDS:
                value = float(getattr(found, name)[draw, at])
                assert value == pytest.approx(expected[name].item(), rel=1e-4, abs=1e-6), name
            if draw == 0:
                size = state / state.square().mean().sqrt()
                counts = np.histogram(size.detach().numpy(), BINS, (-REACH, REACH))[0]
                assert np.abs(found.histogram[at] - counts / size.numel()).sum() <= 2.01 / size.numel()


def test_the_update_ratio_is_that_of_a_step_of_gradient_descent() -> None:
    found = propagate(SMALL).traces[0]
    network = build(SMALL, SMALL.schemes[0], 6, SMALL.seed)
    inputs, labels = batch(SMALL)
    before = [layer.weight.detach().clone() for layer in linears(network)]
    nn.functional.cross_entropy(network(inputs), labels).backward()
    torch.optim.SGD(network.parameters(), lr=SMALL.rate).step()
    for old, layer, ratio in zip(before, linears(network), found.update[0], strict=True):
        moved = (layer.weight - old).norm() / old.norm()
        assert ratio == pytest.approx(math.log10(moved.item()), abs=1e-3)


def test_middle_and_error_are_mean_and_standard_error_over_the_draws() -> None:
    found = trace("tanh", "xavier_normal", depth=3, width=8, draws=5)
    np.testing.assert_allclose(found.middle("spread"), found.spread.mean(0))
    np.testing.assert_allclose(found.error("spread"), found.spread.std(0, ddof=1) / math.sqrt(5))
    np.testing.assert_allclose(found.middle("signal"), np.sqrt((found.signal**2).mean(0)))
    # The error of a root is that of the square, divided by twice the root.
    square = (found.signal**2).std(0, ddof=1) / math.sqrt(5)
    np.testing.assert_allclose(found.error("signal"), square / (2 * found.middle("signal")))
    assert np.isnan(trace("tanh", "xavier_normal", depth=3, width=8, draws=1).error("signal")).all()


@pytest.mark.parametrize(("initializer", "factor"), [("he_normal", 1.0), ("lecun_normal", 0.5), ("torch", 1 / 6)])
def test_relu_multiplies_the_second_moment_by_half_of_the_weights_variance(initializer: str, factor: float) -> None:
    relu = ACTIVATIONS["relu"]
    exact = predict([relu] * 200, np.full(200, 2 * factor), 0.0, 0.0, 1.0, 64)
    np.testing.assert_allclose(exact.moment, factor ** np.arange(1, 201), rtol=1e-9)
    np.testing.assert_allclose(exact.chi, factor, rtol=1e-9)
    found = trace("relu", initializer, depth=8, width=256, draws=20)
    for layer in (1, 4, 8):
        within(found, "signal", layer, size(256) * math.sqrt(256 * factor**layer))
        within(found, "gradient", layer, found.middle("gradient")[-1] * factor ** ((8 - layer) / 2))


def test_tanh_with_unit_weights_shrinks_as_one_over_twice_the_depth() -> None:
    exact = predict([ACTIVATIONS["tanh"]] * 200, np.ones(200), 0.0, 0.0, 1.0, 64).moment
    assert exact[19] == pytest.approx(0.0259, abs=5e-5) and exact[99] == pytest.approx(0.00507, abs=5e-6)
    assert 2 * 200 * exact[199] == pytest.approx(1, abs=0.02)
    found = trace("tanh", "lecun_normal", depth=20, width=256, draws=12)
    within(found, "signal", 20, math.sqrt(256 * 0.0259))
    within(found, "spread", 20, math.sqrt(0.0259))


def test_tanh_with_the_gain_of_five_thirds_settles_and_its_gradient_explodes() -> None:
    found = trace("tanh", "lecun_normal", gain=5 / 3, depth=30, width=256, draws=12)
    within(found, "spread", 30, 0.6513)
    within(found, "signal", 30, 0.6513 * math.sqrt(256))
    within(found, "gradient", 11, found.middle("gradient")[-1] * 1.0999**19, share=0.15)
    moments = predict([ACTIVATIONS["tanh"]] * 200, np.full(200, 25 / 9), 0.0, 0.0, 1.0, 64)
    assert math.sqrt(moments.moment[-1]) == pytest.approx(0.6513, abs=5e-5)
    assert moments.chi[-1] == pytest.approx(1.2098, abs=5e-5)


def test_a_negative_mean_of_the_biases_is_in_the_prediction() -> None:
    """E max(z, 0)^2 for z with mean b and variance q."""
    found = predict([ACTIVATIONS["relu"]] * 3, np.full(3, 2.0), -0.5, 0.3, 1.0, 64)
    moment = 1.0
    for layer in range(3):
        spread = math.sqrt(2 * moment + 0.09)
        at = -0.5 / spread
        assert found.chi[layer] == pytest.approx(2 * NORMAL.cdf(at), abs=2e-3)
        moment = float((0.25 + spread**2) * NORMAL.cdf(at) - 0.5 * spread * NORMAL.pdf(at))
        assert found.moment[layer] == pytest.approx(moment, rel=1e-6)
    measured = trace("relu", "he_normal", bias=-0.5, bias_spread=0.3, depth=3, width=256, draws=20)
    for layer in (1, 2, 3):
        expectation = measured.expectation("signal")
        assert expectation is not None
        within(measured, "signal", layer, expectation[layer - 1])


def test_selu_has_mean_0_and_variance_1_as_its_fixed_point() -> None:
    found = trace("selu", "lecun_normal", depth=30, width=256, draws=12, input_scale=0.3)
    within(found, "spread", 30, 1.0)
    assert abs(found.middle("mean")[-1]) <= 3 * found.error("mean")[-1] + 0.01
    exact = predict([ACTIVATIONS["selu"]] * 100, np.ones(100), 0.0, 0.0, 0.01, 64).moment
    assert exact[-1] == pytest.approx(1, abs=1e-5)


def test_weight_gradients_are_flat_where_signal_and_gradient_both_vanish() -> None:
    """The trap: in a ReLU network with small weights, the two decays cancel in dL/dW."""
    found = trace("relu", "lecun_normal", depth=20, width=256, draws=8)
    flat, signal, gradient = (found.middle(name) for name in ("weight_gradient", "signal", "gradient"))
    assert signal[-1] / signal[0] < 3e-3 and gradient[0] / gradient[-1] < 3e-3
    assert flat.max() / flat.min() < 2


def test_the_loss_starts_at_the_logarithm_of_the_classes_if_the_logits_are_near_0() -> None:
    assert trace("tanh", "gain", last=0).loss == pytest.approx(math.log(CLASSES), abs=1e-6)
    assert trace("tanh", "gain", last=0.01).loss == pytest.approx(2.303, abs=5e-3)


@pytest.mark.parametrize(("variance", "loss"), [(1, 2.73), (2, 3.11)])
def test_the_loss_starts_higher_with_large_logits(variance: int, loss: float) -> None:
    """The published values are for independent normal logits. An identity layer gives features of variance 1."""
    found = trace("identity", "lecun_normal", depth=1, width=1024, batch=512, draws=20, last=math.sqrt(variance)).loss
    error = found.std(ddof=1) / math.sqrt(20)
    assert abs(found.mean() - loss) <= 3 * error + 0.005 and error < 0.05


def test_a_layer_of_a_thousand_unit_weights_has_a_spread_of_31_6() -> None:
    found = trace("identity", "large", depth=1, width=1000, draws=8)
    within(found, "spread", 1, 31.62 * size(1000), share=0.01)


def test_one_layer_may_differ() -> None:
    found = trace("tanh", "he_normal", depth=3, width=256, other_layer=2, other="identity")
    assert (found.flat[:, 1] == 0).all()
    assert (found.flat[:, [0, 2]] > 0).all() and (found.spread[:, [0, 2]] < 1).all()


def test_overflow_is_shown_as_overflow() -> None:
    found = propagate(
        DepthSpec(schemes=(Scheme(activation="identity", initializer="lecun_normal", gain=10),), depth=60)
    )
    signal = found.traces[0].middle("signal")
    first = int(np.argmin(np.isfinite(signal)))
    assert signal[first - 1] > 1e35 and not np.isfinite(signal[first:]).any()
    assert np.isnan(found.traces[0].flat[:, -1]).all()
    assert f"overflows in layer {first + 1}" in depth_finding(found, "signal")
    assert "leave the range of float32" in advice(found)[0]
    drawn(found)


def test_dead_networks_are_explained_as_dead() -> None:
    def said(**scheme: Any) -> tuple[Trace, str]:
        found = propagate(DepthSpec(schemes=(Scheme(**scheme),), depth=6))
        drawn(found)
        return found.traces[0], " ".join(advice(found))

    dead, words = said(activation="relu", initializer="he_normal", bias=-3)
    assert (dead.silent[:, 2:] == 1).all() and (dead.gradient[:, 0] == 0).all()
    assert "100% of the units are 0 for every input" in words and "leaky ReLU" in words
    for activation in ("relu", "tanh"):
        nothing, words = said(activation=activation, initializer="he_normal", gain=0)
        assert (nothing.signal == 0).all() and "all weights are 0" in words
    healthy, words = said(activation="relu", initializer="he_normal")
    assert healthy.silent.max() < 0.2 and words == ""


def test_a_function_without_a_value_is_not_called_an_overflow() -> None:
    found = propagate(DepthSpec(schemes=(Scheme(activation="own"),), formula="log(z)", depth=4))
    assert "has no value in layer 1" in depth_finding(found, "signal")
    assert "the function has no value for some inputs" in advice(found)[0]
    drawn(found)


def drawn(found: Propagation) -> None:
    """Draw every picture of ``found``."""
    for quantity in QUANTITIES:
        depth_figure(found, quantity)
        outputs_figure(found, quantity)


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("gain", [0.0, 10.0])
@pytest.mark.parametrize("activation", ["relu", "squared_relu", "sigmoid", "own"])
def test_the_smallest_widths_and_the_largest_scales_give_a_result(width: int, gain: float, activation: str) -> None:
    schemes = tuple(
        Scheme(activation=activation, initializer=name, gain=gain) for name in ("orthogonal", "gain", "sparse")
    )
    spec = DepthSpec(schemes=schemes, depth=30, width=width, batch=2, draws=1, formula="0*z")
    found = propagate(spec)
    drawn(found)
    advice(found)
    assert len(found.summary()) == 3 and len(found.table()) == 90


def test_a_row_of_the_ridge_is_the_histogram_of_its_layer() -> None:
    found = propagate(DepthSpec(depth=30, width=32, batch=64))
    faint, lit = (outputs_figure(found, "signal").data[place] for place in (2, 3))  # of the second network
    histogram = found.traces[1].histogram
    count = found.middles.size + 3  # two ends and a gap
    rows = np.array(faint.y).reshape(-1, count)
    assert len(rows) == 15  # every second layer
    np.testing.assert_allclose(faint.customdata.reshape(-1, count, 2)[3, 1:-2, 0], histogram[6], rtol=1e-6)
    assert (faint.customdata[3 * count : 4 * count, 1] == 7).all()
    heights = 7 - rows[3, 1:-2]
    share = heights / heights.max()
    np.testing.assert_allclose(share, histogram[6] / histogram[6].max(), atol=1e-5)  # tanh has no spike to cut
    np.testing.assert_allclose(lit.meta["rows"][6], rows[3, :-1], rtol=1e-6)
    back = outputs_figure(found, "gradient").data[3].meta["rows"]
    np.testing.assert_array_equal(back, lit.meta["rows"][::-1])


def test_dead_layers_have_no_row() -> None:
    found = propagate(DepthSpec(schemes=(Scheme(initializer="he_normal", bias=-3.0),), depth=6))
    rows = outputs_figure(found, "silent").data[1].meta["rows"]
    assert np.isfinite(rows[0]).all() and np.isnan(rows[3:]).all()


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_waiting_figure_is_the_same_whatever_the_result(quantity: str) -> None:
    spec = DepthSpec(depth=5, width=8)
    one, other = (depth_figure(propagate(each), quantity, waits=True) for each in (spec, spec.but(input_scale=9.0)))
    assert one.to_json().replace("input_scale=1.0", "") == other.to_json().replace("input_scale=9.0", "")
    assert all(np.isnan(trace.y).all() for trace in one.data)


def test_a_length_is_right_where_its_square_leaves_float32() -> None:
    values = torch.tensor([3.0, 4.0])
    for scale in (1e-30, 1e-12, 1.0, 1e18, 1e30):
        assert length(scale * values) == pytest.approx(5 * scale, rel=1e-6)
    assert length(torch.zeros(3)) == 0


@pytest.mark.parametrize("inputs", INPUTS)
def test_the_inputs_have_the_scale_that_is_asked_for(inputs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PLACE, drawn_digits)
    spec = DepthSpec(inputs=inputs, batch=512, input_scale=3.0)
    rows, labels = batch(spec)
    assert rows.square().mean().item() == pytest.approx(9, rel=0.05)
    assert len(rows) == 512 and set(labels.tolist()) <= set(range(CLASSES))
    again, _ = batch(spec.but(input_scale=1))
    torch.testing.assert_close(3 * again, rows)


def test_digits_go_through_deep_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PLACE, drawn_digits)
    spec = DepthSpec(inputs="mnist", depth=6, width=32, batch=64, draws=2)
    rows, _ = batch(spec)
    assert rows.shape == (64, 784)
    ink = drawn_digits().train[:64].double()
    assert np.corrcoef(rows.double().ravel(), ink.ravel())[0, 1] == pytest.approx(1, abs=1e-5)
    found = propagate(spec)
    for trace in found.traces:
        assert np.isfinite(trace.signal).all() and (trace.gradient > 0).all()
    first = linears(build(spec, spec.schemes[0], 784, spec.seed))[0]
    states = torch.relu(rows @ first.weight.T)
    assert found.traces[0].signal[0, 0] == pytest.approx(states.square().sum(1).mean().sqrt().item(), rel=1e-5)
    drawn(found)
