"""Edits of a model: what each changes, what it leaves alone, and that the model itself stays as it was."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.transformer import Architecture, Edit, Trace, Transformer, trace
from tests.engine.transformer.models import drawn, tokens

DECODER = Architecture("decoder", targets=11, layers=2, width=16, heads=4, feed_forward=24, tokens=9, pad=0)
ENCODER = replace(DECODER, kind="encoder", layers=1)
BOTH = replace(DECODER, kind="encoder_decoder", sources=11)
FIRST, CROSS = "stack.0.attention", "stack.1.cross"


def same(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-12, atol=1e-12)


def identical(one: Trace, other: Trace) -> bool:
    """Whether both hold the same numbers, bit for bit. Both are of one machine, in the same order of operations."""
    return all(torch.equal(*pair) for pair in zip(leaves(one), leaves(other), strict=True))


def leaves(part: object) -> list[Tensor]:
    """All tensors of a trace, in order."""
    if isinstance(part, Tensor):
        return [part]
    inner: Any = part.values() if isinstance(part, dict) else part if isinstance(part, tuple) else vars(part).values()
    return [tensor for each in inner if each is not None for tensor in leaves(each)]


def test_a_gate_of_zero_takes_away_what_the_head_adds() -> None:
    model, text = drawn(DECODER), tokens(6)
    whole = trace(model, text)
    for head in range(4):
        for factor in (0.0, 0.3):
            found = trace(model, text, edit=Edit(gates={(FIRST, head): factor}))
            missing = (1 - factor) * whole.attentions[FIRST].added[:, head]
            torch.testing.assert_close(found.added[FIRST], whole.added[FIRST] - missing, rtol=1e-12, atol=1e-12)
            torch.testing.assert_close(found.stream[FIRST], whole.stream[FIRST] - missing, rtol=1e-12, atol=1e-12)
            torch.testing.assert_close(
                found.attentions[FIRST].added[:, head], factor * whole.attentions[FIRST].added[:, head]
            )
            assert same(found.attentions[FIRST].weights, whole.attentions[FIRST].weights)
            assert not same(found.logits, whole.logits)


def test_without_any_head_an_attention_adds_its_bias_alone() -> None:
    found = trace(drawn(DECODER), tokens(6), edit=Edit(gates={(FIRST, head): 0.0 for head in range(4)}))
    torch.testing.assert_close(found.added[FIRST], found.attentions[FIRST].bias.expand(3, 6, 16))


def test_open_gates_and_an_empty_edit_change_no_bit() -> None:
    model, text, source = drawn(BOTH), tokens(5), tokens(7)
    whole = trace(model, text, source)
    assert identical(whole, trace(model, text, source))
    assert identical(whole, trace(model, text, source, Edit()))
    gates = {(name, head): 1.0 for name in whole.attentions for head in range(4)}
    assert identical(whole, trace(model, text, source, Edit(gates=gates)))


def test_a_uniform_head_looks_at_all_tokens_that_it_may_see_alike() -> None:
    model, text, source = drawn(BOTH), tokens(5), tokens(7)
    source[1, 3:] = 0
    whole = trace(model, text, source)
    found = trace(model, text, source, Edit(uniform=frozenset({(FIRST, 1), (CROSS, 2), (CROSS, 3)})))
    past = torch.ones(5, 5, dtype=torch.float64).tril() / torch.arange(1, 6)[:, None]
    torch.testing.assert_close(found.attentions[FIRST].weights[:, 1], past.expand(3, 5, 5), rtol=1e-12, atol=0)
    real = (source != 0).double() / (source != 0).sum(1, keepdim=True)
    for head in (2, 3):
        weights = found.attentions[CROSS].weights[:, head]
        torch.testing.assert_close(weights, real[:, None].expand(3, 5, 7), rtol=1e-12, atol=0)
    torch.testing.assert_close(  # the mean of the values that are visible
        found.attentions[FIRST].z[:, 1], past @ found.attentions[FIRST].v[:, 1], rtol=1e-12, atol=1e-12
    )
    others = [0, 2, 3]
    assert torch.equal(found.attentions[FIRST].weights[:, others], whole.attentions[FIRST].weights[:, others])
    assert not same(found.logits, whole.logits)


def test_an_averaged_head_puts_out_its_mean_over_all_tokens() -> None:
    model, text = drawn(DECODER), tokens(6)
    whole, found = trace(model, text), trace(model, text, edit=Edit(averaged=frozenset({(FIRST, 2)})))
    mean = whole.attentions[FIRST].z[:, 2].flatten(0, 1).mean(0)
    torch.testing.assert_close(found.attentions[FIRST].z[:, 2], mean.expand(3, 6, 4), rtol=1e-12, atol=1e-12)
    others = [0, 1, 3]
    assert torch.equal(found.attentions[FIRST].z[:, others], whole.attentions[FIRST].z[:, others])
    gated = Edit(averaged=frozenset({(FIRST, 2)}), gates={(FIRST, 2): 0.5})
    torch.testing.assert_close(trace(model, text, edit=gated).attentions[FIRST].z[:, 2], (mean / 2).expand(3, 6, 4))


@pytest.mark.parametrize("positions", ["learned", "sinusoidal", "rotary"])
def test_without_positions_an_unmasked_model_does_not_know_the_order(positions: str) -> None:
    model, text = drawn(replace(ENCODER, positions=positions)), tokens(7)
    order = torch.tensor([3, 0, 6, 2, 5, 1, 4])
    for edit in (Edit(), Edit(positions=False)):
        straight, mixed = trace(model, text, edit=edit), trace(model, text[:, order], edit=edit)
        assert same(mixed.logits, straight.logits[:, order]) is not edit.positions


@pytest.mark.parametrize("positions", ["none", "learned", "sinusoidal", "rotary"])
def test_without_positions_all_models_are_the_one_that_never_had_any(positions: str) -> None:
    model, bare = drawn(replace(DECODER, positions=positions)), Transformer(replace(DECODER, positions="none")).double()
    bare.load_state_dict({name: w for name, w in model.state_dict().items() if "places" not in name})
    found, wanted = trace(model, tokens(6), edit=Edit(positions=False)), trace(bare, tokens(6))
    torch.testing.assert_close(found.logits, wanted.logits, rtol=1e-12, atol=1e-12)


def test_without_the_scale_all_scores_are_raw() -> None:
    model, text, source = drawn(BOTH), tokens(5), tokens(7)
    found = trace(model, text, source, Edit(scale=False))
    assert len(found.attentions) == 6
    for part in found.attentions.values():
        assert torch.equal(part.scaled, part.raw)
        torch.testing.assert_close(part.weights, part.masked.softmax(-1))
    assert not same(found.logits, trace(model, text, source).logits)


def test_a_mask_replaces_the_models_own() -> None:
    model, text = drawn(DECODER), tokens(6)
    nothing = torch.zeros(6, 6, dtype=torch.bool)
    open_, whole = trace(model, text, edit=Edit(masks={FIRST: nothing})), trace(model, text)
    assert (open_.attentions[FIRST].weights > 0).all()
    torch.testing.assert_close(open_.attentions[FIRST].weights, whole.attentions[FIRST].scaled.softmax(-1))
    assert not open_.attentions["stack.1.attention"].weights.triu(1).any()  # it keeps its own
    own = nothing.logical_not().triu(1)
    assert identical(whole, trace(model, text, edit=Edit(masks=dict.fromkeys(whole.attentions, own))))
    window = own | own.T.triu(-6).tril(-2)
    seen = trace(model, text, edit=Edit(masks={FIRST: window})).attentions[FIRST].weights
    assert ((seen > 0) == ~window).all()


def test_a_token_whose_mask_hides_all_gets_nothing() -> None:
    hidden = torch.ones(6, 6, dtype=torch.bool).triu(1)
    hidden[2] = True
    found = trace(drawn(DECODER), tokens(6), edit=Edit(masks={FIRST: hidden}, uniform=frozenset({(FIRST, 0)})))
    assert not found.attentions[FIRST].weights[:, :, 2].any() and not found.attentions[FIRST].z[:, :, 2].any()
    assert found.attentions[FIRST].weights[:, :, 3].any() and found.logits.isfinite().all()


NOTHING = torch.zeros(6, 6, dtype=torch.bool)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            Edit(gates={("stack.2.attention", 0): 0.0}),
            "there are stack.0.attention, stack.1.attention",
        ),
        (Edit(uniform=frozenset({("stack.0.mlp", 0)})), "no attention stack.0.mlp"),
        (Edit(masks={"": NOTHING}), "there is no attention"),
        (Edit(averaged=frozenset({(FIRST, 4)})), "has no head 4; its heads are 0 to 3"),
        (Edit(gates={(FIRST, -1): 0.0}), "has no head -1"),
        (Edit(gates={(FIRST, 0): 1.5}), "must be from 0 to 1, but it is 1.5"),
        (Edit(gates={(FIRST, 0): float("nan")}), "must be from 0 to 1, but it is nan"),
        (Edit(masks={FIRST: NOTHING[:5]}), "must be 6 x 6 of booleans for this input, but it is 5 x 6 of torch.bool"),
        (Edit(masks={FIRST: NOTHING[None]}), "must be 6 x 6 of booleans for this input, but it is 1 x 6 x 6"),
        (Edit(masks={FIRST: NOTHING.double()}), "must be 6 x 6 of booleans"),
    ],
)
def test_an_edit_of_what_is_not_there_is_refused(edit: Edit, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        trace(drawn(DECODER), tokens(6), edit=edit)


TEXT = tokens(6)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (torch.zeros(1, 0).long(), "the text is empty"),
        (torch.zeros(0, 4).long(), "the text is empty"),
        (TEXT[0], "must be token numbers, N x T, but it is 6 of torch.int64"),
        (TEXT.double(), "must be token numbers, N x T, but it is 3 x 6 of torch.float64"),
        (tokens(10), "the text has 10 tokens, but the model reads at most 9"),
        (torch.tensor([[1, 11]]), "the text has a token outside 0 to 10"),
        (torch.tensor([[1, -1]]), "the text has a token outside 0 to 10"),
    ],
)
def test_a_text_that_the_model_cannot_read_is_refused(text: Tensor, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        trace(drawn(DECODER), text)
    if len(text) == 3:
        with pytest.raises(ValueError, match=said.replace("text", "source")):
            trace(drawn(BOTH), TEXT, text)


def test_a_source_that_is_missing_or_not_wanted_is_refused() -> None:
    with pytest.raises(ValueError, match="this model reads no source"):
        trace(drawn(DECODER), TEXT, TEXT)
    with pytest.raises(ValueError, match="this model needs a source"):
        trace(drawn(BOTH), TEXT)
    with pytest.raises(ValueError, match="there are 3 texts, but 2 sources"):
        trace(drawn(BOTH), TEXT, TEXT[:2])


EDITS = (
    Edit(),
    Edit(scale=False, gates={(FIRST, 0): 0.0}),
    Edit(positions=False, uniform=frozenset({(CROSS, 1)})),
    Edit(averaged=frozenset({(FIRST, 2)}), masks={FIRST: torch.zeros(5, 5, dtype=torch.bool)}),
)


def test_threads_that_edit_one_model_at_once_get_what_each_gets_alone() -> None:
    model, text, source = drawn(replace(BOTH, positions="rotary")), tokens(5), tokens(7)
    alone = [trace(model, text, source, edit) for edit in EDITS]
    assert not any(identical(alone[0], other) for other in alone[1:])
    together = Barrier(len(EDITS))

    def traced(edit: Edit) -> list[Trace]:
        together.wait(timeout=60)
        return [trace(model, text, source, edit) for _ in range(10)]

    with ThreadPoolExecutor(len(EDITS)) as pool:
        found = list(pool.map(traced, EDITS))
    for wanted, traces in zip(alone, found, strict=True):
        assert all(identical(wanted, each) for each in traces)


@pytest.mark.parametrize("edit", EDITS)
def test_a_traced_model_is_left_as_it_was(edit: Edit) -> None:
    model, text, source = drawn(replace(BOTH, dropout=0.5)).train(), tokens(5), tokens(7)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    parts = dict(model.named_modules())
    found = trace(model, text, source, edit)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert dict(model.named_modules()) == parts
    assert all(part.training and not part._forward_hooks and not part._forward_pre_hooks for part in parts.values())
    assert all(weight.grad is None for weight in model.parameters())
    assert not any(tensor.requires_grad for tensor in leaves(found))
    assert identical(found, trace(model.eval(), text, source, edit))  # so it was traced without dropout


def test_a_failed_trace_leaves_no_hook_behind() -> None:
    model = drawn(DECODER)
    with pytest.raises(ValueError, match="the mask must be"):
        trace(model, TEXT, edit=Edit(masks={FIRST: NOTHING[:2]}))
    assert not any(part._forward_hooks for part in model.modules())
    assert identical(trace(model, TEXT), trace(drawn(DECODER), TEXT))
