"""The files of a foreign model: bounded, checked before they are read, and never unpickled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

from engine.transformer.foreign.family import ModelUnavailable

if TYPE_CHECKING:
    from safetensors import safe_open

CONFIG, SINGLE, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"

MOST_BYTES = 2**25
"""The most bytes of a file of text. The published vocabularies of both families need a tenth of this."""

MOST_SHARDS = 1000

FLOATS = {"F64", "F32", "F16", "BF16"}
"""The types of numbers that are read, by their names in safetensors."""

PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")

ADVICE = (
    "its weights are only in {}, and a pickled file can run any code when it is read. Convert it where you trust it: "
    "load it with transformers, and call save_pretrained, which writes model.safetensors"
)


def shown(text: str) -> str:
    """Untrusted text, shortened, in quotation marks, safe to show as plain text."""
    return repr(text if len(text) <= 80 else text[:79] + "…")


def checked_file(folder: Path, name: str, most: int = MOST_BYTES) -> Path:
    """The path of a file. Raises ModelUnavailable if there is none, or if it has more than ``most`` bytes."""
    path = folder / name
    if not path.is_file():
        raise ModelUnavailable(f"it has no {name}")
    if path.stat().st_size > most:
        raise ModelUnavailable(f"{name} has more than {most:,} bytes")
    return path


def read_text(folder: Path, name: str) -> str:
    """The text of a file. Raises ModelUnavailable."""
    try:
        return checked_file(folder, name).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelUnavailable(f"{name} is not UTF-8 text") from error


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """The object in a JSON file. Raises ModelUnavailable."""
    try:
        found = json.loads(read_text(folder, name))
    except ModelUnavailable:
        raise
    except (ValueError, RecursionError) as error:
        raise ModelUnavailable(f"{name} is not JSON") from error
    if not isinstance(found, dict):
        raise ModelUnavailable(f"{name} is not a JSON object")
    return found


def options(folder: Path) -> dict[str, Any]:
    """What tokenizer_config.json says, nothing if it is absent. Raises ModelUnavailable."""
    name = "tokenizer_config.json"
    return read_json(folder, name) if (folder / name).exists() else {}


def weight_files(folder: Path) -> list[str]:
    """The names of the safetensors files of a model. Raises ModelUnavailable."""
    if (folder / SINGLE).is_file():
        return [SINGLE]
    if not (folder / INDEX).exists():
        pickled = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLED)
        raise ModelUnavailable(ADVICE.format(shown(pickled[0])) if pickled else f"it has no {SINGLE}")
    places = read_json(folder, INDEX).get("weight_map")
    if not isinstance(places, dict) or not places or not all(isinstance(name, str) for name in places.values()):
        raise ModelUnavailable(f"{INDEX} has no weight_map from tensors to files")
    names = sorted(set(places.values()))
    if len(names) > MOST_SHARDS:
        raise ModelUnavailable(f"{INDEX} names {len(names):,} files; at most {MOST_SHARDS:,} are read")
    for name in names:
        # A path could lead out of the model's folder.
        if set(name) & set("/\\:\0") or not name.endswith(".safetensors"):
            raise ModelUnavailable(f"{INDEX} names {shown(name)}, which is not the name of a safetensors file")
        if not (folder / name).is_file():
            raise ModelUnavailable(f"{INDEX} names {shown(name)}, which does not exist")
    return names


@dataclass(frozen=True)
class TensorFile:
    """A tensor in an open file. name: as the file has it. Its shape and the type of its numbers are in the header."""

    file: safe_open
    name: str
    shape: tuple[int, ...]
    dtype: str

    def read(self) -> Tensor:
        """Read the tensor itself."""
        found: Tensor = self.file.get_tensor(self.name)
        return found


@contextmanager
def opened(folder: Path, canonical: Callable[[str], str]) -> Iterator[dict[str, TensorFile]]:
    """Open the weights of a model, and read only the headers: the tensors by their ``canonical`` names.

    Raises ModelUnavailable if a file is damaged, or if a tensor appears twice.
    """
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise ModelUnavailable("the package safetensors is not installed") from error
    with ExitStack() as stack:
        found: dict[str, TensorFile] = {}
        for name in weight_files(folder):
            try:
                # With "mmap", a file that is overwritten while it is read would end the process.
                file = stack.enter_context(safe_open(folder / name, framework="pt", backend="pread"))
                slices = {each: file.get_slice(each) for each in file.keys()}  # noqa: SIM118
            except (SafetensorError, OSError) as error:
                raise ModelUnavailable(
                    f"{name} is damaged, or is not a safetensors file: {shown(str(error))}"
                ) from error
            for each, part in slices.items():
                if canonical(each) in found:
                    raise ModelUnavailable(f"the tensor {shown(each)} appears twice")
                found[canonical(each)] = TensorFile(file, each, tuple(part.get_shape()), part.get_dtype())
        yield found
