"""What the switches of transformer blocks do to the gradients of their weights."""

import itertools

import numpy as np
import pytest

from engine.residuals.blocks import block_flow, formulas, intact, survival
from engine.transformer import BlockSpec

SPEC = BlockSpec(blocks=3, model_width=16, heads=4, tokens=6)


@pytest.mark.parametrize("switches", list(itertools.product([True, False], repeat=4)), ids=str)
@pytest.mark.parametrize("norm", ["pre", "post", "none"])
def test_every_combination_of_switches_has_its_parts(switches: tuple[bool, ...], norm: str) -> None:
    names = ("attention_shortcut", "mlp_shortcut", "attention_projection", "mlp_projection")
    spec = SPEC.but(layer_norm=norm, **dict(zip(names, switches, strict=True)))
    found = block_flow(spec)
    expected = {"query", "key", "value", "mlp"} | {name for name in names[2:] if getattr(spec, name)}
    assert set(found.mean) == set(found.norm) == expected
    assert all(each.shape == (3,) and np.isfinite(each).all() for each in found.norm.values())
    assert found.signal.shape == found.gradient.shape == (7,)
    assert len(found.table()) == 3 * len(expected)


def test_without_shortcuts_signal_and_gradients_die() -> None:
    spec = BlockSpec(blocks=12)
    without = spec.but(attention_shortcut=False, mlp_shortcut=False, layer_norm="none")
    dead, alive = block_flow(without), block_flow(spec)
    assert dead.signal[-1] < 1e-3 * dead.signal[0] and alive.signal[-1] > alive.signal[0]
    for part in dead.norm:
        assert dead.norm[part].max() < 0.01 * alive.norm[part].min()


def test_with_post_ln_the_last_blocks_get_the_larger_gradients_and_with_pre_ln_not() -> None:
    """Why post-LN needs warm-up: Xiong et al. 2020, https://arxiv.org/abs/2002.04745, figure 3."""
    post, pre = (block_flow(BlockSpec(blocks=12, layer_norm=norm)).norm["mlp_projection"] for norm in ("post", "pre"))
    assert post[-1] / post[0] > 2 * pre[-1] / pre[0]


def test_what_is_left_is_measured_against_the_whole_blocks() -> None:
    whole = block_flow(intact(SPEC))
    assert (survival(whole, whole)["left"] == 1).all()
    spec = SPEC.but(attention_shortcut=False, mlp_projection=False, layer_norm="post")
    assert intact(spec) == SPEC
    found = block_flow(spec)
    left = survival(found, whole).set_index("name")["left"]
    assert np.isnan(left["MLP's projection"])
    assert left["Query"] == found.norm["query"][0] / whole.norm["query"][0]


def test_without_shortcuts_and_layernorm_queries_and_keys_die_first() -> None:
    """This is what the page says about queries and keys."""
    spec = BlockSpec(attention_shortcut=False, mlp_shortcut=False, layer_norm="none")
    left = survival(block_flow(spec), block_flow(BlockSpec())).set_index("name")["left"]
    assert left.max() < 0.02 and left[["Query", "Key"]].max() < 0.001
    without_norm = survival(block_flow(BlockSpec(layer_norm="none")), block_flow(BlockSpec()))
    assert without_norm["left"].min() > 10_000


@pytest.mark.parametrize(
    ("change", "attention", "mlp"),
    [
        ({}, r"x + \operatorname{attention}(\operatorname{LN}(x))", r"x + \operatorname{MLP}(\operatorname{LN}(x))"),
        ({"layer_norm": "none", "mlp_shortcut": False}, r"x + \operatorname{attention}(x)", r"\operatorname{MLP}(x)"),
        (
            {"layer_norm": "post", "attention_shortcut": False},
            r"\operatorname{LN}(\operatorname{attention}(x))", r"\operatorname{LN}(x + \operatorname{MLP}(x))",
        ),
    ],
)  # fmt: skip
def test_the_formulas_are_those_of_the_block(change: dict[str, object], attention: str, mlp: str) -> None:
    assert formulas(SPEC.but(**change)) == (rf"x \leftarrow {attention}", rf"x \leftarrow {mlp}")
