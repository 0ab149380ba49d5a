"""What a family of foreign models declares: the settings that it reads, the architecture, and where its weights stand.

A family is one class in a file of its own. ``FAMILIES`` in ``engine.transformer.foreign.reading`` lists them.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from torch import Tensor

from engine.transformer.model import Architecture

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class ModelUnavailable(ValueError):
    """A foreign model that cannot be read. The message says why, and names no path."""


ACTIVATION_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "gelu": "gelu",
        "gelu_python": "gelu",
        "gelu_new": "gelu_tanh",
        "gelu_fast": "gelu_tanh",
        "gelu_pytorch_tanh": "gelu_tanh",
        "relu": "relu",
        "relu2": "squared_relu",
        "leaky_relu": "leaky_relu",
        "silu": "silu",
        "swish": "silu",
        "mish": "mish",
        "sigmoid": "sigmoid",
        "tanh": "tanh",
        "linear": "identity",
    }
)
"""Hugging Face's name of an activation -> its name in ``engine.nn.ACTIVATIONS``."""


def known(name: str) -> str:
    """Return the ``name`` of an activation, or raise ValueError if the lab has no such activation."""
    if name not in ACTIVATION_NAMES:
        raise ValueError(f"the lab knows the activations {', '.join(ACTIVATION_NAMES)}")
    return name


def empty(value: object) -> object:
    """Return the ``value`` of an entry that must say nothing, or raise ValueError."""
    if value:
        raise ValueError("the lab cannot compute such a model")
    return value


Count = Annotated[int, Field(ge=1, le=256)]
"""A number of layers or heads."""

Units = Annotated[int, Field(ge=1, le=65_536)]
"""A number of units, or of tokens in a sequence."""

Words = Annotated[int, Field(ge=1, le=2_000_000)]
"""A number of tokens that exist."""

Epsilon = Annotated[float, Field(gt=0, lt=1)]
ActivationName = Annotated[str, AfterValidator(known)]
Empty = Annotated[object, AfterValidator(empty)]


@dataclass(frozen=True)
class Stored:
    """Where the files of a foreign model have a weight of ours.

    name: the tensor's, without the family's prefix. turned: the file has the transpose.
    part: 0, 1 or 2 if the tensor joins query, key and value, else None.
    """

    name: str
    turned: bool = False
    part: int | None = None

    def shape(self, own: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the tensor, if our weight has the shape ``own``."""
        joined = own if self.part is None else (3 * own[0], *own[1:])
        return joined[::-1] if self.turned else joined

    def taken(self, tensor: Tensor) -> Tensor:
        """Our weight, from the tensor."""
        rows = tensor.T if self.turned else tensor
        return rows if self.part is None else rows.chunk(3)[self.part]


def layer(own: str, name: str, turned: bool = False, part: int | None = None) -> dict[str, Stored]:
    """Where the weight and the bias of a layer stand. own: our name of the layer. name: its name in the files."""
    return {
        f"{own}.weight": Stored(f"{name}.weight", turned, part),
        f"{own}.bias": Stored(f"{name}.bias", part=part),
    }


class Family(BaseModel, ABC):
    """The entries of a config.json that decide what a model computes. Other entries are ignored.

    Entries that are absent have the family's defaults. An entry with only one allowed value is a variant that the lab
    cannot compute.

    label: the family's name. prefix: what stands before the names of tensors if the model has a head.
    ignored: the tensors that a trace does not need.
    """

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)

    label: ClassVar[str]
    prefix: ClassVar[str]
    ignored: ClassVar[re.Pattern[str]]

    architectures: list[str] | None = None
    tie_word_embeddings: bool = True
    pruned_heads: Empty = None
    quantization_config: Empty = None
    auto_map: Empty = None  # code that comes with the model

    @abstractmethod
    def architecture(self, names: Collection[str]) -> Architecture:
        """What the model is made of. names: the tensors in its files, as ``Stored`` names them."""

    @abstractmethod
    def stored(self, of: Architecture, names: Collection[str]) -> dict[str, Stored]:
        """Where each weight of the model stands, by its name in ``Transformer``."""

    @staticmethod
    @abstractmethod
    def tokenizer(folder: Path) -> Tokenizer:
        """The tokenizer from the family's older files, for a folder without tokenizer.json.

        Raises ModelUnavailable, or what the package tokenizers raises.
        """

    def made_for(self, *tasks: str) -> bool:
        """Whether the config names a class of model that ends with one of the ``tasks``, such as "LMHeadModel"."""
        return any(name.endswith(tasks) for name in self.architectures or ())

    @classmethod
    def canonical(cls, name: str) -> str:
        """The name of a tensor without the family's prefix."""
        return name.removeprefix(cls.prefix)
