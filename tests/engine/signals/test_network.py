"""The twins have the same weights and compute what the formulas say."""

import itertools

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from engine.nn import ACTIVATIONS
from engine.signals import StackSpec, build
from engine.signals.network import batch, widths

SMALL = StackSpec(depth=6, width=8, batch=5)
SHAPES = [
    {"order": order, "block": block, "every": every, "norm": norm, "halvings": halvings}
    for order, block, every, norm, halvings in itertools.product(
        ("after", "before"), (1, 2), (1, 2), ("none", "pre", "post", "batch"), (0, 2)
    )
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_twins_have_identical_weights_of_their_own(shape: dict[str, object]) -> None:
    plain, residual = build(SMALL.but(**shape))
    of_both = list(zip(plain.layers(), residual.layers(), strict=True))
    assert len(of_both) == SMALL.depth
    linears = [(one.linear, other.linear) for one, other in of_both]
    for one, other in [*linears, (plain.stem, residual.stem), (plain.head, residual.head)]:
        assert torch.equal(one.weight, other.weight) and torch.equal(one.bias, other.bias)
        assert one.weight.data_ptr() != other.weight.data_ptr()


def written_out(spec: StackSpec, weights: list[Tensor], state: Tensor, shortcuts: bool) -> list[Tensor]:
    """The trunk's states, computed by the formulas from the weights only. For a spec without halvings."""
    phi = ACTIVATIONS[spec.activation].f
    states, layers = [state], iter(weights)
    for size in spec.spans():
        rows = states[-1]
        for number in range(size):
            if spec.norm == "pre" and number % spec.block == 0:
                rows = standard(rows, -1)
            weight = next(layers)
            if spec.order == "before":
                rows = phi(standard(rows, 0) if spec.norm == "batch" else rows) @ weight.T
            else:
                rows = rows @ weight.T
                rows = phi(standard(rows, 0) if spec.norm == "batch" else rows)
            states.append(rows)
        entered = states[-1 - size]
        out = entered + spec.branch_scale() * rows if shortcuts else rows
        states[-1] = standard(out, -1) if spec.norm == "post" else out
    return states


def standard(rows: Tensor, over: int) -> Tensor:
    return (rows - rows.mean(over, keepdim=True)) / torch.sqrt(rows.var(over, correction=0, keepdim=True) + 1e-5)


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if not shape["halvings"]], ids=str)
@pytest.mark.parametrize("scale", ["one", "root", "zero"])
def test_gradients_are_those_of_the_written_out_composition(shape: dict[str, object], scale: str) -> None:
    spec = SMALL.but(**shape, scale=scale, activation="gelu")
    inputs, labels = (part.double() if part.is_floating_point() else part for part in batch(spec))
    for network, shortcuts in zip(build(spec), (False, True), strict=True):
        network.double()
        weights = [layer.linear.weight.detach().clone().requires_grad_() for layer in network.layers()]
        states = written_out(spec, weights, network.stem(inputs), shortcuts)
        last = standard(states[-1], -1) if spec.norm == "pre" else states[-1]
        loss = nn.functional.cross_entropy(network.head(last), labels)
        expected = torch.autograd.grad(loss, weights)
        found = torch.autograd.grad(
            nn.functional.cross_entropy(network(inputs), labels), [layer.linear.weight for layer in network.layers()]
        )
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize(("projection", "kind"), [("linear", "Linear"), ("first", "First"), ("none", "NoneType")])
def test_where_shapes_differ_the_shortcut_is_the_chosen_one(projection: str, kind: str) -> None:
    spec = SMALL.but(halvings=2, projection=projection)
    _, residual = build(spec)
    units = widths(spec)
    assert units == [8, 8, 8, 4, 4, 4, 2]
    for span, before, after in zip(residual.spans, units[:-1], units[1:], strict=True):
        assert type(span.shortcut).__name__ == ("Identity" if before == after else kind)


def test_a_shortcut_spans_every_so_many_blocks_and_the_last_what_is_left() -> None:
    assert SMALL.but(depth=11, block=2, every=2).spans() == [4, 4, 3]


def test_a_zero_scale_is_learned_and_any_other_is_not() -> None:
    for scale, count in (("zero", SMALL.depth), ("one", 0)):
        _, residual = build(SMALL.but(scale=scale))
        assert sum(isinstance(span.scale, nn.Parameter) for span in residual.spans) == count


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depth": 76, "width": 512, "batch": 512}, "less depth, width or batch"),
        ({"depth": 77, "width": 512, "batch": 2}, "less depth or width"),
        ({"width": 3, "halvings": 2}, "cannot be halved"),
        ({"activation": "step"}, "the activation must be one of"),
        ({"initializer": "ones"}, "the initialization must be one of"),
    ],
)
def test_what_cannot_be_built_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SMALL.but(**change)
