"""Recurrent encoders and decoders against their formulas, and against the laws of reading and writing."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from engine.transformer import Architecture, trace
from engine.transformer.architectures import KINDS, build
from engine.transformer.model import Model
from engine.transformer.trace import Edit

ARCHITECTURE = Architecture(
    "encoder_decoder", targets=11, sources=9, layers=2, width=12, heads=2, feed_forward=16, tokens=8, pad=0
)
RECURRENT = [name for name, kind in KINDS.items() if kind.pairs]
TOKENS = torch.tensor([[1, 3, 4, 5], [1, 6, 6, 10]])
SOURCE = torch.tensor([[3, 4, 5, 6, 7], [8, 3, 3, 0, 0]])


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def drawn(kind: str) -> Model:
    return build(kind, ARCHITECTURE, 3).double().eval()


def kept(rows: list[torch.Tensor]) -> Callable[[Any, Any, torch.Tensor], None]:
    """A hook that keeps an output, with its gradient."""
    return lambda _, __, out: rows.append(out.requires_grad_())


def test_what_fills_up_a_source_changes_nothing(kind: str) -> None:
    model = drawn(kind)
    short, long = model(TOKENS[1:], SOURCE[1:, :3]), model(TOKENS[1:], torch.nn.functional.pad(SOURCE[1:], (0, 3)))
    torch.testing.assert_close(short, long, rtol=1e-12, atol=1e-12)


def test_no_token_sees_a_later_one_and_each_sees_the_whole_source(kind: str) -> None:
    model = drawn(kind)
    rows: list[torch.Tensor] = []
    for stack in (model.encoder, model.stack):
        assert stack is not None
        stack.get_submodule("embedding").register_forward_hook(kept(rows))
    logits = model(TOKENS, SOURCE)
    source, target = rows
    for place in range(4):
        ahead, whole = torch.autograd.grad(logits[0, place].square().sum(), [target, source], retain_graph=True)
        assert not ahead[0, place + 1 :].any() and ahead[0, place].any()
        assert whole[0].abs().sum(1).gt(0).all()


@pytest.mark.parametrize("kind", ["additive", "multiplicative", "convolutional"])
def test_weights_follow_the_formula_of_their_score(kind: str) -> None:
    model = drawn(kind)
    seen = trace(model, TOKENS, SOURCE)
    found = seen.attentions["stack.alignment"]
    alignment: Any = model.stack.get_submodule("alignment")
    q, k = found.q[:, 0, :, None], found.k[:, 0, None]  # [N, T, 1, d], [N, 1, S, d]
    scores = (q * k).sum(-1) if kind != "additive" else torch.tanh(q + k) @ alignment.direction.weight[0].detach()
    torch.testing.assert_close(found.raw[:, 0], scores, rtol=1e-12, atol=1e-12)
    hidden = (SOURCE == 0)[:, None, None]
    torch.testing.assert_close(found.weights, scores[:, None].masked_fill(hidden, -math.inf).softmax(-1))
    states = seen.hidden["encoder"]
    torch.testing.assert_close(found.k[:, 0], states @ alignment.key.weight.T.detach())
    torch.testing.assert_close(found.z, found.weights @ states[:, None])
    weight = model.get_parameter("unembedding.weight").detach()
    torch.testing.assert_close(seen.logits, seen.hidden["stack"] @ weight.T, rtol=1e-12, atol=1e-12)


def test_without_attention_the_decoder_knows_one_vector_of_the_source() -> None:
    """It is the state of each direction after all that it has read."""
    model = drawn("recurrent")
    assert model.encoder is not None
    states = model.encoder(SOURCE).detach().requires_grad_()
    logits = model.write(TOKENS, states, SOURCE == 0)
    (slope,) = torch.autograd.grad(logits.square().sum(), states)
    ahead, back = slope.abs().split(6, 2)
    assert ahead.sum(2).gt(0).tolist() == [[False] * 4 + [True], [False, False, True, False, False]]
    assert back.sum(2).gt(0).tolist() == [[True] + [False] * 4] * 2


def test_a_convolution_sees_as_far_as_its_filters_reach() -> None:
    model = build("convolutional", Architecture(**{**vars(ARCHITECTURE), "tokens": 20}), 3).double()
    assert model.encoder is not None
    rows: list[torch.Tensor] = []
    model.encoder.get_submodule("embedding").register_forward_hook(kept(rows))
    states = model.encoder(torch.full((1, 15), 4))
    (slope,) = torch.autograd.grad(states[0, 7].sum(), rows[0])
    reached = slope[0].abs().sum(1).gt(0).nonzero().flatten().tolist()
    assert reached == list(range(3, 12))  # two layers of five: four to each side


@pytest.mark.parametrize("kind", RECURRENT)
def test_only_transformers_are_edited(kind: str) -> None:
    with pytest.raises(ValueError, match="only a transformer can be edited"):
        trace(drawn(kind), TOKENS, SOURCE, Edit(scale=False))


def test_weights_depend_on_the_seed_only(kind: str) -> None:
    first, second, other = (build(kind, ARCHITECTURE, seed) for seed in (1, 1, 2))
    for name, weight in first.state_dict().items():
        assert torch.equal(weight, second.state_dict()[name])
    assert any(not torch.equal(weight, other.state_dict()[name]) for name, weight in first.state_dict().items())
