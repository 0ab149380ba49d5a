"""The captured values of a forward pass, against the same pass written out."""

import pytest
import torch
from torch import Tensor, nn

from engine.nn import Residual
from engine.nn.capture import capture

torch.set_num_threads(1)


def network() -> tuple[nn.Linear, Residual, nn.Linear]:
    torch.manual_seed(0)
    span = Residual(nn.Sequential(nn.Linear(4, 4), nn.Tanh()), nn.Identity(), scale=0.5)
    return nn.Linear(3, 4), span, nn.Linear(4, 1)


def test_states_and_gradients_are_those_of_the_pass_written_out() -> None:
    stem, span, head = network()
    rows = torch.randn(7, 3)
    found = capture({"stem": stem, "span": span}, lambda: head(span(stem(rows))).square().mean())
    state = stem(rows)
    summed = state + 0.5 * torch.tanh(span.branch[0](state))
    loss = head(summed).square().mean()
    assert torch.equal(found.loss, loss)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(found.inputs.values(), (rows, state), strict=True))
    assert torch.equal(found.outputs["stem"], state) and torch.equal(found.outputs["span"], summed)
    expected = torch.autograd.grad(loss, [state, summed, stem.weight])
    gradients = found.gradients(found.outputs | {"weight": stem.weight}, keep=True)
    assert list(gradients) == ["stem", "span", "weight"]
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(gradients.values(), expected, strict=True))
    assert [torch.equal(ours, gradients[name]) for name, ours in found.gradients().items()] == [True, True]
    assert stem.weight.grad is None


def test_names_keep_the_order_in_which_they_were_asked_for() -> None:
    stem, span, head = network()
    found = capture({"head": head, "stem": stem}, lambda: head(span(stem(torch.ones(2, 3)))).sum())
    assert list(found.inputs) == list(found.outputs) == ["head", "stem"]


def test_the_pass_has_its_graph_where_gradients_are_off_and_leaves_no_hook() -> None:
    stem, span, head = network()
    with torch.no_grad():
        found = capture({"stem": stem}, lambda: head(span(stem(torch.ones(2, 3)))).sum())
    assert found.gradients()["stem"].shape == (2, 4)
    assert not stem._forward_hooks


@pytest.mark.parametrize("uses", [0, 2])
def test_a_module_must_be_used_once(uses: int) -> None:
    stem, _, _ = network()

    def loss() -> Tensor:
        return sum((stem(torch.ones(2, 3)).sum() for _ in range(uses)), torch.zeros((), requires_grad=True))

    with pytest.raises(ValueError, match=f"the stem was used {uses} times"):
        capture({"the stem": stem}, loss)
    assert not stem._forward_hooks


def test_what_is_overwritten_in_place_is_refused() -> None:
    stem, _, _ = network()
    with pytest.raises(ValueError, match="was overwritten"):
        capture({"stem": stem}, lambda: stem(torch.ones(2, 3)).relu_().sum())
