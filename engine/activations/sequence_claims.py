"""Sentences from lectures that need a convolutional or a recurrent network, each with the training that tests it.

The trainings are recorded (``engine.activations.sequence_recorded``). Each network has the learning rate that
``benchmarks/sequence_rates.py`` found for it. One network is better than another if each of its seeds is better than
each seed of the other. The seeds of a training differ in their first weights.
"""

import numpy as np

from engine.activations.bands import Found, above, accuracy, listed, mean, points
from engine.activations.experiments import SEQUENCES
from engine.activations.sequence_spec import Learner, SequenceSpec
from engine.activations.sequence_trained import Learned, SequenceTrained
from engine.activations.units import CHOICES
from engine.experiment import Claim, Verdict
from engine.nn import INITIALIZERS
from engine.numerals import written

CHOOSING = (
    "Brownlee 2021, How to choose an activation function",
    "https://machinelearningmastery.com/choose-an-activation-function-for-deep-learning/",
)
EFFICIENT = ("LeCun et al. 1998, Efficient BackProp", "https://doi.org/10.1007/3-540-49430-8_2")
BOOK = (
    "Goodfellow, Bengio & Courville 2016, Deep learning, section 6.3",
    "https://www.deeplearningbook.org/contents/mlp.html",
)

CONVOLUTIONS = SequenceSpec()
"""A convolutional network with seven activation functions. The first is ReLU."""

DEEP = SequenceSpec(
    depth=12,
    batch=32,
    steps=400,
    learners=(
        Learner(activation="selu", initializer="lecun_normal", lr=0.004),
        Learner(activation="selu", initializer="he_normal", lr=0.004),
        Learner(activation="relu", initializer="lecun_normal", lr=0.002),
        Learner(activation="relu", initializer="he_normal", lr=0.008),
    ),
)
"""A deep convolutional network: the rules of LeCun and Kaiming, with SELU and with ReLU."""

RECURRENT = SequenceSpec(
    network="recurrent",
    depth=1,
    width=48,
    steps=1_000,
    learners=(
        Learner(activation="tanh", initializer="orthogonal", lr=0.001),
        Learner(activation="relu", initializer="orthogonal", lr=0.002),
        Learner(activation="tanh", initializer="identity", lr=0.0005),
        Learner(activation="relu", initializer="identity", lr=0.002),
    ),
)
"""A recurrent network with tanh and with ReLU, from two starts of the weights between its states."""

OLDER = ("tanh", "Sigmoid")
"""The functions that were used before ReLU, by their labels."""

LITTLE = 0.03
"""A difference of accuracies up to this counts as little: three points of a hundred."""

SIGNAL_KEPT = 0.1
"""A signal of at least this share of that after the first layer is kept."""


def relu_in_convolutions(found: SequenceTrained) -> Found:
    """ReLU is the standard if it beats tanh and sigmoid, and if no other function beats it."""
    relu, *others = found.curves
    names = _tried(found)[1:]
    older = [
        curves for name, curves in zip(names, others, strict=True) if name in (CHOICES["tanh"], CHOICES["sigmoid"])
    ]
    better = [name for name, curves in zip(names, others, strict=True) if above(curves, relu)]
    numbers = f"It gets {accuracy(relu)} of the test right, {_all(names, others)}."
    if any(above(curves, relu) for curves in older):
        return "does not hold", numbers
    if not all(above(relu, curves) for curves in older):
        return "undecided", numbers
    if better:
        return "holds if", f"it is compared with tanh and sigmoid: {listed(better)} do better. {numbers}"
    return "holds", numbers


def choice_gains_little(found: SequenceTrained) -> Found:
    """A gain is more than little if it exceeds ``LITTLE`` and the bands do not overlap. Usually: for most functions."""
    relu, *others = found.curves
    names = _tried(found)[1:]
    gains = {name: mean(curves) - mean(relu) for name, curves in zip(names, others, strict=True)}
    sure = {name: above(curves, relu) or above(relu, curves) for name, curves in zip(names, others, strict=True)}
    large = [name for name in names if abs(gains[name]) > LITTLE and sure[name]]
    unsure = [f"{name} ({points(gains[name])})" for name in names if abs(gains[name]) > LITTLE and not sure[name]]
    least, most = (choose(names, key=lambda name: abs(gains[name])) for choose in (min, max))
    numbers = (
        f"In a convolutional network, {least} instead of ReLU changes the accuracy by {points(gains[least])}, and "
        f"{most} by {points(gains[most])}."
    )
    if unsure:
        numbers += f" The bands of the seeds overlap with {listed(unsure)}."
    if not large:
        return "holds", numbers
    if 2 * len(large) < len(names):
        return "holds if", f"the function is not {listed(large, 'or')}. {numbers}"
    return (
        "does not hold",
        f"{numbers} It is more than {points(LITTLE)[1:]} with {len(large)} of {len(names)} functions.",
    )


def lecun_in_convolutions(found: SequenceTrained) -> Found:
    """Decided by the signal before the training; what the training makes of it is told beside it."""
    selu, selu_he, relu, relu_he = found.curves
    left = [float(np.median(curves.size[:, -1] / curves.size[:, 0])) for curves in found.curves]
    kept = [SIGNAL_KEPT <= share <= 1 / SIGNAL_KEPT for share in left]
    numbers = (
        f"After {found.spec.depth} convolutions, {written(left[0])} of the signal is left with SELU, and "
        f"{written(left[2])} with ReLU, for which Kaiming's rule leaves {written(left[3])}. "
        f"{_trained('SELU', selu, selu_he)} {_trained('ReLU', relu, relu_he)}"
    )
    if kept[0] and kept[2]:
        return "holds", numbers
    if kept[0]:
        return "holds if", f"the activation is SELU. {numbers}"
    return "does not hold", numbers


def tanh_in_recurrence(found: SequenceTrained) -> Found:
    """tanh and ReLU are compared from the same starts, which are neighbours in the list of networks."""
    pairs = list(zip(found.curves[::2], found.curves[1::2], strict=True))
    starts = [INITIALIZERS[scheme.initializer].label.lower() for scheme in found.spec.learners[::2]]
    better = [start for start, (tanh, relu) in zip(starts, pairs, strict=True) if above(tanh, relu)]
    worse = [start for start, (tanh, relu) in zip(starts, pairs, strict=True) if above(relu, tanh)]
    said = "; ".join(
        f"from {start} weights, tanh gets {accuracy(tanh)} and ReLU {accuracy(relu)}"
        for start, (tanh, relu) in zip(starts, pairs, strict=True)
    )
    gains = [mean(later) - mean(first) for first, later in zip(pairs[0], pairs[-1], strict=True)]
    numbers = (
        f"{said[0].upper()}{said[1:]}. The start changes the accuracy of tanh by {points(gains[0])}, that of ReLU by "
        f"{points(gains[1])}."
    )
    if len(better) == len(pairs):
        return "holds", numbers
    if better:
        return "holds if", f"the weights between the states start as {listed(better, 'or')}. {numbers}"
    return ("does not hold" if worse else "undecided"), numbers


def _trained(name: str, lecun: Learned, he: Learned) -> str:
    verdict: Verdict | str = "better" if above(lecun, he) else "worse" if above(he, lecun) else "no better and no worse"
    return (
        f"{name} then learns {verdict} with LeCun's rule than with Kaiming's: {accuracy(lecun)} against {accuracy(he)}."
    )


def _tried(found: SequenceTrained) -> list[str]:
    return [CHOICES[scheme.activation] for scheme in found.spec.learners]


def _all(names: list[str], curves: list[Learned]) -> str:
    return listed([f"{name} {accuracy(each)}" for name, each in zip(names, curves, strict=True)])


SEQUENCE_CLAIMS: tuple[tuple[str, Claim[SequenceSpec, SequenceTrained]], ...] = (
    ("signals", Claim(
        "ReLU is the standard choice in convolutional networks.", CHOOSING, SEQUENCES, CONVOLUTIONS,
        relu_in_convolutions,
    )),
    ("signals", Claim(
        "tanh is preferred in recurrent networks.", CHOOSING, SEQUENCES, RECURRENT, tanh_in_recurrence,
    )),
    ("signals", Claim(
        "LeCun's initialization is the one for convolutions.", EFFICIENT, SEQUENCES, DEEP, lecun_in_convolutions,
    )),
    ("signals", Claim(
        "The choice of the activation function usually gains little.", BOOK, SEQUENCES, CONVOLUTIONS,
        choice_gains_little,
    )),
)  # fmt: skip
"""The key of the view that shows it, and the claim."""
