"""The IDX format of MNIST: big-endian, two zero bytes, the type of the elements (8: unsigned bytes), the number of
dimensions, each dimension in four bytes, then the elements in row-major order.

The expected content of a file is known, so nothing in the file decides how much of it is read or decompressed.
"""

import gzip
import hashlib
import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.data.images import DataUnavailable

# How a gzip file begins. This is checked instead of the suffix, because some servers and browsers decompress files.
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Archive:
    """The expected content of a file.

    name: the file's name, without ``.gz``. shape: the shape of its elements.
    sha256: the hash of the uncompressed file. Compressed files differ between mirrors.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str


def read_idx(path: Path, archive: Archive) -> Tensor:
    """The elements of a plain or gzip-compressed IDX file, uint8 of ``archive.shape``. Raises DataUnavailable."""
    header = struct.pack(f">{1 + len(archive.shape)}I", 0x800 + len(archive.shape), *archive.shape)
    size = len(header) + math.prod(archive.shape)
    try:
        with path.open("rb") as file:
            packed = file.peek(2)[:2] == GZIP
            data = bytearray((gzip.GzipFile(fileobj=file) if packed else file).read(size + 1))
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataUnavailable(f"{path.name} could not be read: {reason}.") from error
    for fine, problem in (
        (data[:4] == header[:4], f"is not an IDX file of bytes in {len(archive.shape)} dimensions"),
        (data[: len(header)] == header, f"does not announce {' x '.join(map(str, archive.shape))} bytes"),
        (len(data) >= size, f"ends after {len(data):,} of {size:,} bytes"),
        (len(data) <= size, f"goes on after the {size:,} bytes that it announces"),
        (
            hashlib.sha256(data).hexdigest() == archive.sha256,
            "has another checksum than the published file: its content was changed",
        ),
    ):
        if not fine:
            raise DataUnavailable(f"{path.name} {problem}.")
    return torch.frombuffer(data, dtype=torch.uint8, offset=len(header)).view(archive.shape)


def read_folder(folder: Path, archives: Sequence[Archive]) -> list[Tensor]:
    """The elements of ``archives``, read from ``folder``; plain files go before compressed ones. Raises
    DataUnavailable."""
    return [read_idx(_find(folder, archive), archive) for archive in archives]


def _find(folder: Path, archive: Archive) -> Path:
    for path in (folder / archive.name, folder / f"{archive.name}.gz"):
        try:
            if path.is_file():
                return path
        except OSError as error:
            raise DataUnavailable(f"{path.name} could not be looked for: {error.strerror}.") from error
    raise DataUnavailable(f"{archive.name} is missing, with and without .gz.")
