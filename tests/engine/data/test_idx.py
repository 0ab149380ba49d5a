"""What an IDX file may contain, and the message for a file that is not valid."""

import gzip
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data import DataUnavailable
from engine.data.idx import read_idx
from tests.engine.data.small import archive_of, idx

torch.set_num_threads(1)


@given(rows=st.integers(1, 5), content=st.binary(min_size=1, max_size=200))
def test_bytes_survive_a_file_plain_or_compressed(
    tmp_path_factory: pytest.TempPathFactory, rows: int, content: bytes
) -> None:
    shape = (rows, len(content))
    file = idx(shape, content * rows)
    path = tmp_path_factory.getbasetemp() / "any"
    for written in (file, gzip.compress(file)):
        path.write_bytes(written)
        read = read_idx(path, archive_of("any", shape, file))
        assert read.dtype == torch.uint8 and read.shape == shape
        assert all(bytes(row.tolist()) == content for row in read)


GOOD = idx((2, 3), b"abcdef")

CORRUPTIONS: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "is not an IDX file of bytes in 2 dimensions"),
    "a web page": (b"<!DOCTYPE html><title>Sign in</title>", "is not an IDX file"),
    "another number of dimensions": (idx((6,), b"abcdef"), "is not an IDX file of bytes in 2 dimensions"),
    "floats": (GOOD.replace(b"\x08", b"\x0d", 1), "is not an IDX file of bytes"),
    "another shape": (idx((3, 2), b"abcdef"), "does not announce 2 x 3 bytes"),
    "a header that is cut off": (GOOD[:9], "does not announce 2 x 3 bytes"),
    "a huge shape": (idx((2**32 - 1, 2**32 - 1), b"abcdef"), "does not announce 2 x 3 bytes"),
    "a missing end": (GOOD[:-1], "ends after 17 of 18 bytes"),
    "a byte too much": (GOOD + b"g", "goes on after the 18 bytes"),
    "a changed byte": (GOOD[:-1] + b"F", "has another checksum"),
    "a gzip file cut off": (gzip.compress(GOOD)[:-9], "could not be read: Compressed file ended"),
    "a gzip file with a changed byte": (gzip.compress(GOOD)[:-5] + b"\0" * 5, "could not be read: CRC check failed"),
    "a gzip file of rubbish": (b"\x1f\x8b\x08\0\0\0\0\0\0\0" + b"\xff" * 30, "could not be read: .*invalid"),
    "a gzip file too long": (gzip.compress(GOOD + b"g"), "goes on after the 18 bytes"),
}


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_each_corruption_is_named(tmp_path: Path, kind: str) -> None:
    file, message = CORRUPTIONS[kind]
    (tmp_path / "some-idx2").write_bytes(file)
    with pytest.raises(DataUnavailable, match=f"^some-idx2 {message}"):
        read_idx(tmp_path / "some-idx2", archive_of("some-idx2", (2, 3), GOOD))


def test_a_decompression_bomb_is_left_packed(tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(gzip.compress(GOOD + bytes(30_000_000), compresslevel=1))
    tracemalloc.start()
    try:
        with pytest.raises(DataUnavailable, match="goes on"):
            read_idx(tmp_path / "bomb", archive_of("bomb", (2, 3), GOOD))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
