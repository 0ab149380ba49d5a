"""Foreign models: which there are, and how a folder becomes a ``Transformer`` with its tokenizer."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from engine.refusals import reason
from engine.transformer.foreign.bert import Bert
from engine.transformer.foreign.family import Family, ModelUnavailable, Stored
from engine.transformer.foreign.files import CONFIG, FLOATS, TensorFile, opened, read_json, read_text, shown
from engine.transformer.foreign.gpt2 import Gpt2
from engine.transformer.model import Transformer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FAMILIES: Mapping[str, type[Family]] = MappingProxyType({"bert": Bert, "gpt2": Gpt2})
"""The families that can be read, by the model_type in config.json."""

FOLDER = "GRADIENT_LAB_MODELS"
"""The environment variable that names a folder of models, or the folder of one model."""

MOST_WEIGHTS = 2_000_000_000
"""The most weights of a model: 8 GB of memory. The largest GPT-2 has 1.6e9."""

LONGEST = 100_000
"""The most characters of a text."""


@dataclass(frozen=True)
class Foreign:
    """A model of other people, ready for ``trace``.

    name: of its folder. family: a key of ``FAMILIES``. model: in float32, without dropout. It has no gradients.
    left_out: the tensors in its files that ``model`` does not have, such as a head for another task.
    """

    name: str
    family: str
    model: Transformer = field(repr=False)
    tokenizer: Tokenizer = field(repr=False)
    left_out: tuple[str, ...]

    def encode(self, text: str) -> Tensor:
        """The tokens of one text, [1, T], with those that its family adds, such as [CLS] and [SEP].

        Raises ValueError if the text is too long or no Unicode, or if the model does not have one of its tokens, and
        ModelUnavailable if the tokenizer is damaged.
        """
        if len(text) > LONGEST:
            raise ValueError(f"the text has {len(text):,} characters; at most {LONGEST:,} are read")
        if any("\ud800" <= character <= "\udfff" for character in text):  # halves of pairs in UTF-16
            raise ValueError("the text has characters that are not Unicode")
        with panics():
            found = self.tokenizer.encode(text)
        for number, token in zip(found.ids, found.tokens, strict=True):
            if number >= self.model.architecture.targets:
                raise ValueError(f"the tokenizer knows {shown(token)}, but the model does not")
        return torch.tensor([found.ids], dtype=torch.long)

    def decode(self, tokens: Tensor) -> str:
        """The text of tokens [T]. Special tokens are kept."""
        return self.tokenizer.decode(tokens.tolist(), skip_special_tokens=False)

    def pieces(self, tokens: Tensor) -> tuple[str, ...]:
        """Each of the tokens [T] by itself, to be shown beside a number.

        A token that is only a part of a character is shown in the tokenizer's own letters. WordPiece marks a token that
        continues a word by "##". A token that the tokenizer does not have is "".
        """
        found = []
        for number in tokens.tolist():
            text, token = self.tokenizer.decode([number], skip_special_tokens=False), self.tokenizer.id_to_token(number)
            found.append(token or "" if "\N{REPLACEMENT CHARACTER}" in text else text)
        return tuple(found)


def foreign_models() -> tuple[str, ...]:
    """The names of the models that the one who runs the app offers, in order. Raises ModelUnavailable."""
    return tuple(model_folders())


def load_foreign(name: str) -> Foreign:
    """Read one of ``foreign_models``. Raises ModelUnavailable, also if ``name`` is not among them."""
    folders = model_folders()
    if name not in folders:
        raise ModelUnavailable(f"There is no model {shown(name)}.")
    return read(folders[name])


def model_folders() -> dict[str, Path]:
    """The folders with a config.json, by name. Raises ModelUnavailable if ``FOLDER`` names no folder."""
    root = os.environ.get(FOLDER)
    if not root:
        return {}
    try:
        top = Path(root).resolve()
        folders = [top] if (top / CONFIG).exists() else sorted(top.iterdir())
        # A name that cannot be shown cannot be chosen.
        return {path.name: path for path in folders if path.name.isprintable() and (path / CONFIG).exists()}
    except OSError as error:
        raise ModelUnavailable(f"{FOLDER} names no folder that can be read.") from error


def read(folder: Path) -> Foreign:
    """Read a model from its ``folder``, as Hugging Face's ``save_pretrained`` writes it.

    The folder has config.json, model.safetensors or its parts with their index, and tokenizer.json or the family's
    older files. Sizes are checked before memory is taken. Nothing is downloaded or unpickled.
    Raises ModelUnavailable.
    """
    name = folder.absolute().name
    try:
        model_type, config = read_config(folder)
        with opened(folder, config.canonical) as tensors:
            model, left_out = filled(config, tensors)
        return Foreign(name, model_type, model, read_tokenizer(folder, config), left_out)
    except OSError as error:
        raise ModelUnavailable(f"The model {shown(name)} cannot be read: {error.strerror}.") from error
    except ModelUnavailable as error:
        raise ModelUnavailable(f"The model {shown(name)} cannot be read: {str(error).rstrip('.')}.") from error


def read_config(folder: Path) -> tuple[str, Family]:
    """The model_type in config.json, and what the file says. Raises ModelUnavailable."""
    said = read_json(folder, CONFIG)
    model_type = said.get("model_type")
    if not isinstance(model_type, str) or model_type not in FAMILIES:
        raise ModelUnavailable(f"its model_type is {shown(str(model_type))}; {', '.join(FAMILIES)} can be read")
    try:
        return model_type, FAMILIES[model_type].model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        entry = f"{first['loc'][0]} = {shown(str(first['input']))}"
        raise ModelUnavailable(f"{CONFIG} says {entry}: {reason(error)}") from error


def filled(config: Family, tensors: Mapping[str, TensorFile]) -> tuple[Transformer, tuple[str, ...]]:
    """The model with its weights, and the tensors that it does not have. Raises ModelUnavailable."""
    of = config.architecture(tensors)
    try:
        with torch.device("meta"):  # without memory for its weights
            model = Transformer(of)
    except ValueError as error:  # the heads do not divide the width
        raise ModelUnavailable(f"{CONFIG} does not fit together: {error}") from error
    weights = dict(model.named_parameters())
    count = sum(weight.numel() for weight in weights.values())
    if count > MOST_WEIGHTS:
        raise ModelUnavailable(f"it has {count:,} weights; at most {MOST_WEIGHTS:,} are read")
    places = config.stored(of, tensors)
    wanted = {own: places[own] for own in weights}
    check(config, {own: (wanted[own], tuple(weight.shape)) for own, weight in weights.items()}, tensors)
    with torch.no_grad():
        state = {own: numbers(tensors[place.name], place) for own, place in wanted.items()}
    model.load_state_dict(state, strict=False, assign=True)
    if of.predicts and of.tied:
        model.unembedding.weight = model.stack.embedding.words.weight
    used = {place.name for place in wanted.values()}
    left_out = tuple(sorted(tensor.name for name, tensor in tensors.items() if name not in used))
    return model.eval().requires_grad_(False), left_out


def check(
    config: Family, wanted: Mapping[str, tuple[Stored, tuple[int, ...]]], tensors: Mapping[str, TensorFile]
) -> None:
    """Raise ModelUnavailable unless the files have what the config says, and nothing that is not known.

    wanted: our name of a weight -> where it stands, and its shape.
    """
    names = {place.name for place, _ in wanted.values()}
    if missing := names - set(tensors):
        raise ModelUnavailable(f"its files lack {listed(missing)}")
    if unknown := [name for name in set(tensors) - names if not config.ignored.fullmatch(name)]:
        raise ModelUnavailable(f"its files have tensors that a {config.label} does not have: {listed(unknown)}")
    for place, own in wanted.values():
        found, shape = tensors[place.name], place.shape(own)
        if found.shape != shape:
            raise ModelUnavailable(f"{shown(found.name)} has the shape {found.shape}, but {CONFIG} says {shape}")
        if found.dtype not in FLOATS:
            raise ModelUnavailable(f"{shown(found.name)} has numbers of the type {shown(found.dtype)}")


def listed(names: Collection[str], most: int = 5) -> str:
    """Some of the names, and how many there are besides."""
    some = ", ".join(shown(name) for name in sorted(names)[:most])
    return some if len(names) <= most else f"{some} and {len(names) - most} more"


def numbers(tensor: TensorFile, place: Stored) -> nn.Parameter:
    """A weight in float32. Raises ModelUnavailable if not all of its numbers are finite."""
    found = place.taken(tensor.read()).to(torch.float32, copy=True, memory_format=torch.contiguous_format)
    if not math.isfinite(found.sum()) and not found.isfinite().all():
        raise ModelUnavailable(f"{shown(tensor.name)} has numbers that are not finite in float32")
    return nn.Parameter(found, requires_grad=False)


def read_tokenizer(folder: Path, config: Family) -> Tokenizer:
    """The tokenizer of a model. Raises ModelUnavailable."""
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ModelUnavailable("the package tokenizers is not installed") from error
    own = (folder / "tokenizer.json").exists()
    try:
        with panics():
            found = Tokenizer.from_str(read_text(folder, "tokenizer.json")) if own else config.tokenizer(folder)
    except ModelUnavailable as error:
        raise error if own else ModelUnavailable(f"it has no tokenizer.json, and {error}") from error
    except Exception as error:  # the package has no narrower class of errors
        raise ModelUnavailable(f"its tokenizer is damaged: {shown(str(error))}") from error
    found.no_padding()
    found.no_truncation()
    return found


@contextmanager
def panics() -> Iterator[None]:
    """Turn the package tokenizers' worst failure into ModelUnavailable. Its class is not an ``Exception``."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise ModelUnavailable("its tokenizer is damaged") from error
