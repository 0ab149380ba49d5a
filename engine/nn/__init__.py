"""The parts of networks that every topic uses."""

from engine.nn.activation_registry import ACTIVATIONS, FUNCTIONS, TRANSFERS
from engine.nn.activations import Activation, Transfer
from engine.nn.attention import Attention
from engine.nn.blocks import First, Layer, Residual
from engine.nn.convolution import Convolution
from engine.nn.initializers import INITIALIZERS, Initializer
from engine.nn.normalizations import NORMALIZATIONS, Normalization
from engine.nn.recurrent import ElmanCell, GRUCell, LSTMCell, Recurrent

__all__ = [
    "ACTIVATIONS",
    "FUNCTIONS",
    "INITIALIZERS",
    "NORMALIZATIONS",
    "TRANSFERS",
    "Activation",
    "Attention",
    "Convolution",
    "ElmanCell",
    "First",
    "GRUCell",
    "Initializer",
    "LSTMCell",
    "Layer",
    "Normalization",
    "Recurrent",
    "Residual",
    "Transfer",
]
