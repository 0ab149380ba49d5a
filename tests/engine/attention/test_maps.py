"""The maps of attention: the right picture, each weight equal to its sum, and what cannot be shown refused."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from engine.attention import HeadsSpec, heads
from engine.attention.maps import cell_of, part_of
from engine.attention.presets import AFTER, PRESETS
from engine.attention.spec import MODELS, PARTS
from engine.figures.attention import cell_figure, head_at, head_figure, heads_figure
from engine.spec import decode
from engine.transformer import SHIPPED, trace

DATE = HeadsSpec(model="dates", part="cross", layer=1, head=2)


def test_the_sum_of_a_cell_is_its_weight_in_a_thousand_cells() -> None:
    draw = random.Random(0)
    model, task = DATE.trained(), DATE.task()
    seen = trace(model, torch.tensor([[1, 5, 3, 4, 12, 13, 3, 6]]), torch.tensor([task.read("25.12.2001")]))
    names = list(seen.attentions)
    for _ in range(1_000):
        found = seen.attentions[draw.choice(names)]
        head, query = draw.randrange(4), draw.randrange(found.weights.shape[2])
        key = draw.randrange(found.weights.shape[3])
        cell = cell_of(found, head, query + 1, key + 1)
        assert (cell.query, cell.key) == (query, key)
        weight = float(found.weights[0, head, query, key])
        assert cell.weight == pytest.approx(weight, rel=1e-4, abs=1e-9)
        assert cell.hidden == (float(found.masked[0, head, query, key]) == -np.inf)
        assert cell.products.sum() == pytest.approx(cell.raw)
        assert cell.raw / 4 == pytest.approx(cell.scaled, rel=1e-4, abs=1e-4)  # heads of 16 units


def test_rows_are_tokens_that_look_and_columns_those_looked_at() -> None:
    """An induction head looks back from the second copy at the token after the first: a known, asymmetric picture."""
    found = heads(HeadsSpec(text="stairstair", layer=2))
    text = "▷stairstair"
    assert found.rows == found.columns == tuple(text)
    row = text.rindex("r")
    assert found.columns[int(found.head.weights[row].argmax())] == "s"
    figure = head_figure(found)
    np.testing.assert_allclose(figure.data[0].z, found.head.weights, rtol=1e-6)
    assert list(figure.layout.yaxis.ticktext) == list(text) == list(figure.layout.xaxis.ticktext)
    assert "query" in figure.layout.yaxis.title.text and "key" in figure.layout.xaxis.title.text
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first token stands at the top
    assert np.triu(found.head.weights, 1).max() == 0


def test_a_pair_of_texts_has_the_answer_in_its_rows_and_the_source_in_its_columns() -> None:
    found = heads(DATE.but(text="3 may 2019"))
    assert "".join(found.rows) == "▷2019-05-03" and "".join(found.columns) == "3␣may␣2019"
    assert found.head.weights.shape == (11, 10)
    whole = heads(DATE.but(text="3 may 2019", part="encoder"))
    assert whole.rows == whole.columns == found.columns


@pytest.mark.parametrize("model", MODELS)
def test_weights_sum_to_one_and_equal_torchs_own(model: str) -> None:
    if model == "sounds":
        assert SHIPPED[model].spec.task == "sounds"
    for part in PARTS:
        try:
            found = heads(HeadsSpec(model=model, part=part, layer=1))
        except ValidationError:
            assert part != "stack" and SHIPPED[model].spec.chosen().sources is None
            continue
        assert found.difference < 1e-5
        for each in found.heads:
            np.testing.assert_allclose(each.weights.sum(1), 1, rtol=1e-5)
        assert len(found.heads) == SHIPPED[model].spec.layers * SHIPPED[model].spec.heads


def test_the_cell_that_is_shown_first_is_the_last_tokens_largest() -> None:
    found = heads(HeadsSpec(layer=2))
    weights = found.head.weights[-1]
    assert (found.cell.query, found.cell.key) == (len(weights) - 1, int(weights.argmax()))
    assert f"{weights.max():.1%}" in found.finding()
    assert heads(HeadsSpec(query=60, key=60)).cell.key == len(weights) - 1  # beyond the text: its last token


def test_a_masked_cell_has_no_weight() -> None:
    cell = heads(HeadsSpec(query=2, key=5)).cell
    assert cell.hidden and cell.weight == cell.exponential == 0


def test_small_maps_lie_where_a_click_finds_them() -> None:
    found = heads(HeadsSpec())
    figure = heads_figure(found)
    for trace_, each in zip(figure.data, found.heads, strict=True):
        height, width = each.weights.shape
        for x, y in ((trace_.x0, trace_.y0), (trace_.x0 + width - 1, trace_.y0 + height - 1)):
            assert head_at(found, x, y) == (each.layer, each.head)


def test_bars_are_the_products_of_query_and_key() -> None:
    found = heads(HeadsSpec())
    (bars,) = cell_figure(found).data
    np.testing.assert_allclose(bars.y, found.cell.q * found.cell.k, rtol=1e-5)


def test_presets_show_what_they_say() -> None:
    titled = {preset.title: heads(preset.spec) for preset in PRESETS}
    induction = titled["An induction head"]
    assert AFTER.right(induction) == 1
    assert induction.head.kind == "induction" and induction.heads[0].kind == "previous token"
    for title in ("One layer cannot", "Before it has learned"):
        found = titled[title]
        assert found.tokens == induction.tokens
        looked = [float(np.mean([each.weights[row, row - 10] for row in range(13, 23)])) for each in found.heads]
        assert max(looked) < 0.3
    year = titled["The date's year"]
    digits = {row: year.columns[int(year.head.weights[row].argmax())] for row in range(1, 4)}
    assert year.rows[1:5] == ("2", "0", "1", "9") and digits == {1: "0", 2: "1", 3: "9"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "nobody"}, "the model must be one of"),
        ({"step": 7}, "this model is kept after 0, 25"),
        ({"part": "cross"}, "reads no source"),
        ({"layer": 3}, "this model has 2 layers"),
        ({"head": 3}, "a layer of this model has 2 heads"),
        ({"text": "שלום"}, "hebrew letter shin"),
        ({"text": "a b"}, "“ ”, at place 2"),
        ({"text": "a" * 65}, "64 characters"),
        ({"model": "dates", "part": "cross", "layer": 1, "text": "3 march 2019, at noon"}, "reads at most 18"),
    ],
)
def test_what_cannot_be_shown_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        HeadsSpec(**change)


def test_any_link_opens() -> None:
    draw = random.Random(1)
    for _ in range(300):
        params = {
            "model": draw.choice([*MODELS, "x"]),
            "step": draw.choice(["0", "25", "100", "-1", "9" * 30]),
            "text": draw.choice(["", "abc", "3 may 2019", "ש" * 70, "%00", "a" * 64]),
            "part": draw.choice([*PARTS, "?"]),
            "layer": str(draw.randrange(-1, 8)),
            "head": str(draw.randrange(-1, 20)),
            "query": str(draw.randrange(-1, 80)),
        }
        spec, _ = decode(HeadsSpec, params)
        assert isinstance(spec, HeadsSpec)


def test_names_of_parts() -> None:
    assert [part_of(name) for name in ("stack.0.attention", "stack.3.cross", "encoder.1.attention")] == list(PARTS)


def test_one_result_changes_no_other() -> None:
    first, second = heads(HeadsSpec()), heads(HeadsSpec(step=100))
    assert not np.allclose(first.head.weights, second.head.weights)
    assert replace(first, chosen=0).head.label == "Layer 1, head 1"
