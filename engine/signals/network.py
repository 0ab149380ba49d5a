"""The twins: two networks with the same weights, one without and one with shortcuts."""

import copy
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from engine.nn import ACTIVATIONS, INITIALIZERS, NORMALIZATIONS, First, Layer, Residual
from engine.signals.spec import CLASSES, StackSpec

Norm = Callable[[int], nn.Module]


class Network(nn.Module):
    """A linear stem, a trunk of spans and a linear head: inputs [N, inputs] -> logits [N, CLASSES].

    spans: the parts of the trunk. The branch of a span is an ``nn.Sequential`` of ``Layer`` and normalizations. Its
        last module is a ``Layer``.
    """

    def __init__(self, stem: nn.Linear, spans: list[Residual], norm: nn.Module, head: nn.Linear) -> None:
        super().__init__()
        self.stem, self.norm, self.head = stem, norm, head
        self.spans = spans
        self.trunk = nn.ModuleList(spans)

    def forward(self, inputs: Tensor) -> Tensor:
        rows = self.stem(inputs)
        for span in self.spans:
            rows = span(rows)
        return self.logits(rows)

    def logits(self, state: Tensor) -> Tensor:
        """The head's output for the trunk's last state."""
        out: Tensor = self.head(self.norm(state))
        return out

    def states(self) -> dict[str, nn.Module]:
        """The modules whose outputs are the states h_0 ... h_depth, for ``engine.nn.capture``.

        h_0 is the stem's output and h_l is the output of weight layer l. If layer l is the last of a span, h_l is the
        output of the whole span, so the shortcut is included.
        """
        modules: list[nn.Module] = [self.stem]
        for span in self.spans:
            modules += [module for module in span.branch if isinstance(module, Layer)]
            modules[-1] = span
        return {f"h_{number}": module for number, module in enumerate(modules)}

    def layers(self) -> list[Layer]:
        """The trunk's layers, first to last."""
        return [module for span in self.spans for module in span.branch if isinstance(module, Layer)]


def widths(spec: StackSpec) -> list[int]:
    """The number of units after the stem, then after each span of the trunk."""
    count = len(spec.spans())
    return [spec.width] + [spec.width >> (spec.halvings * number // count) for number in range(1, count + 1)]


def build(spec: StackSpec, inputs: int | None = None) -> tuple[Network, Network]:
    """Build the plain and the residual network of ``spec`` in float32. Both have the same weights.

    The weights depend on the seed of ``spec``. inputs: the length of a sample; by default the width of ``spec``.
    """
    generator = torch.Generator().manual_seed(spec.seed)
    units = widths(spec)
    stem = linear(inputs or spec.width, spec.width, generator)
    spans = [
        span(spec, layers, before, after, generator)
        for layers, before, after in zip(spec.spans(), units[:-1], units[1:], strict=True)
    ]
    norm = NORMALIZATIONS["layer"].build(units[-1]) if spec.norm == "pre" else nn.Identity()
    head = linear(units[-1], CLASSES, generator)
    without = [Residual(each.branch, after=each.after) for each in spans]
    return copy.deepcopy(Network(stem, without, norm, head)), Network(stem, spans, norm, head)


def span(spec: StackSpec, layers: int, inputs: int, outputs: int, generator: torch.Generator) -> Residual:
    """Build a span: ``layers`` weight layers and the shortcut over them. Only the first layer can change the width."""
    layer_norm, batch_norm = NORMALIZATIONS["layer"].build, NORMALIZATIONS["batch"].build
    branch: list[nn.Module] = []
    for number in range(layers):
        entering = inputs if number == 0 else outputs
        if spec.norm == "pre" and number % spec.block == 0:
            branch.append(layer_norm(entering))
        branch.append(layer(spec, entering, outputs, batch_norm if spec.norm == "batch" else None, generator))
    return Residual(
        nn.Sequential(*branch),
        shortcut(spec, inputs, outputs, generator),
        nn.Parameter(torch.zeros(())) if spec.scale == "zero" else spec.branch_scale(),
        layer_norm(outputs) if spec.norm == "post" else None,
    )


def layer(spec: StackSpec, inputs: int, outputs: int, norm: Norm | None, generator: torch.Generator) -> Layer:
    """Build one weight layer. Its weights are drawn with the initialization of ``spec``, and its biases are zero."""
    activation = ACTIVATIONS[spec.activation]
    drawn = Layer(inputs, outputs, activation.f, spec.order == "before", norm)
    weight = INITIALIZERS[spec.initializer].draw(outputs, inputs, activation.gain, generator)
    drawn.linear.weight.data = spec.gain * weight
    drawn.linear.bias.data.zero_()
    return drawn


def shortcut(spec: StackSpec, inputs: int, outputs: int, generator: torch.Generator) -> nn.Module | None:
    """Build the shortcut: the identity if the shapes agree, else the map that ``spec.projection`` names, or None."""
    if inputs == outputs:
        return nn.Identity()
    if spec.projection == "linear":
        return linear(inputs, outputs, generator, bias=False)
    return First(outputs) if spec.projection == "first" else None


def linear(inputs: int, outputs: int, generator: torch.Generator, bias: bool = True) -> nn.Linear:
    """Build a linear layer that keeps the second moment of its input. Its bias, if it has one, is zero."""
    made = nn.Linear(inputs, outputs, bias=bias)
    made.weight.data.normal_(0, 1 / math.sqrt(inputs), generator=generator)
    if bias:
        made.bias.data.zero_()
    return made


def batch(spec: StackSpec) -> tuple[Tensor, Tensor]:
    """Draw standard normal inputs [batch, width] and random labels [batch]."""
    generator = torch.Generator().manual_seed(spec.seed + 1)
    inputs = torch.randn(spec.batch, spec.width, generator=generator)
    return inputs, torch.randint(CLASSES, (spec.batch,), generator=generator)
