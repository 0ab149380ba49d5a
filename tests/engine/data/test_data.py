"""Data sets: what IDX files may hold and what is said when they do not, and where MNIST comes from.

No test needs MNIST or a network: small files of their own stand for it, and a server on this machine for the mirrors.
"""

import errno
import gzip
import hashlib
import math
import os
import struct
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pooch
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine import data
from engine.data import Archive, Dataset, DataUnavailable, Images, floats, load_images, read_folder
from engine.data.idx import read_idx
from engine.data.mnist import FOLDER, MNIST, load_mnist

torch.set_num_threads(1)


def idx(shape: tuple[int, ...], content: bytes) -> bytes:
    return bytes([0, 0, 8, len(shape)]) + b"".join(struct.pack(">I", size) for size in shape) + content


def archive_of(name: str, shape: tuple[int, ...], file: bytes) -> Archive:
    return Archive(name, shape, hashlib.sha256(file).hexdigest())


SHAPES = ((3, 28, 28), (2, 28, 28), (3,), (2,))
FILES = {
    archive.name: idx(shape, bytes((number + 7 * i) % 251 for i in range(math.prod(shape))))
    for number, (archive, shape) in enumerate(zip(MNIST, SHAPES, strict=True))
}
"""A small set in MNIST's names."""
SMALL = tuple(archive_of(name, shape, file) for (name, file), shape in zip(FILES.items(), SHAPES, strict=True))
FIRST = SMALL[0].name


def pixels(images: Images) -> list[list[int]]:
    assert images.train_labels is not None and images.test_labels is not None
    parts = (images.train, images.test, images.train_labels, images.test_labels)
    return [part.flatten().tolist() for part in parts]


CONTENT = [list(file[4 + 4 * len(shape) :]) for file, shape in zip(FILES.values(), SHAPES, strict=True)]


# The format.


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


# MNIST from a folder.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """torchvision's folder of the small set, compressed, and named in the environment."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, file in FILES.items():
        (raw / f"{name}.gz").write_bytes(gzip.compress(file))
    monkeypatch.setenv(FOLDER, str(tmp_path))
    return raw


def test_a_folder_is_read_plain_and_compressed(folder: Path) -> None:
    packed = load_mnist(SMALL)
    assert pixels(packed) == CONTENT
    assert packed.train.shape == (3, 784) and packed.test.shape == (2, 784)
    assert packed.source == "MNIST, from the folder that GRADIENT_LAB_DATA names"
    for path in folder.iterdir():
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert pixels(load_mnist(SMALL)) == CONTENT


def test_a_folder_goes_before_a_download(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pooch, "retrieve")
    assert pixels(load_mnist(SMALL)) == CONTENT
    (folder / f"{FIRST}.gz").unlink()
    with pytest.raises(DataUnavailable) as caught:
        load_mnist(SMALL)
    assert str(caught.value) == (
        "MNIST cannot be had. train-images-idx3-ubyte is missing, with and without .gz. "
        "Set GRADIENT_LAB_DATA to a folder that holds MNIST/raw, or choose other data."
    )


def test_only_the_published_bytes_are_mnist(folder: Path) -> None:
    for shape, archive in zip(SHAPES, MNIST, strict=True):
        with pytest.raises(DataUnavailable, match="another checksum"):
            read_folder(folder, [Archive(archive.name, shape, archive.sha256)])
    with pytest.raises(DataUnavailable, match="does not announce 60000 x 28 x 28 bytes"):
        load_mnist()


def test_a_folder_may_stand_in_place_of_a_file(folder: Path) -> None:
    (folder / FIRST).mkdir()
    assert pixels(load_mnist(SMALL)) == CONTENT


@pytest.mark.parametrize("step", ["is_file", "open"])
def test_a_folder_that_may_not_be_read_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/secret/path")

    monkeypatch.setattr(Path, step, refuse)
    with pytest.raises(DataUnavailable, match=f"{FIRST}.*: {os.strerror(errno.EACCES)}") as caught:
        load_mnist(SMALL)
    assert "secret" not in str(caught.value)


# MNIST from a mirror.


@dataclass
class Host:
    """A web server here. served: path -> body; asked: paths in order; withheld: bytes promised and not sent."""

    address: str
    served: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    withheld: int = 0

    @property
    def mirrors(self) -> tuple[str, str]:
        return f"{self.address}/a/", f"{self.address}/b/"

    def serve(self, mirror: str, files: Mapping[str, bytes] = FILES) -> None:
        self.served |= {f"/{mirror}/{name}.gz": gzip.compress(file) for name, file in files.items()}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append(self.path)
            body = host.served.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"") + host.withheld))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / project)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        host = Host(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield host
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "gradient-lab"


def test_a_download_is_kept(host: Host, cache: Path) -> None:
    host.serve("a")
    images = load_mnist(SMALL, host.mirrors)
    assert pixels(images) == CONTENT and images.source == "MNIST, downloaded"
    assert host.asked == [f"/a/{name}.gz" for name in FILES]
    assert {path.name for path in cache.iterdir()} == {f"{name}.gz" for name in FILES}
    host.served.clear()
    assert pixels(load_mnist(SMALL, host.mirrors)) == CONTENT
    assert len(host.asked) == len(FILES)


@pytest.mark.parametrize("first", [{}, {FIRST: b"<html>"}, {FIRST: FILES[FIRST][:-1] + b"?"}])
def test_mirrors_are_tried_in_order(host: Host, cache: Path, first: dict[str, bytes]) -> None:
    host.serve("a", {**FILES, **first} if first else {})
    host.serve("b")
    assert pixels(load_mnist(SMALL, host.mirrors)) == CONTENT
    assert host.asked[:2] == [f"/a/{FIRST}.gz", f"/b/{FIRST}.gz"]
    assert gzip.decompress((cache / f"{FIRST}.gz").read_bytes()) == FILES[FIRST]


def test_what_a_server_decompresses_on_the_way_is_read(host: Host) -> None:
    host.served = {f"/a/{name}.gz": file for name, file in FILES.items()}
    assert pixels(load_mnist(SMALL, host.mirrors)) == CONTENT


def test_a_kept_file_that_spoiled_is_replaced(host: Host, cache: Path) -> None:
    cache.mkdir()
    (cache / f"{FIRST}.gz").write_bytes(b"spoiled")
    host.serve("b")
    assert pixels(load_mnist(SMALL, host.mirrors)) == CONTENT


def refused(host: Host, _: pytest.MonkeyPatch) -> str:
    host.address = "http://127.0.0.1:1"
    return "127.0.0.1: ConnectionError; 127.0.0.1: ConnectionError"


def absent(*_: object) -> str:
    return "127.0.0.1: status 404; 127.0.0.1: status 404"


def changed(host: Host, _: pytest.MonkeyPatch) -> str:
    for mirror in "ab":
        host.serve(mirror, {FIRST: FILES[FIRST][:-1] + b"?"})
    told = f"{FIRST}.gz has another checksum than the published file: its content was changed"
    return f"{told}; {told}"


def cut_off(host: Host, _: pytest.MonkeyPatch) -> str:
    host.serve("a")
    host.serve("b")
    host.withheld = 9
    return "127.0.0.1: ChunkedEncodingError; 127.0.0.1: ChunkedEncodingError"


def disk_full(_: Host, monkeypatch: pytest.MonkeyPatch) -> str:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", full)
    return "; ".join([f"127.0.0.1: {os.strerror(errno.ENOSPC)}"] * 2)


@pytest.mark.parametrize("trouble", [refused, absent, changed, cut_off, disk_full])
def test_a_failed_download_says_why_and_keeps_nothing(
    host: Host, cache: Path, monkeypatch: pytest.MonkeyPatch, trouble: Callable[[Host, pytest.MonkeyPatch], str]
) -> None:
    told = trouble(host, monkeypatch)
    with pytest.raises(DataUnavailable) as caught:
        load_mnist(SMALL, host.mirrors)
    assert str(caught.value) == (
        f"MNIST cannot be had. train-images-idx3-ubyte.gz could not be downloaded ({told}). "
        "Set GRADIENT_LAB_DATA to a folder that holds MNIST/raw, or choose other data."
    )
    assert not list(cache.iterdir())


def test_without_pooch_a_download_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DataUnavailable, match="needs the package pooch"):
        load_mnist(SMALL)


# The records.


def test_floats_are_intensities() -> None:
    levels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(floats(levels), torch.linspace(0, 255, 256) / 255)
    assert floats(levels, torch.float64).dtype == torch.float64
    assert floats(levels).aminmax() == (0, 1)


def test_a_data_set_is_loaded_once_and_a_failure_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = torch.zeros(1, 28, 28, dtype=torch.uint8)
    calls = []

    def load() -> Images:
        calls.append(None)
        if len(calls) == 1:
            raise DataUnavailable("not yet")
        return Images(blank, blank, "a test")

    monkeypatch.setattr(
        data, "DATASETS", {"own": Dataset("Own", "Its own.", "This test", "https://example.org", 5, load)}
    )
    with pytest.raises(DataUnavailable, match="not yet"):
        load_images("own")
    assert load_images("own") is load_images("own")
    assert len(calls) == 2
