"""No slope of a random formula is NaN where it exists, and all are exact: 20,000 formulas (about six minutes).

The slopes come from autograd. They are compared with central differences in 80 digits, by mpmath. A kink, where the two
one-sided differences disagree, has no slope to compare with, but the slope there must be a number too. Functions that
jump (sign, floor, ceil, mod) are not drawn.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import mpmath
import torch
from mpmath import mp

from benchmarks._report import Figure, report
from engine.formula import FormulaError, functions, parse_formula

FORMULAS, COMPARED = 20_000, 4
EDGES = [0.0, 1.0, -1.0, 0.5, -0.5, 1e-8, -1e-8, 800.0, -800.0]
STEP, NEAR, INFINITE = mp.mpf(10) ** -25, mp.mpf(10) ** -11, mp.mpf(10) ** 12

LARGE = mp.mpf(10) ** 1000  # beyond it, an exponential takes too much memory

Value = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Tree:
    """A formula as text and as a function of two numbers of mpmath."""

    text: str
    value: Value


ONE: dict[str, Callable[[Any], Any]] = {
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "asin": mp.asin, "acos": mp.acos, "atan": mp.atan, "sinh": mp.sinh,
    "cosh": mp.cosh, "tanh": mp.tanh, "asinh": mp.asinh, "exp": mp.exp, "log": mp.log, "log2": lambda a: mp.log(a, 2),
    "log10": mp.log10, "sqrt": mp.sqrt, "cbrt": lambda a: mp.sign(a) * mp.cbrt(abs(a)), "abs": abs, "erf": mp.erf,
    "relu": lambda a: max(a, mp.mpf(0)), "sigmoid": lambda a: 1 / (1 + mp.exp(-a)),
    "softplus": lambda a: mp.log(1 + mp.exp(a)), "cot": mp.cot, "sec": mp.sec, "csc": mp.csc, "acosh": mp.acosh,
    "atanh": mp.atanh, "-": lambda a: -a,
}  # fmt: skip
TWO: dict[str, Callable[[Any, Any], Any]] = {"min": min, "max": max, "hypot": mp.hypot, "atan2": mp.atan2}
POWERS = ["2", "3", "4", "5", "0.5", "1.5", "(1/3)", "(-1)", "(-2)"]


def real(value: Any) -> Any:
    """``value``, if it is a real number of at most 1,000 digits. Raises ValueError."""
    if not isinstance(value, mpmath.mpf) or not mp.isfinite(value) or abs(value) > LARGE:
        raise ValueError
    return value


def joined(function: Callable[..., Any], *parts: Tree) -> Value:
    return lambda x, y: real(function(*(part.value(x, y) for part in parts)))


def grown(draw: random.Random, depth: int) -> Tree:
    """A random formula of at most ``depth`` levels."""
    if depth == 0 or draw.random() < 0.15:
        if draw.random() < 0.75:
            name = draw.choice("xy")
            return Tree(name, (lambda x, y: x) if name == "x" else (lambda x, y: y))
        number = draw.choice(["2", "3", "0.5", "0.1", "10", "1", "pi", "e"])
        return Tree(number, lambda x, y: mp.mpf({"pi": math.pi, "e": math.e}.get(number, number)))
    kind = draw.random()
    first = grown(draw, depth - 1)
    if kind < 0.35:
        name = draw.choice(list(ONE))
        return Tree(f"{name}({first.text})", joined(ONE[name], first))
    if kind < 0.5:
        power = draw.choice(POWERS)
        exponent = mp.mpf(1) / 3 if power == "(1/3)" else mp.mpf(power.strip("()"))
        return Tree(f"({first.text})^{power}", joined(lambda a: mp.power(a, exponent), first))
    second = grown(draw, depth - 1)
    while second.text == first.text:  # x - x cancels to the last bit, and so do its slopes
        second = grown(draw, depth - 1)
    if kind < 0.6:
        name = draw.choice(list(TWO))
        return Tree(f"{name}({first.text}, {second.text})", joined(TWO[name], first, second))
    sign, function = draw.choice([
        ("+", lambda a, b: a + b), ("-", lambda a, b: a - b), ("*", lambda a, b: a * b), ("/", lambda a, b: a / b),
        ("^", mp.power),
    ])  # fmt: skip
    return Tree(f"({first.text}){sign}({second.text})", joined(function, first, second))


def differences(value: Value, point: list[float], axis: int, step: Any) -> tuple[Any, Any] | None:
    """The one-sided differences along an axis. None if f is not finite somewhere, or its slope is infinite."""
    x, y = map(mp.mpf, point)
    dx, dy = (step, 0) if axis == 0 else (0, step)
    try:
        here, after, before = value(x, y), value(x + dx, y + dy), value(x - dx, y - dy)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    sides = (after - here) / step, (here - before) / step
    return None if max(map(abs, sides)) > INFINITE else sides


def smooth(value: Value, point: list[float], axis: int, computed: float) -> bool:
    """Whether float64 can give the slope of f here: the value of f is exact, and no kink is too near."""
    if abs(value(*map(mp.mpf, point)) - computed) > 1e-9 * abs(computed):
        return False  # a number inside the formula has overflowed, or was rounded away
    for step in (STEP, NEAR * max(abs(point[axis]), 1e-3)):
        sides = differences(value, point, axis, step)
        if sides is None or abs(sides[0] - sides[1]) > 1e-3 * max(map(abs, sides)):
            return False
    return True


class Edges:
    """Notes the points of a batch where a function's slope is 0 by rule, because it is not a finite number."""

    def __init__(self) -> None:
        self.plain, self.mask = functions.guarded, torch.zeros(())
        functions.guarded = self.guarded

    def guarded(self, f: Any, ok: torch.Tensor, *arguments: torch.Tensor, anchor: float = 0.5) -> torch.Tensor:
        self.mask = self.mask.bool() | ~ok
        return self.plain(f, ok, *arguments, anchor=anchor)


def slopes_of(f: Callable[..., torch.Tensor], points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The values of f, [n], and its slopes, [n, 2]."""
    at = points.clone().requires_grad_()
    values = f(*at.unbind(-1))
    return values.detach(), torch.autograd.grad(values.sum(), at)[0]


def main() -> None:
    torch.set_num_threads(1)
    mp.dps = 80
    edge = Edges()
    draw = random.Random(13)
    edges = [list(point) for point in product(EDGES, EDGES)]
    read = slopes = missing = compared = wrong = at_edges = 0
    while read < FORMULAS:
        tree = grown(draw, draw.randint(1, 4))
        try:
            f = parse_formula(tree.text).f
        except FormulaError:  # it is a constant, or too long
            continue
        read += 1
        points = edges + [[draw.uniform(-3, 3), draw.uniform(-3, 3)] for _ in range(COMPARED)]
        at = torch.tensor(points, dtype=torch.float64)
        edge.mask = torch.zeros(len(points))
        values, found = slopes_of(f, at)
        ruled = edge.mask.bool()
        # If rounding decides which slope is computed, points that differ only by rounding have different slopes.
        beside = torch.stack(
            [slopes_of(f, at * (1 + nudge * 1e-13) + nudge * 1e-12 * (at == 0))[1] for nudge in (-7, -2, 1, 3, 5)]
        )
        finite = values.isfinite()
        slopes += 2 * int(finite.sum())
        chosen = {*range(len(edges), len(points)), *draw.sample(range(len(edges)), COMPARED)}
        for index in finite.nonzero()[:, 0].tolist():
            for axis in (0, 1):
                slope = float(found[index, axis])
                lost = slope != slope
                if not lost and index not in chosen:
                    continue
                if (sides := differences(tree.value, points[index], axis, STEP)) is None:
                    continue
                right, left = sides
                if lost:
                    missing += 1
                    print("NaN:", tree.text, points[index], "xy"[axis], mp.nstr(right, 8), mp.nstr(left, 8), flush=True)
                    continue
                size = max(abs(right), abs(left), abs(mp.mpf(float(values[index]))), 1)
                if not smooth(tree.value, points[index], axis, float(values[index])):
                    continue
                if float((beside[:, index, axis] - slope).abs().max()) > 1e-7 * size:
                    continue
                compared += 1
                if abs((right + left) / 2 - slope) > 1e-6 * size:
                    if ruled[index]:
                        at_edges += 1
                        continue
                    wrong += 1
                    print("wrong:", tree.text, points[index], "xy"[axis], slope, mp.nstr(right, 8), flush=True)
    report(
        __file__,
        [
            Figure("slopes that are NaN where the differences are finite", missing, "", 0),
            Figure("slopes that differ by more than 1e-6", wrong, "", 0),
            Figure(
                "more of them where a number was rounded to the edge of a domain, so that the slope is 0", at_edges, ""
            ),
        ],
        conditions=f"{read:,} formulas, {slopes:,} slopes where f is finite, {compared:,} compared.",
    )


if __name__ == "__main__":
    main()
