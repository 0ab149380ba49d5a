"""Types of heads on planted patterns of attention, and shares, scores and entropies against plain loops."""

import math
from collections.abc import Iterable

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical

from engine.transformer.heads import BAR, HEAD_TYPES, MIXED, describe_heads, induction_score, relative_entropy

NAMES = [kind.name for kind in HEAD_TYPES]


def repeated(*periods: int, length: int = 33) -> Tensor:
    """One text for each period: a first token, then a segment without repeated tokens, again and again."""
    generator = torch.Generator().manual_seed(sum(periods))
    segments = [1 + torch.randperm(40, generator=generator)[:period] for period in periods]
    return torch.stack([torch.cat([torch.zeros(1).long(), s.repeat(length)])[:length] for s in segments])


TEXTS = repeated(5, 8, 11, 16)


def earlier(text: list[int], t: int) -> list[int]:
    return [s for s in range(t) if text[s] == text[t]]


def wanted(kind: str, text: list[int], t: int) -> list[int]:
    """What a head of this type attends to at t, as a list of places."""
    places = {
        "induction": [s + 1 for s in earlier(text, t)],
        "duplicate token": earlier(text, t),
        "previous token": [t - 1] if t else [],
        "first token": [0] if t else [],
        "positional": [t - 3] if t >= 3 else [],
    }
    return places[kind]


def planted(kind: str, texts: Tensor, strength: float, last: int = 0) -> Tensor:
    """A causal head that gives ``strength`` to what it wants, and the rest to all visible tokens alike.

    Where there is nothing that it wants, it gives ``strength`` to the token ``last``.
    """
    weights = torch.zeros(len(texts), 1, texts.shape[1], texts.shape[1], dtype=torch.float64)
    for n, text in enumerate(texts.tolist()):
        for t in range(len(text)):
            chosen = wanted(kind, text, t) or [last]
            weights[n, 0, t, : t + 1] = (1 - strength) / (t + 1)
            weights[n, 0, t, chosen] += strength / len(chosen)
    return weights


def drawn(heads: int, texts: Tensor, causal: bool = True) -> Tensor:
    n, t = texts.shape
    scores = 2 * torch.randn(n, heads, t, t, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    later = torch.ones(t, t, dtype=torch.bool).triu(1)
    return (scores.masked_fill(later, -torch.inf) if causal else scores).softmax(-1)


def test_a_planted_head_has_its_type() -> None:
    heads = torch.cat([planted(kind, TEXTS, 0.9) for kind in NAMES], 1)
    table = describe_heads(heads, TEXTS)
    assert table["type"].tolist() == NAMES
    for head, kind in enumerate(NAMES):
        assert 0.9 < table[kind][head] < 0.97  # uniform attention gives a little more
    assert table["distance"][NAMES.index("positional")] == 3
    assert table["distance"][NAMES.index("previous token")] == 1


@pytest.mark.parametrize("kind", NAMES)
def test_a_head_below_the_bar_is_mixed(kind: str) -> None:
    found = [describe_heads(planted(kind, TEXTS, strength), TEXTS).iloc[0] for strength in np.linspace(0, 1, 21)]
    shares = [row[kind] for row in found]
    assert shares == sorted(shares) and shares[0] < BAR < shares[-1]
    assert [row["type"] for row in found] == [kind if share >= BAR else MIXED for share in shares]


def test_an_induction_head_rests_on_the_first_token_where_nothing_repeats() -> None:
    texts = repeated(16, 15)  # so half of the tokens have no earlier occurrence
    row = describe_heads(planted("induction", texts, 1.0), texts).iloc[0]
    assert row["induction"] == 1 and row["first token"] > 0.5 - 1 / 32
    assert row["type"] == "induction"


def test_texts_of_several_periods_tell_induction_from_position() -> None:
    one = repeated(16)
    assert describe_heads(planted("induction", one, 1.0), one)["positional"][0] > 0.9
    assert describe_heads(planted("induction", TEXTS, 1.0), TEXTS)["positional"][0] < BAR


@pytest.mark.parametrize("causal", [True, False])
def test_shares_are_sums_over_the_pattern_averaged_over_its_tokens(causal: bool) -> None:
    heads = drawn(3, TEXTS, causal)
    table = describe_heads(heads, TEXTS)
    for kind in NAMES[:-1]:
        for head in range(3):
            sums = [
                sum(heads[n, head, t, s].item() for s in wanted(kind, text, t))
                for n, text in enumerate(TEXTS.tolist())
                for t in range(len(text))
                if wanted(kind, text, t)
            ]
            assert table[kind][head] == pytest.approx(sum(sums) / len(sums), rel=1e-12)


@pytest.mark.parametrize("causal", [True, False])
def test_the_distance_is_the_one_with_the_largest_mean(causal: bool) -> None:
    heads, length = drawn(3, TEXTS, causal), TEXTS.shape[1]
    table = describe_heads(heads, TEXTS)
    for head in range(3):
        means = {
            distance: np.mean([
                heads[n, head, t, t - distance].item()
                for n in range(len(TEXTS))
                for t in range(1, length)
                if 0 <= t - distance < length
            ])
            for distance in range(-(length // 2), length // 2 + 1)
        }  # fmt: skip
        assert table["distance"][head] == max(means, key=lambda distance: means[distance])
        assert table["positional"][head] == pytest.approx(max(means.values()), rel=1e-12)


def test_a_head_that_looks_at_the_next_token_is_positional() -> None:
    texts = TEXTS[:, :6]
    ahead = torch.eye(6, dtype=torch.float64).roll(1, 1).expand(len(texts), 1, 6, 6)
    row = describe_heads(ahead, texts).iloc[0]
    assert (row["type"], row["distance"], row["positional"]) == ("positional", -1, 1)


def test_a_share_without_a_token_to_attend_to_is_missing() -> None:
    texts = torch.arange(7)[None]
    table = describe_heads(drawn(2, texts), texts)
    assert table[["induction", "duplicate token"]].isna().all(axis=None)
    assert table[["previous token", "first token", "positional", "entropy"]].notna().all(axis=None)


def test_the_induction_score_is_the_weight_after_the_earlier_occurrence() -> None:
    text = repeated(16).expand(2, -1)
    heads = drawn(2, text)
    rows = range(17, 33)  # the second copy; the first token comes before both
    assert heads.shape[-1] == 33
    for head in range(2):
        mean = np.mean([heads[n, head, t, t - 15].item() for n in range(2) for t in rows])
        assert induction_score(heads, text, 16)[head].item() == pytest.approx(mean, rel=1e-12)
    assert induction_score(planted("induction", text, 1.0), text, 16).item() == 1
    assert induction_score(planted("previous token", text, 1.0), text, 16).item() == 0


def test_with_two_copies_the_score_is_the_share_of_induction() -> None:
    text = repeated(16)
    heads = drawn(4, text)
    shares = torch.tensor(describe_heads(heads, text)["induction"].to_numpy())
    torch.testing.assert_close(induction_score(heads, text, 16), shares, rtol=1e-12, atol=0)


def test_entropy_is_torchs_over_the_logarithm_of_what_is_visible() -> None:
    heads = drawn(3, TEXTS)
    visible = torch.ones(33, 33, dtype=torch.bool).tril()
    found = relative_entropy(heads, visible)
    for head in range(3):
        each = [
            Categorical(heads[n, head, t, : t + 1]).entropy().item() / math.log(t + 1)
            for n in range(len(TEXTS))
            for t in range(1, 33)
        ]
        assert found[head].item() == pytest.approx(np.mean(each), rel=1e-12)
    torch.testing.assert_close(relative_entropy(heads), found, rtol=1e-12, atol=0)


def test_entropy_is_one_on_all_tokens_and_zero_on_one_and_rows_without_a_choice_do_not_count() -> None:
    visible = torch.ones(4, 6, dtype=torch.bool).tril()
    visible[0] = False
    even = visible / visible.sum(-1, keepdim=True).clamp(min=1)
    sharp = torch.zeros(4, 6)
    sharp[1:, 0] = 1
    found = relative_entropy(torch.stack([even, sharp])[None], visible)
    torch.testing.assert_close(found, torch.tensor([1.0, 0.0]).double(), rtol=1e-6, atol=0)
    assert relative_entropy(torch.eye(3)[None, None]).isnan().all()


@pytest.mark.parametrize(
    ("attention", "tokens", "said"),
    [
        ((2, 1, 4, 5), (2, 4), "attention must be 2 x heads x 4 x 4"),
        ((3, 1, 4, 4), (2, 4), "attention must be 2 x heads"),
        ((4, 4), (2, 4), "but it is 4 x 4"),
        ((2, 1, 1, 1), (2, 1), "two tokens or more"),
        ((2, 1, 4, 4), (4,), "two tokens or more"),
    ],
)
def test_attention_of_other_tokens_is_refused(attention: Iterable[int], tokens: Iterable[int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        describe_heads(torch.zeros(*attention), torch.zeros(*tokens).long())


def test_a_score_needs_a_text_that_repeats() -> None:
    text = torch.arange(6)[None]
    with pytest.raises(ValueError, match="no token repeats after 3 tokens"):
        induction_score(drawn(1, text), text, 3)
    for period in (0, 6):
        with pytest.raises(ValueError, match=f"from 1 to 5, but it is {period}"):
            induction_score(drawn(1, text), text, period)
