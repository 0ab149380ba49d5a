"""Surfaces with one basin: bowls and curved valleys. Only their conditioning makes them hard."""

import math
from functools import partial

from torch import Tensor

from engine.surfaces.surface import Surface


def quadratic_form(x: Tensor, y: Tensor, condition: float, rotation: float) -> Tensor:
    cos, sin = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
    u, v = cos * x + sin * y, cos * y - sin * x
    return 0.5 * (condition * u * u + v * v)


def booth(x: Tensor, y: Tensor) -> Tensor:
    a, b = x + 2 * y - 7, 2 * x + y - 5
    return a * a + b * b


def matyas(x: Tensor, y: Tensor) -> Tensor:
    return 0.26 * (x * x + y * y) - 0.48 * x * y


def rosenbrock(x: Tensor, y: Tensor) -> Tensor:
    a, b = 1 - x, y - x * x
    return a * a + 100 * b * b


def beale(x: Tensor, y: Tensor) -> Tensor:
    y2 = y * y
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y2 * y
    return a * a + b * b + c * c


def quadratic(condition: float, rotation: float) -> Surface:
    """The surface 1/2 (``condition`` u^2 + v^2). Its axes (u, v) are turned anticlockwise by ``rotation`` degrees.

    The Hessian's eigenvalues are ``condition`` and 1. Raises ValueError if ``condition`` is not positive and finite
    or ``rotation`` is not finite.
    """
    if not (0 < condition < math.inf and math.isfinite(rotation)):
        raise ValueError(f"condition must be positive and finite, rotation finite; got {condition} and {rotation}")
    u = rf"(x \cos {rotation:g}^\circ + y \sin {rotation:g}^\circ)"
    v = rf"(y \cos {rotation:g}^\circ - x \sin {rotation:g}^\circ)"
    return Surface(
        label="Quadratic",
        formula=rf"\tfrac{{1}}{{2}} \left({condition:g} \, {u}^2 + {v}^2\right)",
        about="The ratio of its two curvatures, the condition number, decides how slow gradient descent is. "
        "Adam and similar methods rescale x and y separately, so a rotated valley takes away their advantage.",
        f=partial(quadratic_form, condition=condition, rotation=rotation),
        domain=((-4.0, 4.0), (-4.0, 4.0)),
        start=(-3.0, 3.0),
        minima=((0.0, 0.0),),
        source=("Goh, Why Momentum Really Works", "https://distill.pub/2017/momentum/"),
    )


VALLEYS = {
    "quadratic": quadratic(20, 30),
    "booth": Surface(
        label="Booth",
        formula=r"(x + 2y - 7)^2 + (2x + y - 5)^2",
        about="A mild quadratic with condition number 9. It should be easy for every optimizer.",
        f=booth,
        domain=((-10.0, 10.0), (-10.0, 10.0)),
        start=(-8.0, -6.0),
        minima=((1.0, 3.0),),
        source=("Surjanovic & Bingham, Booth Function", "https://www.sfu.ca/~ssurjano/booth.html"),
    ),
    "matyas": Surface(
        label="Matyas",
        formula=r"0.26 (x^2 + y^2) - 0.48 xy",
        about="A quadratic with condition number 25. Its long axis is the diagonal, so a rate for each coordinate "
        "does not help.",
        f=matyas,
        domain=((-10.0, 10.0), (-10.0, 10.0)),
        start=(-9.0, -4.0),
        minima=((0.0, 0.0),),
        source=("Surjanovic & Bingham, Matyas Function", "https://www.sfu.ca/~ssurjano/matya.html"),
    ),
    "rosenbrock": Surface(
        label="Rosenbrock",
        formula=r"(1 - x)^2 + 100 (y - x^2)^2",
        about="The floor of the valley is curved and 2,500 times flatter than its walls. Optimizers reach the floor "
        "quickly but follow it slowly.",
        f=rosenbrock,
        domain=((-2.0, 2.0), (-1.0, 3.0)),
        start=(-1.5, 2.0),
        minima=((1.0, 1.0),),
        source=("Surjanovic & Bingham, Rosenbrock Function", "https://www.sfu.ca/~ssurjano/rosen.html"),
    ),
    "beale": Surface(
        label="Beale",
        formula=r"(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
        about="Steep walls at the corners and a nearly flat middle: one learning rate must suit gradients that differ "
        "by a factor of a thousand.",
        f=beale,
        domain=((-4.5, 4.5), (-4.5, 4.5)),
        start=(1.0, 1.5),
        minima=((3.0, 0.5),),
        source=("Surjanovic & Bingham, Beale Function", "https://www.sfu.ca/~ssurjano/beale.html"),
    ),
}
