"""Formulas have the variables that their reader receives. Tested: names, the order of arguments, and messages."""

import math

import pytest
import torch

from engine.formula import FormulaError, functions, parse_formula


def refusal(text: str, *variables: str) -> str:
    with pytest.raises(FormulaError) as caught:
        parse_formula(text, variables)
    return caught.value.message


def test_a_formula_of_one_variable() -> None:
    formula = parse_formula("x*sigmoid(1.702*x) + max(x, 2)", ("x",))
    x = torch.linspace(-3, 3, 7, dtype=torch.float64, requires_grad=True)
    expected = [a / (1 + math.exp(-1.702 * a)) + max(a, 2) for a in x.tolist()]
    torch.testing.assert_close(formula.f(x), torch.tensor(expected, dtype=torch.float64))
    torch.testing.assert_close(eval(formula.source, {**vars(functions), "x": x}), formula.f(x), rtol=0, atol=0)
    (slope,) = torch.autograd.grad(formula.f(x).sum(), x)
    assert slope.isfinite().all()


def test_variables_are_arguments_in_the_order_given() -> None:
    a, b, rate = torch.tensor([2.0, 3.0, 5.0]).unbind()
    assert float(parse_formula("a - rate*b", ("a", "b", "rate")).f(a, b, rate)) == -13
    assert float(parse_formula("a - rate*b", ("rate", "b", "a")).f(a, b, rate)) == -1


def test_every_formula_has_the_shape_of_its_variables() -> None:
    t = torch.zeros(3, 4)
    for text in ("t", "0*t + 3", "t^0", "min(2, max(t, 1))", "2^t"):
        assert parse_formula(text, ("t", "u")).f(t, t).shape == (3, 4)


def test_the_names_stand_in_source_and_latex() -> None:
    formula = parse_formula("rate*t^2", ("t", "rate"))
    assert formula.source == "rate*t**2"
    assert formula.formula == r"\mathrm{rate} t^{2}"


def test_messages_name_the_variables_given() -> None:
    assert "an expression in t, such as t^2" in refusal("", "t")
    assert "an expression in u, v and w, such as u^2 + v^2" in refusal("", "u", "v", "w")
    assert "uses no t, so" in refusal("1 + pi", "t")
    assert "uses none of u, v and w, so" in refusal("1 + pi", "u", "v", "w")
    assert "such as sin(t)" in refusal("sin t", "t")
    assert "such as max(t, 1)" in refusal("max(t)", "t")
    assert "|t| as abs(t)" in refusal("|t|", "t")
    assert "write 2*t" in refusal("2t", "t")
    assert "write t*rate" in refusal("trate", "t", "rate")
    assert "the variables here are t and rate" in refusal("trate2", "t", "rate")
    assert refusal("x", "t").startswith("x is not known. Known are t, pi, e, sin,")


@pytest.mark.parametrize(
    "variables",
    [
        (),
        ("",),
        ("x y",),
        ("2x",),
        ("_",),
        ("x", "x"),
        ("e",),
        ("sin",),
        ("ln",),
        ("product",),
        ("in",),
        ("torch",),
        ("é",),
    ],
)
def test_a_name_that_cannot_be_a_variable_is_refused(variables: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="variable"):
        parse_formula("1 + 1", variables)
