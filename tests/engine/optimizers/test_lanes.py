"""The optimizers' settings: all within bounds survive a link, torch accepts them, and each record is complete."""

import json
import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from engine.fields import choices
from engine.optimizers import CATALOGUE, RACERS, AnyLane, AnyRacer, Lane
from engine.optimizers.curvature import LBFGS
from engine.optimizers.layered import LocoPropM, LocoPropS
from engine.spec import Spec, decode, encode, link_keys

torch.set_num_threads(1)


SHARED = json.loads((Path(__file__).parent / "shared_links.json").read_text())
"""Links of every optimizer with default settings and with all settings changed, and their meaning in November 2026."""


class Race(Spec):
    lanes: tuple[AnyLane, ...] = ()


class NetworkRace(Spec):
    lanes: tuple[AnyRacer, ...] = ()


def bounds(info: FieldInfo) -> tuple[float, float]:
    """The closed bounds of a numeric field. An open lower bound is raised by a tiny amount."""
    known = {name: getattr(m, name) for m in info.metadata for name in ("ge", "gt", "le") if hasattr(m, name)}
    low = max(known.get("ge", -math.inf), known["gt"] * 1.00001 + 1e-12 if "gt" in known else -math.inf)
    return low, known["le"]


def values(info: FieldInfo) -> st.SearchStrategy[Any]:
    if info.annotation is bool:
        return st.booleans()
    if info.annotation is int:
        return st.integers(*map(int, bounds(info)))
    if info.annotation is float:
        return st.floats(*bounds(info))
    return st.sampled_from(list(choices(info)))


def lanes() -> st.SearchStrategy[Lane]:
    return st.one_of(
        [
            st.builds(
                record, **{name: values(info) for name, info in record.model_fields.items() if name != "optimizer"}
            )
            for record in CATALOGUE.values()
        ]
    )


@given(st.lists(lanes(), max_size=6))
def test_any_settings_survive_a_link(drawn: list[Lane]) -> None:
    race = Race(lanes=tuple(drawn))
    assert decode(Race, encode(race)) == (race, [])


@given(lanes())
def test_torch_accepts_any_settings_within_bounds(lane: Lane) -> None:
    assert lane.start(torch.zeros(2, requires_grad=True), 10)


@pytest.mark.parametrize("size", [0.0123457, 0.0000123457])
def test_a_link_with_every_optimizer_and_every_field_at_six_digits_stays_below_1900_characters(size: float) -> None:
    def awkward(info: FieldInfo) -> Any:
        if info.annotation is bool:
            return not info.default
        if info.annotation is int:
            return 19
        if info.annotation is not float:
            return max(choices(info), key=len)
        low, high = bounds(info)
        return next(value for value in (size, 0.00123457, 1.23457) if low <= value <= high)

    race = Race(
        lanes=tuple(
            record(**{name: awkward(info) for name, info in record.model_fields.items() if name != "optimizer"})
            for record in CATALOGUE.values()
        )
    )
    assert len(urlencode(encode(race))) < 1_900
    assert decode(Race, encode(race)) == (race, [])


@pytest.mark.parametrize("key", CATALOGUE)
def test_no_two_fields_share_a_key_in_links(key: str) -> None:
    keys = link_keys(CATALOGUE[key])
    assert len(set(keys.values())) == len(keys)
    assert all(short == name or short not in keys for name, short in keys.items())


@pytest.mark.parametrize(
    ("key", "name", "values"),
    [
        ("sgd", "lr", (0, -1, 1_000.01, math.nan, math.inf)),
        ("sgd", "weight_decay", (-1e-9, 100.1)),
        ("sgd", "speed", (1,)),
        ("sgd", "phase", (0, 1.001)),
        ("sgd", "factor", (0, 9e-7, 1.001)),
        ("sgd", "schedule", ("slow",)),
        ("nesterov", "dampening", (0.1,)),
        ("nesterov", "momentum", (0, 1)),
        ("momentum", "dampening", (-0.1, 1.1)),
        ("adam", "beta1", (1, -1e-9)),
        ("adam", "beta2", (0.9999999, -0.1)),
        ("adam", "eps", (-1e-9, 1.001)),
        ("lbfgs", "max_iter", (0, 21)),
        ("adamk", "updates", (1, 51)),
        ("locopropm", "steps", (0, 51)),
        ("locopropm", "gamma", (0, 10_001)),
        ("locopropm", "regularizer", (-1e-9, 1.1e6)),
        ("locopropm", "inner", ("exact",)),
        ("locoprops", "inner", ("newton",)),
        ("locopropm", "local_schedule", ("slow",)),
        ("kfac", "damping", (0, 1.1e6)),
        ("kfac", "kl_clip", (0, 1.1e6)),
        ("kfac", "refresh", (0, 101)),
        ("kfac", "momentum", (0,)),
    ],
)
def test_a_setting_out_of_its_bounds_is_refused_and_named(key: str, name: str, values: tuple[Any, ...]) -> None:
    for value in values:
        with pytest.raises(ValidationError) as caught:
            (CATALOGUE | RACERS)[key](**{name: value})
        assert [error["loc"] for error in caught.value.errors()] == [(name,)]


def test_an_exact_solution_needs_a_regularizer() -> None:
    with pytest.raises(ValidationError, match="the exact solution needs a regularizer above 0"):
        LocoPropS(inner="exact")
    assert LocoPropS(inner="exact", regularizer=1e-6)


def test_what_builds_an_optimizer_checks_its_settings() -> None:
    with pytest.raises(ValidationError, match="max_iter"):
        CATALOGUE["lbfgs"].build([torch.zeros(2, requires_grad=True)], max_iter=21)


@pytest.mark.parametrize("key", CATALOGUE)
def test_a_record_says_all_that_a_page_shows(key: str) -> None:
    record = CATALOGUE[key]
    assert re.fullmatch("[a-z]+", key)
    assert record.display.source[1].startswith("https://")
    assert record.display.rule.count("{") == record.display.rule.count("}")
    assert record.display.rule.count(r"\begin{") == record.display.rule.count(r"\end{")
    assert all(info.title and info.description for name, info in record.model_fields.items() if name != "optimizer")
    extras = [info.json_schema_extra for info in record.model_fields.values() if info.annotation is float]
    assert all(isinstance(extra, dict) and "symbol" in extra for extra in extras)
    assert len({other.display.label for other in CATALOGUE.values()}) == len(CATALOGUE)


@pytest.mark.parametrize("link", SHARED)
def test_a_link_that_was_shared_means_what_it_did(link: str) -> None:
    """Tags, keys, defaults and the order of fields are the same. The names of lanes depend on this order too."""
    key = link.partition("_")[0]
    races: list[type[Race | NetworkRace]] = [*[Race] * (key in CATALOGUE), *[NetworkRace] * (key in RACERS)]
    for race in races:
        spec, problems = decode(race, {"lanes": link})
        assert not problems
        assert list(spec.lanes[0]) == list(SHARED[link].items())
        assert encode(spec) == {"lanes": link}


def test_every_optimizer_has_a_shared_link() -> None:
    assert {link.partition("_")[0] for link in SHARED} == CATALOGUE.keys() | RACERS.keys()


def test_a_choice_that_does_not_exist_is_refused_with_those_that_do() -> None:
    for hyper, said in (({"schedule": "slow"}, "constant, step"), ({"line_search": "exact"}, "none, strong-wolfe")):
        with pytest.raises(ValidationError, match=said):
            LBFGS(**hyper)
    with pytest.raises(ValidationError, match="rmsprop, sgd"):
        LocoPropM(inner="exact")  # only the squared loss has an exact solution
    assert choices(RACERS["locoprops"].model_fields["inner"])["exact"] == "Exact"


def test_a_record_names_the_modules_of_its_optimizer_each_after_those_it_imports() -> None:
    names = [module.__name__.rpartition(".")[2] for module in RACERS["locopropm"].modules()]
    assert len(set(names)) == len(names) and names[-1] == "locoprop"
    for earlier, later in (("potentials", "activation_registry"), ("capture", "observe"), ("rmsprop", "locoprop")):
        assert names.index(earlier) < names.index(later)
    assert RACERS["adam"].modules() == RACERS["shampoo"].modules() == ()
