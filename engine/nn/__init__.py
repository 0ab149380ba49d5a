"""Parts that every topic builds on."""

from engine.nn.transfers import TRANSFERS, Transfer

__all__ = ["TRANSFERS", "Transfer"]
