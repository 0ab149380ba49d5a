"""Initializations of a weight matrix [out, in], one record each. Biases start at zero everywhere in the lab.

Sources of the rules: ``torch.nn.init`` and the publication that each record names.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import torch
from torch import Tensor, nn

Fill = Callable[[Tensor, float, torch.Generator], object]
Square = Callable[[int, int, float], float]


@dataclass(frozen=True)
class Initializer:
    """A rule that draws a weight matrix.

    label: the name shown. fill: takes a weight [out, in], the gain of the activation that follows and a generator, and
        draws the weight in place.
    square: (outputs, inputs, gain) -> the expected square of a weight.
    rule: the distribution in LaTeX. n is the number of inputs, m the number of outputs, g the gain.
    about: a sentence on the rule. source: (title, address) of the publication.
    """

    label: str
    fill: Fill
    square: Square
    rule: str
    about: str
    source: tuple[str, str]

    def draw(self, outputs: int, inputs: int, gain: float, generator: torch.Generator) -> Tensor:
        """Draw a fresh float32 weight [outputs, inputs]."""
        weight = torch.empty(outputs, inputs)
        with torch.no_grad():
            self.fill(weight, gain, generator)
        return weight


def by_fan(
    of: Literal["in", "out", "mean"], law: Literal["normal", "uniform"], own: float | None = None
) -> tuple[Fill, Square]:
    """The rule that gives each weight the variance gain^2 / k. k is the number of inputs, of outputs, or their mean.

    own: a gain that is used instead of the activation's gain.
    """

    def spread(outputs: int, inputs: int, gain: float) -> float:
        size = {"in": inputs, "out": outputs, "mean": (inputs + outputs) / 2}[of]
        return (gain if own is None else own) / math.sqrt(size)

    def fill(weight: Tensor, gain: float, generator: torch.Generator) -> None:
        std = spread(len(weight), weight.shape[1], gain)
        if law == "normal":
            weight.normal_(0, std, generator=generator)
        else:
            weight.uniform_(-math.sqrt(3) * std, math.sqrt(3) * std, generator=generator)

    return fill, lambda outputs, inputs, gain: spread(outputs, inputs, gain) ** 2


def sparse(weight: Tensor, gain: float, generator: torch.Generator) -> None:
    """Draw a weight in which each unit is connected to 15 inputs, or to all inputs if there are fewer."""
    weight.zero_()
    for row in weight:
        chosen = torch.randperm(len(row), generator=generator)[:15]
        row[chosen] = torch.randn(len(chosen), generator=generator)


_XAVIER = (
    "Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks",
    "https://proceedings.mlr.press/v9/glorot10a.html",
)
_HE = ("He et al. 2015, Delving deep into rectifiers", "https://arxiv.org/abs/1502.01852")
_LECUN = ("LeCun, Bottou, Orr & Müller 1998, Efficient BackProp", "https://doi.org/10.1007/3-540-49430-8_2")
_SAXE = (
    (
        "Saxe, McClelland & Ganguli 2013, Exact solutions to the nonlinear dynamics of learning in deep linear "
        "neural networks"
    ),
    "https://arxiv.org/abs/1312.6120",
)
ROOT2 = math.sqrt(2)
TRUNCATED = 1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(ROOT2)
"""The variance of a standard normal number that is cut at two standard deviations on each side."""

INITIALIZERS: Mapping[str, Initializer] = MappingProxyType(
    {
        "gain": Initializer(
            "Variance-preserving", *by_fan(of="in", law="normal"), r"W \sim \mathcal N(0, g^2/n)",
            "Keeps the second moment of the signal, with the activation's own gain g.",
            ("Poole et al. 2016, Exponential expressivity in deep neural networks through transient chaos",
             "https://arxiv.org/abs/1606.05340"),
        ),
        "he_normal": Initializer(
            "Kaiming normal", *by_fan(of="in", law="normal", own=ROOT2), r"W \sim \mathcal N(0, 2/n)",
            "Keeps the second moment of the signal through ReLUs. Also called He, after Kaiming He.", _HE,
        ),
        "he_uniform": Initializer(
            "Kaiming uniform", *by_fan(of="in", law="uniform", own=ROOT2), r"W \sim U(\pm\sqrt{6/n})",
            "The variance of Kaiming normal, but no weight is far from zero.", _HE,
        ),
        "he_out": Initializer(
            "Kaiming, fan-out", *by_fan(of="out", law="normal", own=ROOT2), r"W \sim \mathcal N(0, 2/m)",
            "Keeps the gradient's second moment instead of the signal's.", _HE,
        ),
        "xavier_normal": Initializer(
            "Xavier normal", *by_fan(of="mean", law="normal", own=1.0), r"W \sim \mathcal N(0, 2/(n + m))",
            "A compromise between signal and gradient, for activations with slope 1 at zero. Also called Glorot.",
            _XAVIER,
        ),
        "xavier_uniform": Initializer(
            "Xavier uniform", *by_fan(of="mean", law="uniform", own=1.0), r"W \sim U(\pm\sqrt{6/(n + m)})",
            "The variance of Xavier normal, but no weight is far from zero.", _XAVIER,
        ),
        "lecun_normal": Initializer(
            "LeCun normal", *by_fan(of="in", law="normal", own=1.0), r"W \sim \mathcal N(0, 1/n)",
            "Keeps the variance of the signal through linear layers. SELU is made for it.", _LECUN,
        ),
        "lecun_uniform": Initializer(
            "LeCun uniform", *by_fan(of="in", law="uniform", own=1.0), r"W \sim U(\pm\sqrt{3/n})",
            "The variance of LeCun normal, but no weight is far from zero.", _LECUN,
        ),
        "torch": Initializer(
            "PyTorch default", *by_fan(of="in", law="uniform", own=1 / math.sqrt(3)), r"W \sim U(\pm 1/\sqrt n)",
            "The default of nn.Linear. It has a third of LeCun's variance, so signals fade in deep plain networks.",
            ("torch.nn.Linear", "https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html"),
        ),
        "orthogonal": Initializer(
            "Orthogonal", lambda weight, gain, generator: nn.init.orthogonal_(weight, gain, generator=generator),
            lambda outputs, inputs, gain: gain**2 / max(outputs, inputs),
            r"W^\top W = g^2 I", "Scales every direction by the same factor, at any depth.", _SAXE,
        ),
        "identity": Initializer(
            "Identity", lambda weight, gain, generator: nn.init.eye_(weight),
            lambda outputs, inputs, _: 1 / max(outputs, inputs), r"W = I",
            "At the start, every weight matrix passes its input on unchanged.",
            ("Le, Jaitly & Hinton 2015, A simple way to initialize recurrent networks of rectified linear units",
             "https://arxiv.org/abs/1504.00941"),
        ),
        "truncated": Initializer(
            "Truncated normal 0.02",
            lambda weight, gain, generator: nn.init.trunc_normal_(weight, 0, 0.02, -0.04, 0.04, generator=generator),
            lambda *_: 0.02**2 * TRUNCATED,
            r"W \sim \mathcal N(0, 0.02^2), \quad |W| \le 0.04",
            "The initialization of BERT. Its scale is the same for every width.",
            ("Devlin et al. 2018, BERT", "https://arxiv.org/abs/1810.04805"),
        ),
        "sparse": Initializer(
            "Sparse", sparse, lambda _, inputs, __: min(15, inputs) / inputs,
            r"15 \text{ inputs per unit}, \quad W \sim \mathcal N(0, 1)",
            "Each unit has few but strong connections, so that units differ from each other.",
            ("Martens 2010, Deep learning via Hessian-free optimization",
             "https://www.cs.toronto.edu/~jmartens/docs/Deep_HessianFree.pdf"),
        ),
        "small": Initializer(
            "Normal, 0.01", lambda weight, gain, generator: weight.normal_(0, 0.01, generator=generator),
            lambda *_: 1e-4, r"W \sim \mathcal N(0, 0.01^2)",
            "The common choice before Xavier. The signal vanishes within a few layers.",
            ("Krizhevsky, Sutskever & Hinton 2012, ImageNet classification with deep convolutional neural networks",
             "https://doi.org/10.1145/3065386"),
        ),
        "large": Initializer(
            "Normal, 1", lambda weight, gain, generator: weight.normal_(0, 1, generator=generator), lambda *_: 1.0,
            r"W \sim \mathcal N(0, 1)",
            "Far too large. With tanh the units saturate at once, with ReLU the signal explodes.", _XAVIER,
        ),
        "zeros": Initializer(
            "Zeros", lambda weight, gain, generator: weight.zero_(), lambda *_: 0.0, r"W = 0",
            "All units of a layer are alike and stay alike, because nothing breaks their symmetry.", _LECUN,
        ),
    }
)  # fmt: skip
"""All initializations by name."""
