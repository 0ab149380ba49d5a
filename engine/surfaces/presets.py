"""Races worth seeing."""

from engine.experiment import Preset
from engine.optimizers import SGD, Adam, AdamW, HeavyBall, Newton, RMSprop
from engine.surfaces import questions
from engine.surfaces.spec import DescentSpec

PRESETS = (
    Preset(
        "Momentum in a ravine",
        "A narrow valley: the curvature across it is 100 times that along it. Both have the same learning rate, and "
        "only the momentum differs. Across the valley, Momentum's steps cancel. Along it they add up: after 100 steps "
        "its loss is about 600 times lower than that of SGD.",
        "",
        DescentSpec(
            surface="quadratic",
            condition=100,
            rotation=30,
            start=(-1.6, 1.7),
            lanes=(SGD(lr=0.0185), HeavyBall(lr=0.0185, momentum=0.6)),
            steps=100,
        ),
        questions.RAVINE,
    ),
    Preset(
        "Adam against AdamW",
        "Both have weight decay 1. Adam adds it to the gradient, as an L2 penalty, and ends at the penalized minimum "
        "(1.23, 2.56). AdamW shrinks the weights separately, and the gradient moves them by at most about the rate per "
        "step. So AdamW ends at the edge of the box |x|, |y| ≤ 1/λ.",
        "",
        DescentSpec(
            surface="booth",
            start=(-7, 8),
            lanes=(Adam(lr=0.1, weight_decay=1), AdamW(lr=0.1, weight_decay=1)),
            steps=400,
        ),
        questions.DECAY,
    ),
    Preset(
        "Saddle escape",
        "All start almost on the ridge that leads into the saddle. Newton's method goes to the saddle and stays. "
        "Gradient descent stays near it until the unstable direction has grown. Methods that rescale each coordinate "
        "leave at once.",
        "",
        DescentSpec(
            surface="saddle",
            start=(1.6, 0.0001),
            lanes=(SGD(lr=0.05), HeavyBall(lr=0.02), RMSprop(lr=0.02), Adam(lr=0.05), Newton(lr=0.3)),
            steps=200,
        ),
        questions.ESCAPE,
    ),
    Preset(
        "Learning rates",
        "Gradient descent with four rates. The smallest is still on its way at the end. The second reaches a minimum "
        "in 26 steps. The third hops around a minimum for ever. The largest diverges: the table says when, and why.",
        "",
        DescentSpec(
            surface="himmelblau",
            start=(0, -1),
            lanes=(SGD(lr=0.0005), SGD(lr=0.01), SGD(lr=0.02), SGD(lr=0.05)),
            steps=150,
        ),
        questions.RATES,
    ),
    Preset(
        "Around 2/λ",
        "The largest curvature is 20, so plain gradient descent is stable below a rate of 0.1. At 0.098 it hops across "
        "the valley and converges. At 0.102 each hop is longer than the one before.",
        "",
        DescentSpec(
            surface="quadratic",
            condition=20,
            rotation=30,
            start=(1.2, 1.5),
            lanes=(SGD(lr=0.098), SGD(lr=0.102)),
            steps=120,
        ),
        questions.EDGE,
    ),
    Preset(
        "Own formula",
        "Momentum runs past the first minimum, where SGD and Adam end, and comes to rest in the lowest one. Now type "
        "your own f(x, y) in the sidebar. The lab finds its slopes, and its minima (★), saddles (×) and maxima (▲).",
        "",
        DescentSpec(
            surface="own",
            formula="sin(3*x)*cos(2*y) + (x^2 + y^2)/4",
            span=3,
            start=(-2.4, 2.2),
            lanes=(SGD(lr=0.05), HeavyBall(lr=0.03), Adam(lr=0.1)),
        ),
        questions.OWN,
    ),
)
