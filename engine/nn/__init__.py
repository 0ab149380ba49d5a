"""Parts that every topic builds on."""

from engine.nn.activations import ACTIVATIONS, Activation
from engine.nn.attention import Attention
from engine.nn.blocks import Layer, Residual
from engine.nn.initializers import INITIALIZERS, Initializer
from engine.nn.normalizations import NORMALIZATIONS, Normalization
from engine.nn.transfers import TRANSFERS, Transfer

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "NORMALIZATIONS",
    "TRANSFERS",
    "Activation",
    "Attention",
    "Initializer",
    "Layer",
    "Normalization",
    "Residual",
    "Transfer",
]
