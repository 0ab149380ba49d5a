"""The records of data sets: their intensities, one load per process, and samples of one size."""

import pytest
import torch

from engine import data
from engine.data import Dataset, DataUnavailable, Images, floats, load_images
from engine.data.samples import SAMPLES

torch.set_num_threads(1)


def test_floats_are_intensities() -> None:
    levels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(floats(levels), torch.linspace(0, 255, 256) / 255)
    assert floats(levels, torch.float64).dtype == torch.float64
    assert floats(levels).min() == 0 and floats(levels).max() == 1


def test_a_data_set_is_loaded_once_and_a_failure_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = torch.zeros(1, 28, 28, dtype=torch.uint8)
    calls: list[None] = []

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


@pytest.mark.parametrize("key", SAMPLES)
def test_samples_have_a_label_each_and_a_mean_square_of_about_one(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = torch.randint(256, (60, 784), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    images = Images(digits, digits[:5], "a test", torch.arange(60, dtype=torch.uint8) % 10, None)
    monkeypatch.setattr("engine.data.samples.load_mnist", lambda: images)
    inputs, labels, source = SAMPLES[key].load(50, 3)
    assert len(inputs) == len(labels) == 50 and labels.dtype == torch.int64 and source
    assert inputs.square().mean().item() == pytest.approx(1, rel=0.1)
