"""The transformer's blocks against torch's own, and their gradients against finite differences."""

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from engine.transformer import BlockSpec, stack

SPEC = BlockSpec(blocks=3, model_width=16, heads=4, tokens=6)


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_block_is_torchs_own(norm: str) -> None:
    sublayers, weights, _ = stack(SPEC.but(layer_norm=norm))
    for number, own in enumerate(weights):
        other = nn.TransformerEncoderLayer(
            16, 4, 64, dropout=0, activation=nn.GELU(approximate="tanh"), batch_first=True, norm_first=norm == "pre",
            bias=False,
        )  # fmt: skip
        other.self_attn.in_proj_weight.data = torch.cat([own["query"], own["key"], own["value"]]).detach()
        other.self_attn.out_proj.weight.data = own["attention_projection"].detach()
        other.linear1.weight.data, other.linear2.weight.data = own["mlp"].detach(), own["mlp_projection"].detach()
        rows = torch.randn(2, 6, 16, generator=torch.Generator().manual_seed(0))
        mask = nn.Transformer.generate_square_subsequent_mask(6)
        found = sublayers[2 * number + 1](sublayers[2 * number](rows))
        torch.testing.assert_close(found, other(rows, src_mask=mask, is_causal=True), rtol=1e-4, atol=1e-5)


def test_gradients_are_those_of_finite_differences() -> None:
    """The directional derivative along the gradient is the gradient's norm. Shortcuts, branch and norm take part."""
    sublayers, weights, last = stack(SPEC)
    generator = torch.Generator().manual_seed(3)
    rows = torch.randn(2, 6, 16, generator=generator, dtype=torch.float64)
    for each in [*sublayers, last]:
        each.double()

    def loss() -> torch.Tensor:
        out = rows
        for each in [*sublayers, last]:
            out = each(out)
        return out.square().mul(torch.arange(16)).mean()

    for own in weights:
        for weight in own.values():
            (gradient,) = torch.autograd.grad(loss(), weight)
            step = 1e-5 * gradient / gradient.norm()
            with torch.no_grad():
                weight += step
                up = loss()
                weight -= 2 * step
                down = loss()
                weight += step
            assert float((up - down) / 2e-5) == pytest.approx(float(gradient.norm()), rel=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"heads": 3}, "3 heads do not divide"), ({"blocks": 24, "model_width": 256, "tokens": 64}, "fewer blocks or")],
)
def test_what_cannot_be_built_is_refused(change: dict[str, int], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SPEC.but(**change)
