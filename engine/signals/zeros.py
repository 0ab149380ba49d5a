"""Why the gradient of a layer's weights is exactly 0: the place where it became 0 is found, and looked at."""

from collections import defaultdict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.nn import Layer
from engine.nn.capture import capture
from engine.signals.idle import activity
from engine.signals.network import Network


@dataclass(frozen=True)
class Zero:
    """Why the gradients of the weights of ``layers`` are exactly 0.

    cause: "silent" (the activation's outputs and slopes are 0 for every sample), "saturated" (its slopes are 0, but not
        all of its outputs), "constant" (the output of a normalization does not depend on its input), "weights" (they
        are 0), "scale" (the branch is multiplied by 0), "signal" (the signal is too small for float32) "gradient"
        (the gradient is too small for float32), or "blocked" (the units that pass a gradient on receive none).
    place: the number of the layer with this cause; depth + 1 is the head. 0: each of ``layers`` has the cause itself.
    units: the number of units there.
    """

    layers: tuple[int, ...]
    cause: str
    place: int
    units: int


Why = tuple[str, int, int]
"""Cause, place and units."""


def zeros(network: Network, inputs: Tensor, labels: Tensor) -> tuple[Zero, ...]:
    """The causes of all weight gradients of ``network`` that are exactly 0 on a batch; () if the loss is not finite."""
    causes = _Way(network, inputs, labels).causes()
    shared = {why for number, why in causes.items() if why[1] != number}
    groups: dict[Why, list[int]] = defaultdict(list)
    for number, why in causes.items():
        groups[why if why in shared else (why[0], 0, why[2])].append(number)
    return tuple(Zero(tuple(numbers), *why) for why, numbers in groups.items())


class _Way:
    """The way of the signal: h_0, a_1, z_1, h_1, a_2, ..., h_depth, with the gradient of each.

    h_l is a state of the network. a_l and z_l are the input and the output of the weight of layer l.
    """

    def __init__(self, network: Network, inputs: Tensor, labels: Tensor) -> None:
        self.network = network
        self.layers = network.layers()
        linear: dict[str, nn.Module] = {f"z_{number}": layer.linear for number, layer in enumerate(self.layers, 1)}
        seen = capture(network.states() | linear, lambda: nn.functional.cross_entropy(network(inputs), labels))
        self.values = {"h_0": seen.outputs["h_0"]}
        for number in range(1, len(self.layers) + 1):
            self.values |= {f"a_{number}": seen.inputs[f"z_{number}"], f"z_{number}": seen.outputs[f"z_{number}"]}
            self.values |= {f"h_{number}": seen.outputs[f"h_{number}"]}
        weights: dict[str, Tensor] = {f"W_{number}": layer.linear.weight for number, layer in enumerate(self.layers, 1)}
        self.finite = bool(seen.loss.isfinite())
        self.slopes = seen.gradients(self.values | weights)
        self.names = list(self.values)

    def causes(self) -> dict[int, Why]:
        """The number of each layer whose weight gradient is 0, with its cause."""
        numbers = range(1, len(self.layers) + 1) if self.finite else ()
        return {number: self._cause(number) for number in numbers if not self.slopes[f"W_{number}"].count_nonzero()}

    def _cause(self, number: int) -> Why:
        if not self.values[f"a_{number}"].count_nonzero():
            return self._silence(self.names.index(f"a_{number}"))
        start = self.names.index(f"z_{number}")
        ends = (at for at in range(start, len(self.names)) if self.slopes[self.names[at]].count_nonzero())
        last = next(ends, len(self.names)) - 1  # the gradient became 0 on the way back to this place
        if last < start:
            inputs, slopes = self.values[f"a_{number}"], self.slopes[f"z_{number}"]
            met = ((inputs.count_nonzero(-1) > 0) & (slopes.count_nonzero(-1) > 0)).any()  # in the same sample
            return "gradient" if met else "blocked", number, self.values[f"z_{number}"].shape[-1]
        return self._stop(self.names[last])

    def _stop(self, name: str) -> Why:
        """Why the gradient of the tensor ``name`` is 0, and that of the tensor that follows on the way is not."""
        kind, number = name[0], int(name[2:])
        units = self.values[name].shape[-1]
        if kind == "h" and number == len(self.layers):
            constant = units == 1 and isinstance(self.network.norm, nn.LayerNorm)
            idle = not self.network.head.weight.count_nonzero()
            return "constant" if constant else "weights" if idle else "gradient", number + 1, units
        place = number + 1 if kind == "h" else number
        layer = self.layers[place - 1]
        (span,) = (span for span in self.network.spans if any(module is layer for module in span.branch))
        if kind == "a":
            weight = layer.linear.weight
            meets = weight[self.slopes[f"z_{place}"].count_nonzero(0) > 0].count_nonzero()
            return "gradient" if meets else "blocked" if weight.count_nonzero() else "weights", place, units
        follower = self.slopes[self.names[self.names.index(name) + 1]]
        if layer.before == (kind == "h") and (cause := _activation(layer, self.values[name], follower)):
            if cause == "silent" and not self.values[f"a_{place}"].count_nonzero():
                return self._silence(self.names.index(f"a_{place}"))
            return cause, place, units
        if kind == "z" and span.shortcut is not None and not torch.as_tensor(span.scale).count_nonzero():
            return "scale", place, units
        norms = [*span.branch, span.after] if kind == "h" else [span.after]
        constant = units == 1 and any(isinstance(norm, nn.LayerNorm) for norm in norms)
        return "constant" if constant else "gradient", place, units

    def _silence(self, at: int) -> Why:
        """Why the tensor at this place on the way is 0. The cause is at the first of the tensors that are all 0."""
        first = next(place for place in range(at + 1) if not self.values[self.names[place]].count_nonzero())
        kind, number = self.names[first][0], int(self.names[first][2:])
        units = self.values[self.names[first]].shape[-1]
        layer = self.layers[max(number, 1) - 1]
        if kind == "z":
            return "signal" if layer.linear.weight.count_nonzero() else "weights", number, units
        before = self.values[self.names[first - 1]]
        if layer.before == (kind == "a") and _activation(layer, before, None) == "silent":
            return "silent", number, units
        return "constant" if units == 1 else "signal", number, units


def _activation(layer: Layer, value: Tensor, gradient: Tensor | None) -> str:
    """Why the activation of ``layer`` passes no gradient to ``value``; "" if it does.

    gradient: what the activation receives, if it has the shape of its output.
    """
    output, slope = activity(layer, value)
    if slope.count_nonzero():
        same = gradient is not None and gradient.shape == slope.shape
        return "blocked" if same and gradient is not None and not (slope * (gradient != 0)).count_nonzero() else ""
    return "saturated" if output.count_nonzero() else "silent"
