"""MNIST from a folder. Small files of the test take its place."""

import errno
import gzip
import os
from pathlib import Path

import pooch
import pytest
import torch

from engine.data import Archive, DataUnavailable, read_folder
from engine.data.mnist import FOLDER, MNIST, load_mnist
from tests.engine.data.small import CONTENT, FILES, FIRST, SHAPES, SMALL, pixels

torch.set_num_threads(1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in torchvision's layout with the small set, compressed. The environment names this folder."""
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
        "MNIST is not available. train-images-idx3-ubyte is missing, with and without .gz. "
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
