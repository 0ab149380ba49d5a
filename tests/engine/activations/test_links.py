"""Links of this topic: choices inside a network or a function may contain an underscore, which separates its parts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.activations import DepthSpec, FunctionSpec, Scheme, Unit
from engine.activations.units import CHOICES
from engine.fields import six_digits
from engine.nn import ACTIVATIONS, INITIALIZERS
from engine.spec import decode, encode

SHAPED = [name for name, each in ACTIVATIONS.items() if each.shape]
reals = some.floats(0.01, 0.99).map(six_digits)
chosen = some.one_of(
    some.fixed_dictionaries({"activation": some.sampled_from(list(CHOICES))}),
    some.fixed_dictionaries({"activation": some.sampled_from(SHAPED), "a": reals}),
)
drawn = some.fixed_dictionaries(
    {"initializer": some.sampled_from(list(INITIALIZERS))},
    optional={"gain": reals, "bias": reals.map(lambda value: -value), "bias_spread": reals},
)
schemes = some.tuples(chosen, drawn).map(lambda parts: Scheme(**parts[0], **parts[1]))


@given(some.lists(schemes, min_size=1, max_size=6), some.sampled_from(list(CHOICES)))
def test_networks_survive_a_link(networks: list[Scheme], other: str) -> None:
    spec = DepthSpec(schemes=tuple(networks), other=other)
    assert decode(DepthSpec, encode(spec)) == (spec, [])


@given(some.lists(chosen.map(lambda parts: Unit(**parts)), min_size=1, max_size=12))
def test_functions_survive_a_link(units: list[Unit]) -> None:
    spec = FunctionSpec(units=tuple(units))
    assert decode(FunctionSpec, encode(spec)) == (spec, [])


def test_a_network_with_underscores_in_its_choices_is_written_with_dashes() -> None:
    scheme = Scheme(activation="leaky_relu", a=-0.5, initializer="he_normal", bias_spread=0.1)
    text = encode(DepthSpec(schemes=(scheme,)))["schemes"]
    assert text == "net_activation_leaky-relu_a_-0.5_init_he-normal_spread_0.1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("f_activation_leaky-relu_a_1", "a network of such layers is linear"),
        ("f_activation_tanh_a_0.5", "tanh has no parameter"),
        ("f_activation_nonsense", "activation"),
        ("f_b_3", "is not a setting here"),
    ],
)
def test_a_bad_choice_in_a_link_is_named(text: str, problem: str) -> None:
    spec, problems = decode(FunctionSpec, {"units": text})
    assert any(problem in each for each in problems)
    assert len(spec.units) == 1 and isinstance(spec.units[0], Unit)


@pytest.mark.parametrize(
    "settings", [{"depth": 200, "width": 1024}, {"depth": 100, "width": 512, "batch": 512, "draws": 20}]
)
def test_networks_that_are_too_large_are_refused(settings: dict[str, Any]) -> None:
    _, problems = decode(DepthSpec, {name: str(value) for name, value in settings.items()})
    assert any("at most" in each for each in problems)
