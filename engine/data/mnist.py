"""MNIST, from a folder or downloaded: 60,000 training and 10,000 test images of handwritten digits.

LeCun, Cortes and Burges, "The MNIST database of handwritten digits".
"""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from torch import Tensor

from engine.data.idx import Archive, read_folder, read_idx
from engine.data.images import DataUnavailable, Images

MNIST = (
    Archive(
        "train-images-idx3-ubyte",
        (60_000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    Archive(
        "t10k-images-idx3-ubyte",
        (10_000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    Archive("train-labels-idx1-ubyte", (60_000,), "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    Archive("t10k-labels-idx1-ubyte", (10_000,), "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)
"""Training images, test images, training labels, test labels."""

# For each file they are tried in this order.
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

# Seconds to wait for a connection, and for each piece of an answer.
PATIENCE = (5, 30)

FOLDER = "GRADIENT_LAB_DATA"
"""The environment variable that names the folder of data sets. If it is set, nothing is downloaded."""

ADVICE = f"Set {FOLDER} to a folder that holds MNIST/raw, or choose other data."


def load_mnist(archives: Sequence[Archive] = MNIST, mirrors: Sequence[str] = MIRRORS) -> Images:
    """MNIST from the folder that ``FOLDER`` names, in torchvision's layout, or else from pooch's cache or a mirror.

    archives: four files in the order of ``MNIST``. Raises DataUnavailable.
    """
    root = os.environ.get(FOLDER)
    try:
        if root:
            parts = read_folder(Path(root) / "MNIST" / "raw", archives)
        else:
            parts = [_download(archive, mirrors) for archive in archives]
    except DataUnavailable as error:
        raise DataUnavailable(f"MNIST is not available. {error} {ADVICE}") from error
    train, test, train_labels, test_labels = parts
    source = f"MNIST, from the folder that {FOLDER} names" if root else "MNIST, downloaded"
    return Images(train.flatten(1), test.flatten(1), source, train_labels, test_labels)


def _download(archive: Archive, mirrors: Sequence[str]) -> Tensor:
    try:
        import pooch
    except ImportError as error:
        raise DataUnavailable("A download needs the package pooch, which is not installed.") from error
    pooch.get_logger().setLevel("WARNING")  # below this level it asks users to add a checksum
    name = f"{archive.name}.gz"
    problems = []
    for mirror in mirrors:
        try:
            fetch = pooch.HTTPDownloader(timeout=PATIENCE)
            kept = Path(pooch.retrieve(mirror + name, None, name, pooch.os_cache("gradient-lab"), downloader=fetch))
            try:
                return read_idx(kept, archive)
            except DataUnavailable:
                kept.unlink(missing_ok=True)  # the next call would find the damaged file in the cache
                raise
        except DataUnavailable as error:
            problems.append(str(error).rstrip("."))
        except OSError as error:  # this includes the errors of requests, which inherit from it
            reason = error.strerror or type(error).__name__
            if (answer := getattr(error, "response", None)) is not None:
                reason = f"status {answer.status_code}"
                answer.close()  # pooch leaves it open
            problems.append(f"{urlsplit(mirror).hostname}: {reason}")
    raise DataUnavailable(f"{name} could not be downloaded ({'; '.join(problems)}).")
