"""Call-outs and findings say what the numbers of a race show, at the steps where it happens."""

import numpy as np
import pytest
import torch

from engine.experiment import Preset
from engine.optimizers import Lane
from engine.optimizers.adaptive import Adam
from engine.optimizers.curvature import Newton
from engine.optimizers.gradient import SGD, HeavyBall
from engine.surfaces import PRESETS, Descent, DescentSpec, descend, finding, first, moments, outcomes

torch.set_num_threads(1)

QUADRATIC = DescentSpec(surface="quadratic", condition=20, rotation=0, start=(1.2, 1.5), steps=60)


def texts(descent: Descent, number: int = 0) -> dict[str, int]:
    return {moment.text: moment.step for moment in moments(descent)[number]}


@pytest.mark.parametrize(("rate", "bounces"), [(0.098, True), (0.04, False)])
def test_a_run_bounces_if_its_rate_is_near_the_limit(rate: float, bounces: bool) -> None:
    """On this quadratic the largest curvature is 20: each step multiplies that coordinate by 1 - 20 rate."""
    found = texts(descend(QUADRATIC.but(lanes=(SGD(lr=rate),))))
    assert ("bounces across" in found) == bounces


def test_an_arrival_is_the_step_of_the_table() -> None:
    for preset in PRESETS:
        descent = descend(preset.spec)
        for number, end in enumerate(outcomes(descent)):
            arrived = [step for text, step in texts(descent, number).items() if text.startswith("arrives")]
            assert arrived == ([end.arrived] if end.verdict.startswith("reached") else [])
            near = descent.runs[number].columns["distance"] <= descent.spec.tolerance
            assert end.arrived is None or (near[end.arrived :].all() and not near[: end.arrived][-1:].any())


def test_a_run_that_flies_through_a_minimum_has_not_arrived_there() -> None:
    spec = DescentSpec(surface="quadratic", condition=1, start=(1, 1), lanes=(HeavyBall(lr=0.05, momentum=0.95),))
    (end,) = outcomes(descend(spec.but(steps=300)))
    assert end.arrived is not None and end.to_tolerance is not None and end.arrived > 5 * end.to_tolerance


def test_no_saddle_is_left_by_a_run_that_rests_in_it() -> None:
    spec = DescentSpec(surface="saddle", start=(1, 0.5), lanes=(Newton(lr=1.0), SGD(lr=0.05)), steps=60)
    assert "leaves the saddle" not in texts(descend(spec))
    assert not any("leaves the saddle" in texts(descend(spec.but(start=(0, 0))), number) for number in (0, 1))


def test_a_run_that_left_the_domain_of_f_stops_and_does_not_diverge() -> None:
    spec = DescentSpec(surface="own", formula="sqrt(x) + y^2", start=(1, 1), lanes=(SGD(lr=0.3),), steps=30)
    assert any(text.startswith("stops") for text in texts(descend(spec)))


def test_the_saddle_is_left_where_the_gradient_has_grown_again() -> None:
    spec = DescentSpec(surface="saddle", start=(1.6, 0.0001), lanes=(SGD(lr=0.05),), steps=200)
    descent = descend(spec)
    step = texts(descent)["leaves the saddle"]
    slope = descent.runs[0].columns["gradient_norm"]
    least = int(slope[:step].argmin())
    assert np.hypot(*descent.runs[0].positions[least]) < 0.1  # the saddle of this surface is at (0, 0)
    assert slope[step] >= 10 * slope[least] > slope[step - 1]


def test_a_valley_with_a_small_gradient_is_no_saddle() -> None:
    """Rosenbrock's valley curves up and down at some places, but the surface has no saddle."""
    descent = descend(DescentSpec())
    assert not any("leaves the saddle" in texts(descent, number) for number in range(len(descent.runs)))


@pytest.mark.parametrize("lane", [SGD(lr=0.05), SGD(lr=10.0)])
def test_a_divergence_is_marked_at_the_last_point_in_the_picture(lane: Lane) -> None:
    descent = descend(DescentSpec(surface="himmelblau", start=(0, -1), lanes=(lane,), steps=150))
    (run,) = descent.runs
    step = texts(descent)[f"diverges, step {run.steps + 1}"]
    (left, right), (low, high) = descent.surface.domain
    inside = [left <= x <= right and low <= y <= high for x, y in run.positions]
    assert inside[step] and not any(inside[step + 1 :])


def read_place(text: str) -> list[str]:
    return text[text.index("(") + 1 : text.index(")")].split(", ")


def test_the_finding_has_the_numbers_of_the_table() -> None:
    spec = DescentSpec(surface="booth", start=(-7, 8), lanes=(SGD(lr=0.05), HeavyBall(lr=0.05)), steps=400)
    descent = descend(spec)
    ends = sorted(outcomes(descent), key=lambda end: end.arrived or 0)
    assert finding(descent) == (
        f"{ends[0].label} reaches the global minimum in {ends[0].arrived} steps, {ends[1].label} in {ends[1].arrived}."
    )


def test_the_finding_tells_who_is_not_there_and_how_low_they_came() -> None:
    spec = QUADRATIC.but(lanes=(SGD(lr=0.0001), SGD(lr=0.0002)), steps=10)
    descent = descend(spec)
    slow, less_slow = descent.runs
    assert finding(descent) == (
        f"Not there yet after 10 steps: {less_slow.label} at loss {less_slow.columns['loss'][-1]:.3g} and "
        f"{slow.label} at loss {slow.columns['loss'][-1]:.3g}."
    )


def test_a_place_that_a_search_found_has_no_more_digits_than_the_picture() -> None:
    """Momentum ends in a minimum of the visitor's formula that lies on the axis y = 0, by symmetry."""
    descent = descend(next(preset.spec for preset in PRESETS if preset.title == "Own formula"))
    sgd, momentum, adam = outcomes(descent)
    low, high = (float(coordinate) for coordinate in read_place(momentum.verdict))
    assert high == 0 and low == pytest.approx(descent.runs[1].positions[-1][0], abs=1e-3)
    assert finding(descent) == (
        f"SGD {sgd.verdict.replace('reached', 'reaches')} in {sgd.arrived} steps, Adam in {adam.arrived}, "
        f"Momentum {momentum.verdict.replace('reached', 'reaches')} in {momentum.arrived}."
    )


def test_the_finding_names_the_saddle_in_which_newton_rests() -> None:
    spec = DescentSpec(surface="saddle", start=(1.6, 0.0001), lanes=(Adam(lr=0.05), Newton(lr=0.3)), steps=200)
    assert finding(descend(spec)).endswith("; Newton rests at a saddle.")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_each_question_has_one_answer_that_came_true(preset: Preset[DescentSpec]) -> None:
    if preset.question and preset.question.beside:  # it asks for a mark
        assert not preset.question.answers
        return
    assert preset.question and 2 <= len(preset.question.answers) <= 4
    assert 0 <= preset.question.right(descend(preset.spec)) < len(preset.question.answers)


def test_who_is_first_has_the_least_steps_of_those_that_arrive() -> None:
    descent = descend(PRESETS[2].spec)  # the saddle: four of five arrive
    arrived = {end.label: end.arrived for end in outcomes(descent) if end.arrived is not None}
    assert first(descent) == (min(arrived, key=lambda label: arrived[label]),)
    tied = descend(DescentSpec(surface="booth", lanes=(SGD(lr=0.1), SGD(lr=0.1)), steps=200))
    assert len(first(tied)) == 2
    assert first(descend(DescentSpec(surface="booth", lanes=(SGD(lr=1e-6),), steps=5))) == ()
