"""Recurrent cells, written out: Elman's, GRU and LSTM, and the layer that runs a cell over a sequence.

A cell reads one input of a sequence after the other and keeps what it needs in its state. All products with the inputs
do not depend on the state, so ``Recurrent`` computes them for the whole sequence at once.

Weights and biases have the names, the shapes and the order of gates of ``torch.nn.RNNCell``, ``GRUCell`` and
``LSTMCell``, so that state dicts can be exchanged. In the shapes, N is the number of sequences, T their length, d the
number of units, and G the number of gates. In the formulas, W and b belong to the input, U and a to the state, and *
multiplies unit by unit.
"""

from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from engine.nn.activation_registry import ACTIVATIONS
from engine.nn.activations import Activation
from engine.nn.initializers import Initializer

State = TypeVar("State")
"""What a cell keeps from step to step: a tensor [N, d], or several."""


class Cell(nn.Module, Generic[State]):
    """What all cells share: their weights, and the product with the input.

    gates: G, how many vectors of d numbers a step computes from the input and from the state. inputs: length of an
    input. units: d. Weights and biases hold no numbers until ``draw`` or the caller fills them.
    """

    def __init__(self, gates: int, inputs: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.weight_ih = nn.Parameter(torch.empty(gates * units, inputs))
        self.weight_hh = nn.Parameter(torch.empty(gates * units, units))
        self.bias_ih = nn.Parameter(torch.empty(gates * units))
        self.bias_hh = nn.Parameter(torch.empty(gates * units))

    def draw(self, given: Initializer, recurrent: Initializer, gain: float, generator: torch.Generator) -> None:
        """Draw each gate's weights of the inputs by ``given`` and those of the state by ``recurrent``. Biases are 0.

        gain: that of the activation, for the initializers that use it.
        """
        with torch.no_grad():
            for weight, rule in ((self.weight_ih, given), (self.weight_hh, recurrent)):
                for gate in weight.split(self.units):
                    gate.copy_(rule.draw(len(gate), weight.shape[1], gain, generator))
            self.bias_ih.zero_()
            self.bias_hh.zero_()

    def from_input(self, x: Tensor) -> Tensor:
        """The part of all gates that comes from the input: [..., inputs] -> [..., G d]."""
        return nn.functional.linear(x, self.weight_ih, self.bias_ih)

    def from_state(self, h: Tensor) -> Tensor:
        """The part of all gates that comes from the state: [N, d] -> [N, G d]."""
        return nn.functional.linear(h, self.weight_hh, self.bias_hh)

    def forward(self, x: Tensor, state: State) -> State:
        """The state after the input ``x`` [N, inputs]."""
        return self.step(self.from_input(x), state)

    def step(self, given: Tensor, state: State) -> State:
        """The state after an input whose part ``given`` [N, G d] is known."""
        raise NotImplementedError

    def start(self, x: Tensor) -> State:
        """The state before the first input: zeros. x: any tensor [N, ...] of the sequences' device and type."""
        raise NotImplementedError

    def output(self, state: State) -> Tensor:
        """The part of the state that other layers read, h [N, d]."""
        raise NotImplementedError


class PlainCell(Cell[Tensor]):
    """A cell whose whole state h [N, d] is also its output."""

    def start(self, x: Tensor) -> Tensor:
        return x.new_zeros(len(x), self.units)

    def output(self, state: Tensor) -> Tensor:
        return state


class ElmanCell(PlainCell):
    """h' = f(W x + b + U h + a): the new state is an activation of the input and the old state. State: h [N, d].

    Elman 1990, Finding structure in time, https://doi.org/10.1207/s15516709cog1402_1.
    activation: f, tanh if it is not given.
    """

    def __init__(self, inputs: int, units: int, activation: Activation = ACTIVATIONS["tanh"]) -> None:
        super().__init__(1, inputs, units)
        self.activation = activation

    def step(self, given: Tensor, state: Tensor) -> Tensor:
        return self.activation.f(given + self.from_state(state))  # [N, d]


class GRUCell(PlainCell):
    """The gated recurrent unit: a gate z decides how much of the old state stays. State: h [N, d].

        r = sigmoid(W_r x + b_r + U_r h + a_r)          how much of the old state the candidate sees
        z = sigmoid(W_z x + b_z + U_z h + a_z)          how much of the old state stays
        n = tanh(W_n x + b_n + r * (U_n h + a_n))       the candidate
        h' = (1 - z) * n + z * h

    Cho et al. 2014, Learning phrase representations using RNN encoder-decoder, https://arxiv.org/abs/1406.1078. There r
    multiplies h before the product with U_n. Here, as in torch, it multiplies after it.
    """

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__(3, inputs, units)

    def step(self, given: Tensor, state: Tensor) -> Tensor:
        from_x = given.chunk(3, 1)  # 3 x [N, d], in the order r, z, n
        from_h = self.from_state(state).chunk(3, 1)  # 3 x [N, d]
        reset = torch.sigmoid(from_x[0] + from_h[0])  # [N, d]
        stay = torch.sigmoid(from_x[1] + from_h[1])  # [N, d]
        candidate = torch.tanh(from_x[2] + reset * from_h[2])  # [N, d]
        return (1 - stay) * candidate + stay * state  # [N, d]


class LSTMCell(Cell[tuple[Tensor, Tensor]]):
    """Long short-term memory: a memory c that is only scaled and added to. State: (h, c), [N, d] each.

        i, f, o = sigmoid(W x + b + U h + a)      three gates: what is written, kept and shown
        g = tanh(W_g x + b_g + U_g h + a_g)       the candidate
        c' = f * c + i * g
        h' = o * tanh(c')

    Hochreiter & Schmidhuber 1997, Long short-term memory, https://doi.org/10.1162/neco.1997.9.8.1735. The gate f is
    from Gers, Schmidhuber & Cummins 2000, Learning to forget, https://doi.org/10.1162/089976600300015015.
    """

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__(4, inputs, units)

    def step(self, given: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        h, c = state
        write, keep, candidate, show = (given + self.from_state(h)).chunk(4, 1)  # 4 x [N, d], in the order i, f, g, o
        memory = torch.sigmoid(keep) * c + torch.sigmoid(write) * torch.tanh(candidate)  # [N, d]
        return torch.sigmoid(show) * torch.tanh(memory), memory

    def start(self, x: Tensor) -> tuple[Tensor, Tensor]:
        zeros = x.new_zeros(len(x), self.units)
        return zeros, zeros

    def output(self, state: tuple[Tensor, Tensor]) -> Tensor:
        return state[0]


def unroll(cell: Cell[State], inputs: Tensor, state: State | None = None) -> list[State]:
    """The state of ``cell`` after each of the ``inputs`` [N, T, inputs], T states.

    state: before the first input; zeros if it is not given. Raises ValueError if there are no inputs.
    """
    if not inputs.shape[1]:
        raise ValueError("a recurrent cell needs at least one input")
    state = cell.start(inputs) if state is None else state
    states = []
    for given in cell.from_input(inputs).unbind(1):  # T x [N, G d]
        state = cell.step(given, state)
        states.append(state)
    return states


class Recurrent(nn.Module):
    """Runs a cell over sequences, from zeros: [N, T, inputs] -> its outputs h after each input, [N, T, d].

    back: a second cell, which reads the sequences from their end. Its outputs are joined to the first cell's, so that
    each place knows what comes before it and after it: [N, T, 2 d].
    Schuster & Paliwal 1997, Bidirectional recurrent neural networks, https://doi.org/10.1109/78.650093.
    """

    def __init__(self, cell: Cell[State], back: Cell[State] | None = None) -> None:
        super().__init__()
        self.cell, self.back = cell, back

    def forward(self, inputs: Tensor) -> Tensor:
        outputs = run(self.cell, inputs)  # [N, T, d]
        if self.back is None:
            return outputs
        return torch.cat([outputs, run(self.back, inputs.flip(1)).flip(1)], 2)  # [N, T, 2 d]


def run(cell: Cell[State], inputs: Tensor, state: State | None = None) -> Tensor:
    """The outputs h of ``cell`` after each of the ``inputs`` [N, T, inputs], [N, T, d]. See ``unroll``."""
    return torch.stack([cell.output(each) for each in unroll(cell, inputs, state)], 1)
