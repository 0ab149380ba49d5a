"""A small set of files with the names of MNIST's files, and the content of these files."""

import hashlib
import math
import struct

from engine.data import Archive, Images
from engine.data.mnist import MNIST


def idx(shape: tuple[int, ...], content: bytes) -> bytes:
    return bytes([0, 0, 8, len(shape)]) + b"".join(struct.pack(">I", size) for size in shape) + content


def archive_of(name: str, shape: tuple[int, ...], file: bytes) -> Archive:
    return Archive(name, shape, hashlib.sha256(file).hexdigest())


SHAPES = ((3, 28, 28), (2, 28, 28), (3,), (2,))
FILES = {
    archive.name: idx(shape, bytes((number + 7 * i) % 251 for i in range(math.prod(shape))))
    for number, (archive, shape) in enumerate(zip(MNIST, SHAPES, strict=True))
}
"""The content of the small set, by the names of MNIST's files."""
SMALL = tuple(archive_of(name, shape, file) for (name, file), shape in zip(FILES.items(), SHAPES, strict=True))
FIRST = SMALL[0].name


def pixels(images: Images) -> list[list[int]]:
    assert images.train_labels is not None and images.test_labels is not None
    parts = (images.train, images.test, images.train_labels, images.test_labels)
    return [part.flatten().tolist() for part in parts]


CONTENT = [list(file[4 + 4 * len(shape) :]) for file, shape in zip(FILES.values(), SHAPES, strict=True)]
