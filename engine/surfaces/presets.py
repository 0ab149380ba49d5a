"""Races worth seeing."""

from engine.experiment import Preset
from engine.optimizers.adaptive import Adam, AdamW, RMSprop
from engine.optimizers.curvature import Newton
from engine.optimizers.gradient import SGD, HeavyBall
from engine.surfaces.spec import DescentSpec

PRESETS = (
    Preset(
        "Momentum in a ravine",
        "A quadratic with condition number 100, each method at its best rate. Gradient descent shrinks the error by "
        "0.980 a step, heavy ball in the long run by 0.818, ten times as much on a logarithmic scale. No other rate or "
        "momentum does better here.",
        "map",
        DescentSpec(
            surface="quadratic",
            condition=100,
            rotation=30,
            start=(-1.6, 1.7),
            # 2 / (l1 + ln), and Polyak's rate and momentum, for curvatures 1 and 100.
            lanes=(SGD(lr=2 / 101), HeavyBall(lr=4 / 121, momentum=81 / 121)),
            steps=200,
        ),
    ),
    Preset(
        "Adam against AdamW",
        "Both have weight decay 1. In Adam it joins the gradient, as an L2 penalty, and the run ends at the penalized "
        "minimum (1.23, 2.56). AdamW shrinks the weights apart from the gradient, whose push in a step is about the "
        "rate at most: it ends at the edge of the box |x|, |y| ≤ 1/λ.",
        "map",
        DescentSpec(
            surface="booth",
            start=(-7, 8),
            lanes=(Adam(lr=0.1, weight_decay=1), AdamW(lr=0.1, weight_decay=1)),
            steps=400,
        ),
    ),
    Preset(
        "Saddle escape",
        "All start almost on the ridge that leads into the saddle. Newton's method is drawn to it and stays; gradient "
        "descent lingers until the unstable direction has grown; methods that rescale each coordinate leave at once.",
        "map",
        DescentSpec(
            surface="saddle",
            start=(1.6, 0.0001),
            lanes=(SGD(lr=0.05), HeavyBall(lr=0.02), RMSprop(lr=0.02), Adam(lr=0.05), Newton(lr=0.3)),
            steps=200,
        ),
    ),
    Preset(
        "Learning rates",
        "Gradient descent four times. From slow to fast: still on its way, there in 26 steps, hopping about the "
        "minimum for ever, gone. The table says at which step the last one broke, and why.",
        "map",
        DescentSpec(
            surface="himmelblau",
            start=(0, -1),
            lanes=(SGD(lr=0.0005), SGD(lr=0.01), SGD(lr=0.02), SGD(lr=0.05)),
            steps=150,
        ),
    ),
    Preset(
        "Around 2/λ",
        "The largest curvature is 20, so plain gradient descent is stable below a rate of 0.1. At 0.098 it hops across "
        "the valley and converges; at 0.102 each hop is longer than the last.",
        "map",
        DescentSpec(
            surface="quadratic",
            condition=20,
            rotation=30,
            start=(1.2, 1.5),
            lanes=(SGD(lr=0.098), SGD(lr=0.102)),
            steps=120,
        ),
    ),
    Preset(
        "Own formula",
        "Type any f(x, y) in the sidebar: its slopes are found by automatic differentiation, and its minima (★), "
        "saddles (×) and maxima (▲) by Newton's method.",
        "map",
        DescentSpec(
            surface="own",
            formula="sin(3*x)*cos(2*y) + (x^2 + y^2)/4",
            span=3,
            start=(-2.4, 2.2),
            lanes=(SGD(lr=0.05), HeavyBall(lr=0.03), Adam(lr=0.1)),
        ),
    ),
)
