"""Surfaces with several basins: the start and the noise decide which minimum is found."""

import math

import torch
from torch import Tensor

from engine.surfaces.surface import Surface


def himmelblau(x: Tensor, y: Tensor) -> Tensor:
    a, b = x * x + y - 11, x + y * y - 7
    return a * a + b * b


def styblinski_tang(x: Tensor, y: Tensor) -> Tensor:
    x2, y2 = x * x, y * y
    return 0.5 * (x2 * (x2 - 16) + 5 * x + y2 * (y2 - 16) + 5 * y)


def camel3(x: Tensor, y: Tensor) -> Tensor:
    x2 = x * x
    return x2 * (2 - 1.05 * x2 + x2 * x2 / 6) + x * y + y * y


def camel6(x: Tensor, y: Tensor) -> Tensor:
    x2, y2 = x * x, y * y
    return x2 * (4 - 2.1 * x2 + x2 * x2 / 3) + x * y + y2 * (4 * y2 - 4)


def goldstein_price(x: Tensor, y: Tensor) -> Tensor:
    a, b = x + y + 1, 2 * x - 3 * y
    x2, xy, y2 = x * x, x * y, y * y
    first = 1 + a * a * (19 - 14 * x + 3 * x2 - 14 * y + 6 * xy + 3 * y2)
    return first * (30 + b * b * (18 - 32 * x + 12 * x2 + 48 * y - 36 * xy + 27 * y2))


def mccormick(x: Tensor, y: Tensor) -> Tensor:
    d = x - y
    return torch.sin(x + y) + d * d - 1.5 * x + 2.5 * y + 1


def rastrigin(x: Tensor, y: Tensor) -> Tensor:
    return 20 + x * x + y * y - 10 * (torch.cos(2 * math.pi * x) + torch.cos(2 * math.pi * y))


def ackley(x: Tensor, y: Tensor) -> Tensor:
    # A cone at the origin. There the gradient of vector_norm is 0, a subgradient; sqrt(x^2 + y^2) would give NaN.
    radius = torch.linalg.vector_norm(torch.stack((x, y), -1), dim=-1)
    waves = 0.5 * (torch.cos(2 * math.pi * x) + torch.cos(2 * math.pi * y))
    return 20 - 20 * torch.exp(-0.2 * math.sqrt(0.5) * radius) + (math.e - torch.exp(waves))


def levy(x: Tensor, y: Tensor) -> Tensor:
    # The textbook's w = 1 + (x - 1)/4 is 1 + u here. A squared sine has period pi, so the 1 drops out of it.
    u, v = 0.25 * (x - 1), 0.25 * (y - 1)
    first, middle, last = torch.sin(math.pi * u), torch.sin(math.pi * u + 1), torch.sin(2 * math.pi * v)
    return first * first + u * u * (1 + 10 * middle * middle) + v * v * (1 + last * last)


MULTIMODAL = {
    "himmelblau": Surface(
        label="Himmelblau",
        formula=r"(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
        about="Four equally deep minima around one maximum: a small change of the start or the rate leads to another "
        "minimum.",
        f=himmelblau,
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(-0.5, -1.0),
        minima=(
            (3.0, 2.0),
            (-2.8051180869527449, 3.1313125182505730),
            (-3.7793102533777469, -3.2831859912861694),
            (3.5844283403304917, -1.8481265269644036),
        ),
        source=("Wikipedia, Himmelblau's function", "https://en.wikipedia.org/wiki/Himmelblau%27s_function"),
    ),
    "styblinski-tang": Surface(
        label="Styblinski-Tang",
        formula=r"\tfrac{1}{2} (x^4 - 16x^2 + 5x + y^4 - 16y^2 + 5y)",
        about="Four minima of different depth; both coordinates pose the same problem. Gradient descent finds the "
        "nearest minimum. Momentum may carry it on to a deeper one.",
        f=styblinski_tang,
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(0.5, 4.5),
        minima=(
            (-2.9035340277711771, -2.9035340277711771),
            (2.7468027709908370, -2.9035340277711771),
            (-2.9035340277711771, 2.7468027709908370),
            (2.7468027709908370, 2.7468027709908370),
        ),
        source=("Surjanovic & Bingham, Styblinski-Tang Function", "https://www.sfu.ca/~ssurjano/stybtang.html"),
    ),
    "camel3": Surface(
        label="Three-hump camel",
        formula=r"2x^2 - 1.05x^4 + \tfrac{1}{6} x^6 + xy + y^2",
        about="A shallow minimum on each side of the global one: descent that starts outside stays outside.",
        f=camel3,
        domain=((-2.5, 2.5), (-2.5, 2.5)),
        start=(-2.2, 2.2),
        minima=((0.0, 0.0), (1.7475523458302890, -0.87377617291514445), (-1.7475523458302890, 0.87377617291514445)),
        source=("Surjanovic & Bingham, Three-Hump Camel Function", "https://www.sfu.ca/~ssurjano/camel3.html"),
    ),
    "camel6": Surface(
        label="Six-hump camel",
        formula=r"\left(4 - 2.1x^2 + \tfrac{1}{3} x^4\right) x^2 + xy + (4y^2 - 4) y^2",
        about="Six minima in three pairs, the deepest in the middle: the length of the steps decides which is reached.",
        f=camel6,
        domain=((-2.2, 2.2), (-1.2, 1.2)),
        start=(-2.0, 1.1),
        minima=(
            (0.089842013100318062, -0.71265640302073963),
            (-0.089842013100318062, 0.71265640302073963),
            (1.7036067149699808, -0.79608356867262512),
            (-1.7036067149699808, 0.79608356867262512),
            (1.6071047529201972, 0.56865145488413137),
            (-1.6071047529201972, -0.56865145488413137),
        ),
        source=("Surjanovic & Bingham, Six-Hump Camel Function", "https://www.sfu.ca/~ssurjano/camel6.html"),
    ),
    "goldstein-price": Surface(
        label="Goldstein-Price",
        formula=r"\begin{aligned} &\left(1 + (x + y + 1)^2 (19 - 14x + 3x^2 - 14y + 6xy + 3y^2)\right) \\ "
        r"&\cdot \left(30 + (2x - 3y)^2 (18 - 32x + 12x^2 + 48y - 36xy + 27y^2)\right) \end{aligned}",
        about="Values from 3 to a million over a small square: a rate that is stable on the walls is far too small on "
        "the floor.",
        f=goldstein_price,
        domain=((-2.0, 2.0), (-2.0, 2.0)),
        start=(-1.5, 0.5),
        minima=((0.0, -1.0), (-0.6, -0.4), (1.8, 0.2), (1.2, 0.8)),
        source=("Surjanovic & Bingham, Goldstein-Price Function", "https://www.sfu.ca/~ssurjano/goldpr.html"),
    ),
    "mccormick": Surface(
        label="McCormick",
        formula=r"\sin(x + y) + (x - y)^2 - 1.5x + 2.5y + 1",
        about="A slanted valley with a wave along its floor. Gradient descent stops in the first dip. With too much "
        "momentum it passes all dips.",
        f=mccormick,
        domain=((-1.5, 4.0), (-3.0, 4.0)),
        start=(3.5, 3.5),
        minima=((-0.54719755119659775, -1.5471975511965977), (2.5943951023931955, 1.5943951023931955)),
        source=("Surjanovic & Bingham, McCormick Function", "https://www.sfu.ca/~ssurjano/mccorm.html"),
    ),
    "rastrigin": Surface(
        label="Rastrigin",
        formula=r"20 + x^2 - 10 \cos 2\pi x + y^2 - 10 \cos 2\pi y",
        about="A bowl with 121 regular dimples: descent stops in the nearest one. Only long steps or noise follow the "
        "bowl.",
        f=rastrigin,
        domain=((-5.12, 5.12), (-5.12, 5.12)),
        start=(-3.4, 2.6),
        minima=((0.0, 0.0),),
        source=("Surjanovic & Bingham, Rastrigin Function", "https://www.sfu.ca/~ssurjano/rastr.html"),
        complete=False,
    ),
    "ackley": Surface(
        label="Ackley",
        formula=r"20 - 20 e^{-0.2 \sqrt{(x^2 + y^2)/2}} + e - e^{(\cos 2\pi x + \cos 2\pi y)/2}",
        about="The global minimum is the tip of a cone: near it the gradient does not become shorter, so a constant "
        "rate never settles.",
        f=ackley,
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(-2.6, 3.4),
        minima=((0.0, 0.0),),
        source=("Surjanovic & Bingham, Ackley Function", "https://www.sfu.ca/~ssurjano/ackley.html"),
        complete=False,
    ),
    "levy": Surface(
        label="Levy",
        formula=r"\sin^2 \pi w + (w - 1)^2 \left(1 + 10 \sin^2(\pi w + 1)\right) + (v - 1)^2 (1 + \sin^2 2\pi v), "
        r"\quad w = 1 + \tfrac{x - 1}{4}, \; v = 1 + \tfrac{y - 1}{4}",
        about="A bowl with ridges across it in both directions: short steps stop in the first trough, long steps "
        "pass the ridges.",
        f=levy,
        domain=((-10.0, 10.0), (-10.0, 10.0)),
        start=(-6.0, 7.0),
        minima=((1.0, 1.0),),
        source=("Surjanovic & Bingham, Levy Function", "https://www.sfu.ca/~ssurjano/levy.html"),
        complete=False,
    ),
}
