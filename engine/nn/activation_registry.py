"""All activation functions, one record each. Functions that have a potential are ``Transfer`` records."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import torch
import torch.nn.functional as F

from engine.nn.activations import Activation, Shape, Transfer
from engine.nn.potentials import (
    draw_bernoulli,
    draw_categorical,
    draw_normal,
    sigmoid_potential,
    softmax_derivative,
    tanh_potential,
)

LEAK = 0.01
"""The slope of the leaky ReLU below zero, torch's default."""

_GLOROT = (
    "Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks",
    "https://proceedings.mlr.press/v9/glorot10a.html",
)
_BACKPROP = ("LeCun, Bottou, Orr & Müller 1998, Efficient BackProp", "https://doi.org/10.1007/3-540-49430-8_2")
_GELU = ("Hendrycks & Gimpel 2016, Gaussian error linear units", "https://arxiv.org/abs/1606.08415")
_PIECES = r"z \text{ for } z > 0, \quad {a}\, z \text{ below}"
_MOBILE = ("Howard et al. 2019, Searching for MobileNetV3", "https://arxiv.org/abs/1905.02244")

FUNCTIONS: Mapping[str, Activation] = MappingProxyType(
    {
        "identity": Transfer(
            "Identity", lambda z: z, r"z", "nn.Identity()", "No activation, so the network is a product of matrices.",
            (("Saxe, McClelland & Ganguli 2013, Exact solutions to the nonlinear dynamics of learning in deep linear "
              "neural networks"),
             "https://arxiv.org/abs/1312.6120"),
            derivative=torch.ones_like, potential=lambda z: 0.5 * z.square().sum(-1),
            potential_formula=r"\tfrac12 z^2", sample=draw_normal, colour="#868b94",
        ),
        "relu": Transfer(
            "ReLU", torch.relu, r"\max(z, 0)", "nn.ReLU()",
            "Half of the units are silent. The slope of the others is 1 at any depth.",
            ("Glorot, Bordes & Bengio 2011, Deep sparse rectifier neural networks",
             "https://proceedings.mlr.press/v15/glorot11a.html"),
            derivative=lambda z: (z > 0).to(z.dtype), potential=lambda z: 0.5 * torch.relu(z).square().sum(-1),
            potential_formula=r"\tfrac12\max(z,0)^2", colour="#ec3a05",
        ),
        "leaky_relu": Transfer(
            "Leaky ReLU", F.leaky_relu, r"\max(z, 0.01 z)", "nn.LeakyReLU()",
            "A ReLU with a small slope below zero, so that no unit dies.",
            ("Maas, Hannun & Ng 2013, Rectifier nonlinearities improve neural network acoustic models",
             "https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf"),
            derivative=lambda z: torch.where(z > 0, torch.ones_like(z), LEAK),
            potential=lambda z: 0.5 * (z * F.leaky_relu(z, LEAK)).sum(-1),
            potential_formula=r"\tfrac12\max(z,0)^2+\tfrac{0.01}2\min(z,0)^2", colour="#a347b5",
            shape=Shape(lambda z, a: torch.where(z > 0, z, a * z), LEAK, _PIECES, "nn.LeakyReLU({a})", linear=1.0),
        ),
        "prelu": Activation(
            "PReLU", partial(F.leaky_relu, negative_slope=0.25), r"z \text{ for } z > 0, \quad 0.25\, z \text{ below}",
            "nn.LeakyReLU(0.25)",
            "A leaky ReLU that learns its slope below zero. Here it stands at its start, 0.25, or where you put it.",
            ("He et al. 2015, Delving deep into rectifiers", "https://arxiv.org/abs/1502.01852"), colour="#a0499b",
            shape=Shape(lambda z, a: torch.where(z > 0, z, a * z), 0.25, _PIECES, "nn.LeakyReLU({a})", linear=1.0),
        ),
        "elu": Activation(
            "ELU", F.elu, r"z \text{ for } z > 0, \quad e^z - 1 \text{ below}", "nn.ELU()",
            "Below zero it goes smoothly to -1, which brings the mean of the output towards zero.",
            ("Clevert et al. 2015, Fast and accurate deep network learning by exponential linear units",
             "https://arxiv.org/abs/1511.07289"), colour="#c37b4a",
            shape=Shape(lambda z, a: torch.where(z > 0, z, a * torch.expm1(z.clamp(max=0))), 1.0,
                        r"z \text{ for } z > 0, \quad {a}\, (e^z - 1) \text{ below}", "nn.ELU({a})"),
        ),
        "celu": Activation(
            "CELU", F.celu, r"z \text{ for } z > 0, \quad e^z - 1 \text{ below}", "nn.CELU()",
            "An ELU whose slope has no jump at zero, whatever its parameter.",
            ("Barron 2017, Continuously differentiable exponential linear units", "https://arxiv.org/abs/1704.07483"),
            colour="#aa5200",
            shape=Shape(lambda z, a: torch.where(z > 0, z, a * torch.expm1(z.clamp(max=0) / a)), 1.0,
                        r"z \text{ for } z > 0, \quad {a}\, (e^{z/{a}} - 1) \text{ below}", "nn.CELU({a})",
                        positive=True),
        ),
        "selu": Activation(
            "SELU", F.selu, r"1.0507\, (z \text{ for } z > 0, \quad 1.6733\, (e^z - 1) \text{ below})", "nn.SELU()",
            "An ELU scaled so that mean 0 and variance 1 are a stable fixed point of a layer.",
            ("Klambauer, Unterthiner, Mayr & Hochreiter 2017, Self-normalizing neural networks",
             "https://arxiv.org/abs/1706.02515"), colour="#b94053",
        ),
        "gelu": Activation(
            "GELU", F.gelu, r"z\, \Phi(z)", "nn.GELU()",
            "The input times the share of a normal distribution that lies below the input.", _GELU, colour="#007680",
        ),
        "gelu_tanh": Activation(
            "GELU, tanh form", partial(F.gelu, approximate="tanh"),
            r"\tfrac z2 \left(1 + \tanh \sqrt{2/\pi}\, (z + 0.044715\, z^3)\right)", 'nn.GELU(approximate="tanh")',
            "The approximation of GELU that GPT-2 was trained with.", _GELU, colour="#009d96",
        ),
        "silu": Activation(
            "SiLU", F.silu, r"\frac{z}{1 + e^{-z}}", "nn.SiLU()",
            "The input times its sigmoid. Also called Swish.",
            (("Elfwing, Uchibe & Doya 2017, Sigmoid-weighted linear units for neural network function approximation "
              "in reinforcement learning"),
             "https://arxiv.org/abs/1702.03118"), colour="#8980e2",
        ),
        "mish": Activation(
            "Mish", F.mish, r"z \tanh \log(1 + e^z)", "nn.Mish()", "Like SiLU, but a little steeper above zero.",
            ("Misra 2019, Mish: a self regularized non-monotonic activation function",
             "https://arxiv.org/abs/1908.08681"), colour="#7e56ba",
        ),
        "hard_swish": Activation(
            "Hard swish", F.hardswish, r"\tfrac z6 \min(\max(z + 3, 0), 6)", "nn.Hardswish()",
            "SiLU with a sigmoid in straight pieces, for processors without exponentials.", _MOBILE, colour="#4066c3",
        ),
        "relu6": Activation(
            "ReLU6", F.relu6, r"\min(\max(z, 0), 6)", "nn.ReLU6()",
            "A ReLU that saturates at 6, for numbers with few bits.", _MOBILE, colour="#b6471b",
        ),
        "squared_relu": Activation(
            "Squared ReLU", lambda z: torch.relu(z).square(), r"\max(z, 0)^2", "lambda z: torch.relu(z).square()",
            "Squares the scale of a signal, so the scale runs away over the layers, up or down.",
            ("So et al. 2021, Primer: searching for efficient transformers for language modeling",
             "https://arxiv.org/abs/2109.08668"), colour="#d16c8e",
        ),
        "softplus": Activation(
            "Softplus", F.softplus, r"\log(1 + e^z)", "nn.Softplus()", "A smooth ReLU whose slope is the sigmoid.",
            ("Dugas et al. 2000, Incorporating second-order functional knowledge for better option pricing",
             "https://proceedings.neurips.cc/paper/2000/hash/44968aece94f667e4095002d140b5896-Abstract.html"),
            colour="#91903e",
        ),
        "tanh": Transfer(
            "tanh", torch.tanh, r"\tanh z", "nn.Tanh()",
            "Centred at zero, with slope 1. Far from zero it saturates and passes no gradient.", _BACKPROP,
            derivative=lambda z: 1 - torch.tanh(z).square(), potential=tanh_potential,
            potential_formula=r"\log\cosh z", colour="#3589fe",
        ),
        "lecun_tanh": Activation(
            "Scaled tanh", lambda z: 1.7159 * torch.tanh(2 / 3 * z),
            r"1.7159 \tanh \tfrac23 z", "lambda z: 1.7159 * torch.tanh(2 / 3 * z)",
            "A tanh scaled so that 1 and -1 are fixed points.", _BACKPROP, colour="#226bbf",
        ),
        "hard_tanh": Activation(
            "Hard tanh", F.hardtanh, r"\min(\max(z, -1), 1)", "nn.Hardtanh()",
            "tanh in straight pieces. Outside [-1, 1] the gradient is exactly zero.",
            ("Collobert 2004, Large scale machine learning", "https://ronan.collobert.com/pub/2004_phdthesis_lip6.pdf"),
            colour="#0070ac",
        ),
        "softsign": Activation(
            "Softsign", F.softsign, r"\frac{z}{1 + |z|}", "nn.Softsign()",
            "Like tanh, but it saturates slowly. Its slope falls as 1/z², and that of tanh exponentially.", _GLOROT,
            colour="#2e93d2",
        ),
        "sigmoid": Transfer(
            "Sigmoid", torch.sigmoid, r"\frac{1}{1 + e^{-z}}", "nn.Sigmoid()",
            "Its slope is at most 1/4, so a layer with unit weights shrinks the gradient at least fourfold.", _GLOROT,
            derivative=lambda z: torch.sigmoid(z) * torch.sigmoid(-z), potential=sigmoid_potential,
            potential_formula=r"\log(1+e^z)", sample=draw_bernoulli, colour="#158e48",
        ),
        "hard_sigmoid": Activation(
            "Hard sigmoid", lambda z: ((z + 3) / 6).clamp(0, 1), r"\tfrac16 \min(\max(z + 3, 0), 6)",
            "nn.Hardsigmoid()",
            "A sigmoid in straight pieces. Outside [-3, 3] the gradient is exactly zero.", _MOBILE, colour="#1d7b2a",
        ),
        "sine": Activation(
            "Sine", torch.sin, r"\sin z", "torch.sin", "Never saturates, because its slope is periodic.",
            ("Sitzmann et al. 2020, Implicit neural representations with periodic activation functions",
             "https://arxiv.org/abs/2006.09661"), colour="#8c6400",
        ),
        "softmax": Transfer(
            "Softmax", partial(torch.softmax, dim=-1), r"e^{z_i}/\textstyle\sum_j e^{z_j}", "nn.Softmax(-1)",
            "Turns a row of numbers into probabilities: positive, with sum 1.",
            ("Bridle 1990, Probabilistic interpretation of feedforward classification network outputs",
             "https://doi.org/10.1007/978-3-642-76153-9_28"),
            coupled=True, derivative=softmax_derivative, potential=partial(torch.logsumexp, dim=-1),
            potential_formula=r"\log\textstyle\sum_j e^{z_j}", sample=draw_categorical,
        ),
    }
)  # fmt: skip
"""All activation functions by name."""

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {name: each for name, each in FUNCTIONS.items() if not each.coupled}
)
"""The activation functions that act on each unit by itself."""

TRANSFERS: Mapping[str, Transfer] = MappingProxyType(
    {name: each for name, each in FUNCTIONS.items() if isinstance(each, Transfer)}
)
"""The activation functions that have a potential."""
