"""The reader of the formulas that visitors type. It gives a differentiable function, its source and its LaTeX."""

from engine.formula.checks import FormulaError
from engine.formula.reader import Formula, parse_formula

__all__ = ["Formula", "FormulaError", "parse_formula"]
