"""The number formats in which a race can compute."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Precision:
    """A number format. label: the name shown. dtype: the type of weights and sums.

    products: how torch computes products of float32 matrices, see ``torch.set_float32_matmul_precision``.
    """

    label: str
    dtype: torch.dtype
    products: str = "highest"

    @contextmanager
    def on(self, device: str) -> Iterator[None]:
        """Compute in this format in the block. Raises ValueError if the device cannot."""
        if self.products != "highest" and device != "cuda":
            raise ValueError(f"{self.label} needs a CUDA device; choose float32")
        before = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision(self.products)
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(before)


PRECISIONS = {
    "float32": Precision("Float32", torch.float32),
    "float64": Precision("Float64", torch.float64),
    "tf32": Precision("TF32", torch.float32, "high"),
}
