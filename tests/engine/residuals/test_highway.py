"""The split of a gradient by path length, against a sum over every single path."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.nn.capture import capture
from engine.residuals import highway
from engine.residuals.paths import by_length
from engine.residuals.spec import MOST_PATHS, path_work
from engine.signals import StackSpec, build, gradient_flow
from engine.signals.network import Network, batch

SPEC = StackSpec(depth=5, width=6, batch=4, seed=3)
SHAPES = [
    {"activation": "gelu"}, {"norm": "pre"}, {"norm": "post"}, {"norm": "batch"}, {"order": "before", "every": 2},
    {"halvings": 1}, {"halvings": 1, "projection": "none"}, {"halvings": 1, "projection": "first"}, {"scale": "root"},
    {"scale": "zero"},
]  # fmt: skip


def walked(network: Network, inputs: Tensor, labels: Tensor, ways: tuple[bool, ...]) -> Tensor:
    """The part of the gradient at the stem's output that comes back along one path.

    At each span, the path goes through the branch or through the shortcut. The values are those of the whole network,
    but the other way of each span carries no gradient.
    """
    start: Tensor = network.stem(inputs).detach().requires_grad_()
    rows = start
    for span, through in zip(network.spans, ways, strict=True):
        branch = span.branch(rows if through else rows.detach())
        rows = span.join(rows.detach() if through else rows, branch)
    loss = nn.functional.cross_entropy(network.logits(rows), labels)
    (gradient,) = torch.autograd.grad(loss, start, allow_unused=True, materialize_grads=True)
    return gradient


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_each_length_is_the_sum_of_its_paths_and_all_are_the_whole(shape: dict[str, object]) -> None:
    spec = SPEC.but(**shape)
    _, network = build(spec)
    network.double()
    inputs, labels = batch(spec)
    inputs = inputs.double()
    pieces, _ = by_length(network, inputs, labels)
    count = len(spec.spans())
    expected = torch.zeros_like(pieces[0])
    for ways in itertools.product((False, True), repeat=count):
        expected[sum(ways)] += walked(network, inputs, labels, ways)
    torch.testing.assert_close(pieces[0], expected, rtol=1e-9, atol=1e-14)
    seen = capture({"stem": network.stem}, lambda: nn.functional.cross_entropy(network(inputs), labels))
    whole = seen.gradients()["stem"]
    assert (pieces[0].sum(0) - whole).norm() <= 1e-6 * whole.norm()


def test_shares_sum_to_one_and_sizes_to_no_less() -> None:
    found = highway(SPEC.but(depth=10))
    np.testing.assert_allclose(np.nansum(found.lengths, 1), 1, rtol=1e-5)
    assert (np.nansum(found.sizes, 1) >= 1 - 1e-5).all()


def test_the_split_gradient_is_the_one_that_flows() -> None:
    spec = SPEC.but(depth=10, batch=32)
    flow = gradient_flow(spec).residual.gradient
    # ``gradient_flow`` uses the loss of each sample, and ``highway`` uses the mean loss of the batch.
    np.testing.assert_allclose(highway(spec).norm, flow / math.sqrt(spec.batch), rtol=1e-4)


def test_a_branch_of_scale_zero_leaves_everything_to_the_shortcut() -> None:
    found = highway(SPEC.but(scale="zero"))
    np.testing.assert_allclose(found.shortcut, 1)
    np.testing.assert_allclose(found.mean_length(), 0, atol=1e-12)


def test_in_a_linear_network_of_identities_lengths_are_binomial() -> None:
    """Branch and shortcut both carry the whole gradient there, so there are 2^L equal paths."""
    spec = SPEC.but(depth=8, activation="identity", initializer="identity")
    found = highway(spec)
    np.testing.assert_allclose(found.lengths[0], [math.comb(8, k) / 2**8 for k in range(9)], rtol=1e-4)
    np.testing.assert_allclose(found.shortcut, 0.5, rtol=1e-5)


def test_without_a_shortcut_every_path_goes_through_the_branch() -> None:
    found = highway(StackSpec(depth=4, width=16, batch=8, halvings=4, projection="none"))
    np.testing.assert_allclose(found.shortcut, 0)
    np.testing.assert_allclose(found.mean_length(), [4, 3, 2, 1, 0], rtol=1e-5)


def test_the_table_has_a_row_for_each_length_that_can_reach_a_place() -> None:
    table = highway(SPEC).table()
    assert table.groupby("place")["branches"].agg(list).to_dict() == {
        place: list(range(6 - place)) for place in range(6)
    }


def test_of_a_deep_network_as_many_samples_are_split_as_are_affordable() -> None:
    spec = StackSpec(depth=100, width=64, batch=512)
    found = highway(spec)
    assert 2 <= found.samples < 512
    assert path_work(spec, found.samples) <= MOST_PATHS < path_work(spec, found.samples + 1)
    assert highway(spec.but(depth=5)).samples == 512
    np.testing.assert_allclose(np.nansum(found.lengths, 1), 1, rtol=1e-4)


def test_what_would_take_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="paths of two samples take"):
        highway(StackSpec(depth=200, width=316, batch=2))


def test_what_has_no_gradient_has_nothing_to_split() -> None:
    assert highway(SPEC).finite
    assert not highway(SPEC.but(activation="identity", gain=10, depth=60, width=64)).finite
