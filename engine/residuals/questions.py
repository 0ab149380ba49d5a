"""What a visitor predicts before a preset's result is shown. The right answers are computed from the result."""

import math

from engine.experiment import Question
from engine.residuals.example import Textbook
from engine.residuals.finding import NEAR
from engine.residuals.paths import Highway
from engine.residuals.recorded import EARNED, recorded
from engine.residuals.shattered import Shattering
from engine.residuals.trained import Training
from engine.signals import Flow


def _nearest(value: float, offered: tuple[float, ...]) -> int:
    """The place of the offered number that is nearest to ``value`` on a logarithmic scale."""
    return min(range(len(offered)), key=lambda place: abs(math.log(value / offered[place])))


def _gain_of_the_first_layer(found: Textbook) -> int:
    return _nearest(found.residual[0] / found.plain[0], (2, 30, 1_000))


def _left_after_all_layers(flow: Flow) -> int:
    left = flow.plain.gradient[0] / flow.plain.gradient[-1]
    return 0 if left > 0.1 else 1 if left > 1e-12 else 2


def _learned(training: Training) -> int:
    """The networks that get most samples right at the end: 0 the residual one alone, 1 both, 2 neither."""
    plain, residual = (training.right[twin][-1] > 0.5 for twin in ("plain", "residual"))
    return -1 if plain and not residual else 1 if plain else 0 if residual else 2


def _change_of_the_gradient(flow: Flow) -> int:
    first, last = flow.residual.gradient[[0, -1]]
    return 0 if first < last else 1 if first > last else 2


def _fate_of_the_signal(flow: Flow) -> int:
    growth = flow.residual.signal[-1] / flow.residual.signal[0]
    return 0 if 0.1 < growth < 10 else 1 if growth < 1 else 2


def _alike(found: Shattering) -> int:
    """The networks whose gradients at two near inputs point the same way: 0 both, 1 plain, 2 residual, 3 neither."""
    plain, residual = found.plain_likeness[NEAR] > 0.5, found.residual_likeness[NEAR] > 0.5
    return (0 if residual else 1) if plain else (2 if residual else 3)


def _earned(_: Highway) -> int:
    """The share that came through branches after a hundred steps. The training is recorded, so nobody has to wait."""
    training = recorded(EARNED)
    assert training is not None
    earned = 1 - training.carried()[training.steps >= 100][0]
    return _nearest(float(earned), (0.01, 0.15, 0.7))


TEXTBOOK = Question(
    "How many times larger does the first layer's gradient become with shortcuts?",
    ("About 2 times", "About 30 times", "About 1,000 times"),
    _gain_of_the_first_layer,
)
TANH = Question(
    "The gradient goes back through 100 layers without shortcuts. How much of it reaches the first layer?",
    ("About half", "About a millionth", "Less than 10⁻²⁰"),
    _left_after_all_layers,
)
WARM_UP = Question(
    "LayerNorm stands after each sum (post-LN). The first step has the full learning rate. Which network learns?",
    ("Only the one with shortcuts", "Both", "Neither"),
    _learned,
)
REZERO = Question(
    "Each branch is multiplied by a number that starts at 0. With shortcuts, how does the gradient at the first layer "
    "compare with that at the last?",
    ("It is smaller", "It is larger", "It is the same"),
    _change_of_the_gradient,
)
BAD_SCALE = Question(
    "These weights keep the size of the signal through 60 layers without shortcuts. And with shortcuts?",
    ("They keep it too", "The signal vanishes", "The signal explodes"),
    _fate_of_the_signal,
)
SHATTERED = Question(
    "Two inputs are near each other. In which network do their gradients point the same way?",
    ("In both", "Only without shortcuts", "Only with shortcuts", "In neither"),
    _alike,
)
EARNED_SHARE = Question(
    "At first all of the gradient comes along the shortcuts. What share comes through branches after 100 steps?",
    ("About 1 %", "About 15 %", "About 70 %"),
    _earned,
)
