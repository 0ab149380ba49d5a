"""Attention: what the heads of small trained models look at, and where each number comes from."""

from engine.attention.maps import Head, Heads, WeightParts, heads
from engine.attention.spec import HeadsSpec

__all__ = ["Head", "Heads", "HeadsSpec", "WeightParts", "heads"]
