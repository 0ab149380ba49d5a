"""The kinds of models that can be trained, one record each, and their weights before training."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import torch
from torch import nn

from engine.nn import INITIALIZERS, Convolution
from engine.nn.recurrent import Cell
from engine.transformer.model import Architecture, Model, Transformer
from engine.transformer.recurrent import RecurrentModel


@dataclass(frozen=True)
class Kind:
    """A kind of model. label, about: its name, and a sentence on it. build: the architecture -> the model.

    pairs: whether it can only read a source and write a text.
    """

    label: str
    about: str
    build: Callable[[Architecture], Model]
    pairs: bool = True


def plain(of: Architecture) -> Architecture:
    """``of`` without what recurrent cells do not need: heads, and positions, which they know by counting."""
    return replace(of, heads=1, positions="none")


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "transformer": Kind("Transformer", "Attention and MLPs; no token waits for another.", Transformer, pairs=False),
        "recurrent": Kind(
            "Recurrent",
            "All that the decoder knows of the source is one vector.",
            lambda of: RecurrentModel(plain(of), "none"),
        ),
        "additive": Kind(
            "Recurrent, additive attention",
            "Before each step the decoder looks at the source, as in Bahdanau et al. 2014.",
            lambda of: RecurrentModel(plain(of), "additive"),
        ),
        "multiplicative": Kind(
            "Recurrent, multiplicative attention",
            "After each step the decoder looks at the source, as in Luong et al. 2015.",
            lambda of: RecurrentModel(plain(of), "multiplicative"),
        ),
        "convolutional": Kind(
            "Convolutional encoder",
            "Convolutions read the source, and a recurrent decoder looks at them.",
            lambda of: RecurrentModel(replace(of, heads=1), "multiplicative", convolutional=True),
        ),
    }
)
"""All kinds by name."""


def build(kind: str, of: Architecture, seed: int, spread: float = 0.0) -> Model:
    """A model with fresh weights, which depend on nothing but these arguments.

    spread: the standard deviation of all weights. If it is 0, matrices are drawn by Xavier's uniform rule, the
    recurrent ones are orthogonal, and embeddings have the variance 1 / width. Biases are 0.
    """
    model = KINDS[kind].build(of)
    generator = torch.Generator().manual_seed(seed)
    xavier, orthogonal = INITIALIZERS["xavier_uniform"], INITIALIZERS["orthogonal"]
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, Cell):
                module.draw(xavier, orthogonal, 1.0, generator)
            elif isinstance(module, Convolution):
                module.draw(xavier, 1.0, generator)
            elif isinstance(module, nn.Linear):
                xavier.fill(module.weight, 1.0, generator)
                if module.bias is not None:
                    module.bias.zero_()
            elif isinstance(module, nn.Embedding):
                module.weight.normal_(0, of.width**-0.5, generator=generator)
            if spread and isinstance(module, nn.Linear | nn.Embedding):
                module.weight.normal_(0, spread, generator=generator)
    return model
