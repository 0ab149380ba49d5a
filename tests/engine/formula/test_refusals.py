"""Text that is no formula is refused. The message says where the error is and what to do. Hostile text is never run."""

import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.formula import FormulaError, parse_formula
from engine.formula.checks import DEEPEST, LONGEST
from engine.formula.hints import CALLS
from engine.formula.reader import MOST_NODES


def refusal(text: str) -> FormulaError:
    with pytest.raises(FormulaError) as caught:
        parse_formula(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        ("2x", 2, r"write 2\*x"),
        ("x + 3(y-1)", 6, r"write 3\*\(...\)"),
        ("(x)(y)", 4, r"write \(...\)\*\(...\)"),
        ("x(y)", 2, r"write x\*\(...\)"),
        ("x^2 y", 5, r"write 2\*y"),
        ("xy", 1, r"write x\*y"),
        ("x2", 1, "the variables here are x and y"),
        ("x_1 + y", 1, "the variables here are x and y"),
        ("3*x12", 3, "the variables here are x and y"),
        ("sinx", 1, r"write sin\(x\)"),
        ("e^2x", 4, r"write \^\(2\*x\), or \^2\*x"),
        ("1/xy", 3, r"write /\(x\*y\), or /x\*y"),
        ("sin^-1(x)", 4, r"write asin\(x\) for the inverse function, or 1/sin\(x\)"),
        ("tan^(-1)(x)", 4, r"write atan\(x\) for the inverse"),
        ("max x y", 5, r"max needs its arguments in brackets, such as max\(x, y\)"),
        ("x + atan2", 10, r"such as atan2\(x, y\)"),
        ("max^2(x, y)", 4, r"such as max\(x, y\)\^2"),
        ("sec^-1(x)", 4, r"write 1/sec\(x\) for the reciprocal; the inverse function is not known"),
        ("log(x,10)", 1, r"write log10\(x\) for the logarithm to base 10$"),
        ("ln(x*y, 2)", 1, r"ln takes 1 argument: write log2\(x\*y\) for the logarithm to base 2$"),
        ("log(x^2, y + 1)", 1, r"write log\(x\^2\)/log\(y \+ 1\) for the logarithm to base y \+ 1$"),
        ("log(10, x)", 1, r"write log\(10\)/log\(x\) for .* to base x, or log10\(x\) for .* to base 10$"),
        ("log(0,5*x)", 1, "decimals are written 0.5"),
        ("arctan(y, x)", 1, r"arctan takes 1 argument: write atan2\(y, x\) for the angle of the point \(x, y\)"),
        ("max(x, y, 1)", 1, r"write max\(x, max\(y, 1\)\)$"),
        ("sinxy", 1, r"write sin\(x\*y\), or sin\(x\)\*y$"),
        ("1/sinxy", 3, r"write sin\(x\*y\), or \(sin\(x\)\*y\)$"),
        ("sinxy^2", 1, r"write sin\(x\*y\)\^, or sin\(x\*y\^...\), or sin\(x\)\*y\^$"),
        ("2*xsinpiy", 3, r"write x\*sin\(pi\*y\)$"),
        ("sinxcosy", 1, r"write sin\(x\)\*cos\(y\)$"),
        ("maxxy", 1, r"write max\(x, y\)$"),
        ("log_2(x)", 1, r"write log2\(x\)$"),
        ("sine", 1, "did you mean sin"),
        ("sіn(x)", 2, "і looks like i, but it is the character CYRILLIC .* I: type sin$"),
        ("x + ехр(y)", 5, "е looks like e, but it is the character CYRILLIC SMALL LETTER IE: type exp$"),
        ("sın(x)", 2, "DOTLESS I: type sin$"),
        ("x*lοg(y)", 4, "GREEK SMALL LETTER OMICRON: type log$"),
        ("2*хy", 3, "CYRILLIC SMALL LETTER HA: type x$"),
        ("сx", 1, "с looks like c, but it is the character CYRILLIC SMALL LETTER ES$"),
        ("x^", 3, r"after \^$"),
        ("sinx^2", 1, r"write sin\(x\)\^, or sin\(x\^...\)"),
        ("sin2x", 1, r"write sin\(2\*x\)"),
        ("x mod 2", 3, r"write mod\(x, ...\)"),
        ("x % 2", 3, r"a remainder as mod\(x, 2\)"),
        ("x₁ + y", 2, "the variables here are x and y"),
        ("root(x, 3)", 1, r"write cbrt\(x\) for the third root"),
        ("exp(-0,5*x)", 1, "decimals are written 0.5"),
        ("2*πx", 3, r"write pi\*x"),
        ("sin(x, y) = x", 1, "right-hand side"),
        ("x^^2", 3, r"between \^ and \^"),
        ("sin^2 x", 4, r"such as sin\(x\)\^2"),
        ("lg(x)", 1, r"write log10\(x\) for the logarithm to base 10, or log2\(x\)"),
        ("step(x)", 1, r"write \(1 \+ sign\(x\)\)/2"),
        ("X^2", 1, r"did you mean x\?"),
        ("х + y", 1, "х looks like x, but it is the character CYRILLIC SMALL LETTER HA: type x"),
        ("x + ｙ", 5, "looks like y, but it is the character FULLWIDTH LATIN SMALL LETTER Y: type y"),
        ("𝑥 + y", 1, "MATHEMATICAL ITALIC SMALL X: type x"),
        ("½x", 1, r"type \(1/2\)"),
        ("x⁻²", 2, r"such as x\^\(-1\)"),
        ("x¹⁰", 3, r"x\^23"),
        ("∛x", 1, r"cbrt\(x\)"),
        ("f(x) = x", 1, r"right-hand side, without f\(x\) ="),
        ("f(y, x) = x*y", 1, "right-hand side"),
        ("²x", 1, "before"),
        ("x²³", 3, r"x\^23"),
        ("x + foo", 5, "foo is not known"),
        ("sine(x)", 1, r"did you mean sin\?"),
        ("Cos(x)", 1, r"did you mean cos\?"),
        ("x^2 + (y", 9, "character 7 is not closed"),
        ("x) + y", 2, "no opening bracket"),
        ("z = x", 1, "right-hand side, without z ="),
        ("x = y", 3, "right-hand side"),
        ("x.real", 2, "inside a number"),
        ("x +", 4, r"after \+"),
        ("x + * y", 5, r"between \+ and \*"),
        ("x // y", 4, "between / and /"),
        ("sin x", 5, "in brackets"),
        ("x + sin", 8, "in brackets"),
        ("sin()", 5, r"between \( and \)"),
        ("sin(x, y)", 1, "takes 1 argument,"),
        ("x + min(x)", 5, "takes 2 arguments,"),
        ("x, y", 2, "comma"),
        ("(x, y)", 3, "comma"),
        ("max((x, y), 1)", 7, "comma"),
        ("0,5*x", 2, "0.5"),
        ("x*1e999", 3, "too large"),
        ("1 + pi", 1, "neither x nor y"),
        ("9^9^9^9^9", 1, "neither x nor y"),
        ("x + 007", 5, "leading zeros"),
        ("|x|", 1, "abs"),
        ("x[0]", 2, "the variables here are x and y"),
        ("[x]", 1, "round brackets"),
        ("x # y", 3, "# has no meaning"),
        ("x\0", 2, r"U\+0000"),
        ("x + \ud800", 5, r"U\+D800"),
        ("x + 😀", 5, "no meaning"),
        ("x ^ 2 = 4", 7, "right-hand side"),
        ("π × 2 = x", 7, "right-hand side"),
    ],
)
def test_a_mistake_is_pointed_at_and_explained(text: str, column: int, said: str) -> None:
    error = refusal(text)
    assert error.column == column
    assert re.search(said, error.message)
    assert str(column) in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "x.__class__.__bases__",
        "().__class__",
        "lambda: x",
        "[x for x in (1, 2)]",
        "(x := 3)",
        "f'{x}'",
        "'x' * 9",
        "x if y else 1",
        "x and y",
        "not x",
        "x < y",
        "x @ y",
        "x % 2",
        "~x",
        "x; y",
        "x\\\n+y",
        "yield x",
        "await x",
        "max(*x)",
        "max(**x)",
        "max(x, key=y)",
        "eval(x)",
        "torch",
        "True * x",
        "1j * x",
        "0x1F * x",
        "1_000 * x",
        "...",
        "ｘ + 1",
        "x\u202e+y",
        "9" * 10_000,
        "x" * 10_000,
        "(" * 10_000 + "x" + ")" * 10_000,
        "(" * 140 + "x" + ")" * 140,
        "-" * 299 + "x",
        "sin(" * 60 + "x" + ")" * 60,
        "x" + "^x" * 100,
        "+".join(["x"] * 100),
        "\0" * 300,
    ],
)
def test_nothing_but_arithmetic_gets_through(text: str) -> None:
    assert 1 <= refusal(text).column <= len(text) + 1


@pytest.mark.parametrize("function", CALLS)
def test_what_is_suggested_for_glued_letters_is_a_formula_with_that_function(function: str) -> None:
    single = CALLS[function].arguments == 1
    for letters in ("xy", "yx") if not single else ("x", "y", "xy", "pix", "xyx"):
        inside = re.findall("pi|x|y", letters)
        found = refusal(function + letters).message.partition("write ")[2].split(", or ")
        whole = f"{function}({'*'.join(inside)})" if single else f"{function}({', '.join(inside)})"
        formulas = [parse_formula(text.partition(" for ")[0]).formula for text in found]
        assert formulas[0] == parse_formula(whole).formula
        if single and len(inside) > 1 and "pi" not in inside:
            assert formulas[1:] == [parse_formula(f"{function}({inside[0]})*{'*'.join(inside[1:])}").formula]


def test_the_limits_are_where_they_are_said_to_be() -> None:
    assert parse_formula("x" + " " * (LONGEST - 1)).text
    assert "characters" in refusal("x" + " " * LONGEST).message
    assert parse_formula("-" * (DEEPEST - 1) + "x").nodes == DEEPEST
    assert "too deep" in refusal("-" * DEEPEST + "x").message
    assert parse_formula("(" * DEEPEST + "x" + ")" * DEEPEST).nodes == 1
    error = refusal("(" * (DEEPEST + 1) + "x" + ")" * (DEEPEST + 1))
    assert "brackets are nested too deep" in error.message and error.column == DEEPEST + 1
    pairs = "+".join(["x*y"] * 30)
    assert parse_formula(pairs).nodes == MOST_NODES - 1
    assert "too many parts" in refusal(pairs + "+x").message


characters = st.text(st.sampled_from("xyepi0123456789.+-*/^(), sincoexpmaxlg²π×_='\"[]\0"), max_size=40)


@settings(deadline=2000, max_examples=500)
@given(st.text(max_size=400) | characters | st.text(st.characters(), max_size=20).map("x + {}".format))
def test_any_text_is_read_or_refused_with_a_place_in_it(text: str) -> None:
    try:
        formula = parse_formula(text)
    except FormulaError as error:
        assert 1 <= error.column <= len(text) + 1  # noqa: PT017
        str(error).encode()
    else:
        assert formula.f(torch.zeros(3), torch.ones(3)).shape == (3,)


def test_a_formula_may_have_as_many_parts_as_are_read_and_no_more() -> None:
    row = "+".join(["x"] * 15)
    sums = "+".join([f"({row})"] * 4)  # each x and each sum counts as one part
    assert MOST_NODES == 2 * 60 - 1 + 1
    assert parse_formula(f"-({sums})").text
    assert "too many parts" in refusal(f"-(-({sums}))").message
