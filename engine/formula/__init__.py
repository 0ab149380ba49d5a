"""Reads the formulas that visitors type: text in; a differentiable function, its source and its LaTeX out."""

from engine.formula.checks import FormulaError
from engine.formula.reader import Formula, parse_formula

__all__ = ["Formula", "FormulaError", "parse_formula"]
