"""Parts that every topic builds on."""

from engine.nn.activations import ACTIVATIONS, Activation
from engine.nn.transfers import TRANSFERS, Transfer

__all__ = ["ACTIVATIONS", "TRANSFERS", "Activation", "Transfer"]
