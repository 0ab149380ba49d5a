"""Races worth seeing."""

from dataclasses import dataclass

from engine.optimizers import CATALOGUE
from engine.surfaces.descent import DescentSpec

SGD, MOMENTUM, NESTEROV = CATALOGUE["sgd"], CATALOGUE["momentum"], CATALOGUE["nesterov"]
ADAM, ADAMW, RMSPROP, NEWTON = CATALOGUE["adam"], CATALOGUE["adamw"], CATALOGUE["rmsprop"], CATALOGUE["newton"]


@dataclass(frozen=True)
class Preset:
    """title: on its button.  look_for: one or two sentences on what to see.  spec: the race."""

    title: str
    look_for: str
    spec: DescentSpec


PRESETS = (
    Preset(
        "Momentum against the ravine",
        "A quadratic with condition number 100, each method at its best rate. Gradient descent shrinks the error by "
        "0.980 a step, heavy ball by 0.818: both are the fastest possible, and the second takes a tenth of the steps.",
        DescentSpec(
            surface="quadratic",
            condition=100,
            rotation=30,
            start=(-1.6, 1.7),
            # 2 / (l1 + ln), and Polyak's rate and momentum, for curvatures 1 and 100.
            lanes=(SGD(lr=2 / 101), MOMENTUM(lr=4 / 121, momentum=81 / 121)),
            steps=200,
        ),
    ),
    Preset(
        "Adam: L2 against decoupled decay",
        "Both have weight decay 0.1. Adam divides the penalty by the size of the gradients, so steep directions are "
        "hardly decayed; AdamW shrinks the weights themselves. The same number ends in two places, both off the minimum.",
        DescentSpec(
            surface="booth",
            start=(-7, 8),
            lanes=(ADAM(lr=0.1, weight_decay=0.1), ADAMW(lr=0.1, weight_decay=0.1)),
            steps=500,
        ),
    ),
    Preset(
        "Saddle escape",
        "All start almost on the ridge that leads into the saddle. Newton's method is drawn to it and stays; gradient "
        "descent lingers until the unstable direction has grown; methods that rescale each coordinate leave at once.",
        DescentSpec(
            surface="saddle",
            start=(1.6, 0.0001),
            lanes=(SGD(lr=0.05), MOMENTUM(lr=0.02), RMSPROP(lr=0.02), ADAM(lr=0.05), NEWTON(lr=0.3)),
            steps=200,
        ),
    ),
    Preset(
        "Why the learning rate matters",
        "Gradient descent four times, the rate two to five times larger each time: too slow, good, restless, diverged. "
        "The table says where the last one broke.",
        DescentSpec(
            surface="rosenbrock",
            start=(-0.6, 1.6),
            lanes=(SGD(lr=0.0001), SGD(lr=0.0005), SGD(lr=0.0019), SGD(lr=0.004)),
            steps=400,
        ),
    ),
    Preset(
        "Just below and just above 2/λ",
        "The largest curvature is 20, so plain gradient descent is stable below a rate of 0.1. At 0.098 it hops across "
        "the valley and converges; at 0.102 each hop is longer than the last.",
        DescentSpec(
            surface="quadratic", condition=20, rotation=30, start=(1.2, 1.5), lanes=(SGD(lr=0.098), SGD(lr=0.102)), steps=120
        ),
    ),
    Preset(
        "Your own formula",
        "Type any f(x, y) in the sidebar: its slopes are found by automatic differentiation, and its minima (★), "
        "saddles (×) and maxima (▲) by Newton's method.",
        DescentSpec(
            surface="own",
            formula="sin(3*x)*cos(2*y) + (x^2 + y^2)/4",
            span=3,
            start=(-2.4, 2.2),
            lanes=(SGD(lr=0.05), MOMENTUM(lr=0.03), ADAM(lr=0.1)),
        ),
    ),
)
