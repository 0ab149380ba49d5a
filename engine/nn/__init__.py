"""Parts that every topic builds on."""

from engine.nn.activations import ACTIVATIONS, Activation
from engine.nn.initializers import INITIALIZERS, Initializer
from engine.nn.transfers import TRANSFERS, Transfer

__all__ = ["ACTIVATIONS", "INITIALIZERS", "TRANSFERS", "Activation", "Initializer", "Transfer"]
