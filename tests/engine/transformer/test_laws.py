"""Laws of transformers: who influences whom, what adds up, and what positions, LayerNorm, masks and scales do."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.nn import Attention
from engine.nn.attention import Scale, Softmax
from engine.nn.capture import capture
from engine.transformer import Architecture, Edit, Transformer, trace
from engine.transformer.model import LayerNorm, Sinusoids
from engine.transformer.trace import short
from tests.engine.transformer.models import drawn, tokens

DECODER = Architecture("decoder", targets=11, layers=2, width=16, heads=4, feed_forward=24, tokens=9, pad=0)
ENCODER = replace(DECODER, kind="encoder", sources=0)
BOTH = replace(DECODER, kind="encoder_decoder", sources=11)


def influence(model: Transformer, text: Tensor, source: Tensor | None, place: int) -> dict[str, Tensor]:
    """Stack -> the largest |d logit / d embedding| of each token, for the logits at ``place``, [N, T]."""
    stacks = {"stack": model.stack.get_submodule("embedding")}
    if model.encoder is not None:
        stacks["encoder"] = model.encoder.get_submodule("embedding")
    weights = torch.linspace(1, 2, model.architecture.targets, dtype=torch.float64)
    seen = capture(stacks, lambda: (model(text, source)[:, place] * weights).sum())
    return {name: slope.abs().amax(-1) for name, slope in seen.gradients().items()}


@pytest.mark.parametrize("positions", ["none", "learned", "sinusoidal", "rotary"])
@pytest.mark.parametrize("norm", ["pre", "post", "none"])
def test_no_token_of_a_decoder_depends_on_a_later_one(positions: str, norm: LayerNorm) -> None:
    text = tokens(6)
    model = drawn(replace(DECODER, positions=positions, layer_norm=norm))
    for place in range(6):
        felt = influence(model, text, None, place)["stack"]
        assert not felt[:, place + 1 :].any()
        assert (felt[:, : place + 1] > 0).all()


def test_each_token_of_an_encoder_depends_on_all_but_those_that_fill_up() -> None:
    text = tokens(6)
    text[1, 4:] = 0
    for place in range(4):
        felt = influence(drawn(ENCODER), text, None, place)["stack"]
        assert ((felt > 0) == (text != 0)).all()


def test_a_decoder_sees_the_whole_source_and_its_own_past() -> None:
    text, source = tokens(5), tokens(7)
    source[2, 3:] = 0
    for place in range(5):
        felt = influence(drawn(BOTH), text, source, place)
        assert ((felt["encoder"] > 0) == (source != 0)).all()
        assert not felt["stack"][:, place + 1 :].any() and (felt["stack"][:, : place + 1] > 0).all()


@pytest.mark.parametrize("feed_forward", [0, 24])
def test_the_stream_is_the_embedding_plus_all_that_was_added(feed_forward: int) -> None:
    model = drawn(replace(BOTH, feed_forward=feed_forward))
    seen = trace(model, tokens(5), tokens(7))
    for name in ("encoder", "stack"):
        total = seen.embedded[name]
        for part in [part for part in seen.added if part.startswith(name)]:
            total = total + seen.added[part]
            torch.testing.assert_close(total, seen.stream[part], rtol=1e-12, atol=1e-12)
        last = model.get_submodule(f"{name}.norm")
        torch.testing.assert_close(last(total), seen.hidden[name], rtol=1e-12, atol=1e-12)
        for part in [part for part in seen.attentions if part.startswith(name)]:
            heads = seen.attentions[part].added.sum(1) + seen.attentions[part].bias
            torch.testing.assert_close(heads, seen.added[part], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(model.unembedding(seen.hidden["stack"]), seen.logits, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("causal", [False, True])
def test_only_without_positions_and_mask_attention_does_not_know_the_order(causal: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    layer = Attention(16, 4, causal=causal).double()
    rows = torch.randn(3, 7, 16, generator=generator, dtype=torch.float64)
    order = torch.tensor([3, 0, 6, 2, 5, 1, 4])
    same = torch.allclose(layer(rows[:, order]), layer(rows)[:, order], rtol=1e-12, atol=1e-12)
    assert same is not causal


@pytest.mark.parametrize("positions", ["none", "learned", "sinusoidal", "rotary"])
def test_only_with_positions_an_encoder_knows_the_order(positions: str) -> None:
    model, text = drawn(replace(ENCODER, positions=positions)), tokens(7)
    order = torch.tensor([3, 0, 6, 2, 5, 1, 4])
    same = torch.allclose(model(text[:, order]), model(text)[:, order], rtol=1e-12, atol=1e-12)
    assert same is (positions == "none")


def test_layer_norm_divides_by_the_biased_deviation_so_that_the_norm_is_the_root_of_the_width() -> None:
    model = drawn(BOTH)
    seen = trace(model, tokens(5), tokens(7))
    layers = {short(name): part for name, part in model.named_modules() if isinstance(part, nn.LayerNorm)}
    assert layers.keys() == seen.norms.keys() and len(layers) == 2 * 2 + 2 * 3 + 2
    for name, layer in layers.items():
        x, out = seen.norms[name]
        centred = x - x.mean(-1, keepdim=True)
        variance = centred.square().sum(-1, keepdim=True) / 16
        plain = centred / (variance + 1e-5).sqrt()
        torch.testing.assert_close(out, plain * layer.weight + layer.bias, rtol=1e-12, atol=1e-12)
        length = (((out - layer.bias) / layer.weight).square().sum(-1, keepdim=True)).sqrt()
        torch.testing.assert_close(length, 4 * (variance / (variance + 1e-5)).sqrt(), rtol=1e-9, atol=0)


@pytest.mark.parametrize(("factor", "shift"), [(0.01, 0.0), (7.0, -3.0), (1.0, 100.0)])
def test_layer_norm_hides_the_scale_and_the_mean_of_what_it_reads(factor: float, shift: float) -> None:
    model = drawn(replace(DECODER, layers=1, positions="none", eps=0.0))
    found = trace(model, tokens(6))
    weight = model.stack.get_submodule("embedding.words").get_parameter("weight")
    weight.data = factor * weight.data + shift
    other = trace(model, tokens(6))
    assert not torch.allclose(found.embedded["stack"], other.embedded["stack"])
    torch.testing.assert_close(other.added["stack.0.attention"], found.added["stack.0.attention"], rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(
        other.attentions["stack.0.attention"].raw, found.attentions["stack.0.attention"].raw, rtol=1e-9, atol=1e-9
    )


def test_a_token_that_may_look_nowhere_gets_nothing_and_passes_no_gradient_on() -> None:
    model, text, source = drawn(replace(BOTH, bias=False)), tokens(4), tokens(6)
    source[1] = 0
    seen = trace(model, text, source)
    for name in ("stack.0.cross", "stack.1.cross", "encoder.0.attention", "encoder.1.attention"):
        found = seen.attentions[name]
        assert (found.masked[1] == -torch.inf).all()
        assert not found.weights[1].any() and not found.z[1].any() and not seen.added[name][1].any()
        assert found.weights[0].any() and seen.logits.isfinite().all()
    slopes = torch.autograd.grad(model(text, source).square().sum(), [*model.parameters()])
    assert all(slope.isfinite().all() for slope in slopes)
    # Alone, the sequence that may not look at its source leaves the matrices of attention to the source unmoved.
    matrices = [weight for name, weight in model.named_parameters() if ".cross.module" in name]
    assert len(matrices) == 2 * 4
    slopes = torch.autograd.grad(model(text[1:2], source[1:2]).square().sum(), matrices)
    assert not any(slope.any() for slope in slopes)


def test_rotary_scores_depend_on_the_distance_alone() -> None:
    model = drawn(replace(DECODER, positions="rotary"))
    same = torch.full((1, 9), 4)  # equal tokens, so that only their places differ
    for found in trace(model, same).attentions.values():
        torch.testing.assert_close(found.raw[..., 1:, 1:], found.raw[..., :-1, :-1], rtol=1e-12, atol=1e-12)
        assert (found.raw[..., 0, :-1] - found.raw[..., 0, 1:]).abs().min() > 1e-4


def test_rotary_scores_are_products_of_complex_numbers_turned_by_the_distance() -> None:
    model = drawn(replace(DECODER, positions="rotary"))
    plain = trace(model, tokens(9), edit=Edit(positions=False)).attentions["stack.0.attention"]
    turned = trace(model, tokens(9)).attentions["stack.0.attention"]
    q, k = (torch.complex(rows[..., :2], rows[..., 2:]) for rows in (plain.q, plain.k))  # [3, 4, 9, 2]
    places = torch.arange(9, dtype=torch.float64)
    angles = (places[:, None] - places)[..., None] * torch.tensor([1, 1 / 100], dtype=torch.float64)  # [9, 9, 2]
    scores = torch.einsum("nhti,nhsi,tsi->nhts", q, k.conj(), torch.polar(torch.ones_like(angles), angles)).real
    torch.testing.assert_close(turned.raw, scores, rtol=1e-12, atol=1e-12)


def test_sinusoids_are_those_of_the_paper_and_a_shift_is_a_fixed_rotation() -> None:
    places = torch.arange(60)
    rows = Sinusoids(16)(places)  # [60, 16]
    for t in (0, 1, 17, 59):
        for i in range(8):
            angle = t / 10_000 ** (2 * i / 16)
            assert rows[t, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-12)
            assert rows[t, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-12)
    for shift in (1, 5, 30):
        turns = [shift / 10_000 ** (2 * i / 16) for i in range(8)]
        turn = torch.block_diag(
            *(
                torch.tensor([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]], dtype=torch.float64)
                for a in turns
            )
        )
        torch.testing.assert_close(turn @ turn.T, torch.eye(16, dtype=torch.float64), rtol=0, atol=1e-12)
        torch.testing.assert_close(rows[shift:], rows[:-shift] @ turn.T, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("width", "published"), [(4, 2.28), (64, 0.48), (512, 0.16)])
def test_without_the_scale_wide_heads_look_at_a_single_token(width: int, published: float) -> None:
    """Given q, the scores q k of normal keys are normal with the deviation |q|: drawn so by numpy for comparison."""
    generator, rng = torch.Generator().manual_seed(width), np.random.default_rng(width)
    q, k = (torch.randn(500, n, width, generator=generator, dtype=torch.float64) for n in (1, 32))
    raw = q @ k.transpose(1, 2)
    drawn_scores = np.sqrt(rng.chisquare(width, (20_000, 1))) * rng.standard_normal((20_000, 32))
    for scores, others, about in (
        (raw, drawn_scores, published),
        (Scale(width)(raw), drawn_scores / math.sqrt(width), 3.0),
    ):
        entropies = torch.special.entr(Softmax()(scores)).sum(-1)
        powers = np.exp(others - others.max(1, keepdims=True))
        shares = powers / powers.sum(1, keepdims=True)
        wanted = -(shares * np.log(np.where(shares > 0, shares, 1))).sum(1)
        within = 4 * math.hypot(entropies.std().item() / math.sqrt(500), wanted.std() / math.sqrt(20_000))
        assert entropies.mean().item() == pytest.approx(wanted.mean(), abs=within)
        assert wanted.mean() == pytest.approx(about, abs=0.04)  # the given numbers are sample means themselves


def test_the_scale_turns_the_scores_112_and_96_into_attention_to_both() -> None:
    scores = torch.tensor([112.0, 96.0], dtype=torch.float64)
    assert Scale(64)(scores).tolist() == [14, 12]
    assert Softmax()(Scale(64)(scores)).tolist() == pytest.approx([0.881, 0.119], abs=5e-4)
    assert Softmax()(scores)[1].item() == pytest.approx(math.exp(-16), rel=1e-6)
