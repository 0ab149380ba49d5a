"""The record of a loss surface."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

Point = tuple[float, float]


@dataclass(frozen=True)
class Surface:
    """A scalar function of the plane, and the known facts about it. A call takes ``[..., 2]`` and returns ``[...]``.

    label: the name shown.
    formula: f(x, y) in LaTeX.
    about: a sentence or two on what the surface shows about optimization.
    f: takes two tensors of the same shape. It is a plain function, because exported scripts contain its source.
    domain: the part of the plane that is drawn, ((x_low, x_high), (y_low, y_high)).
    start: where descent starts by default.
    minima: known minima inside the domain, global ones first, each to at least 10 digits. Empty if there is none.
    complete: whether ``minima`` lists all minima; if not, it lists only the global ones.
    searched: whether ``minima`` lists only what a search of the domain found; there may be lower ones.
    source: (title, address) of its definition.
    source_text: f as an expression in x, y, torch and ``engine.formula.functions``, if f has no source of its own.
    """

    label: str
    formula: str
    about: str
    f: Callable[[Tensor, Tensor], Tensor]
    domain: tuple[Point, Point]
    start: Point
    minima: tuple[Point, ...]
    source: tuple[str, str]
    complete: bool = True
    searched: bool = False
    source_text: str = ""

    def __call__(self, point: Tensor) -> Tensor:
        """f at ``point`` [..., 2], shape [...]."""
        x, y = point.unbind(-1)
        return self.f(x, y)
