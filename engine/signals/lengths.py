"""The length of a tensor that may be far too large or too small to be squared in float32."""

import torch
from torch import Tensor


def norm(values: Tensor) -> float:
    """The Euclidean norm, summed in float64, because in float32 the square of a number may overflow or vanish."""
    return float(torch.linalg.vector_norm(values, dtype=torch.float64))
