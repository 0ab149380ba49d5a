"""Recurrent cells and the layer that runs them, against torch's own modules and against their laws."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.nn import ACTIVATIONS, INITIALIZERS, ElmanCell, GRUCell, LSTMCell, Recurrent
from engine.nn.recurrent import Cell, run, unroll

N, T, INPUTS, UNITS = 5, 9, 3, 7

CELLS: dict[str, tuple[Callable[[int, int], Cell[Any]], type[nn.Module], dict[str, str]]] = {
    "tanh": (ElmanCell, nn.RNN, {}),
    "relu": (lambda inputs, units: ElmanCell(inputs, units, ACTIVATIONS["relu"]), nn.RNN, {"nonlinearity": "relu"}),
    "gru": (GRUCell, nn.GRU, {}),
    "lstm": (LSTMCell, nn.LSTM, {}),
}
"""Our cell, torch's layer, and the layer's settings."""

SINGLE = {"tanh": nn.RNNCell, "relu": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}

EXACT = {torch.float64: 1e-12, torch.float32: 1e-5}


def pair(name: str, dtype: torch.dtype, both: bool = False) -> tuple[Recurrent, nn.Module]:
    """Our layer with the weights of torch's."""
    torch.manual_seed(1)
    make, theirs, settings = CELLS[name]
    other = theirs(INPUTS, UNITS, batch_first=True, bidirectional=both, **settings).to(dtype)
    ours = Recurrent(make(INPUTS, UNITS), make(INPUTS, UNITS) if both else None).to(dtype)
    state = other.state_dict()
    ours.cell.load_state_dict({key[:-3]: value for key, value in state.items() if key.endswith("_l0")})
    if ours.back is not None:
        ours.back.load_state_dict({key[:-11]: value for key, value in state.items() if key.endswith("_l0_reverse")})
    return ours, other


def sequences(dtype: torch.dtype) -> Tensor:
    return torch.randn(N, T, INPUTS, generator=torch.Generator().manual_seed(2), dtype=torch.float64).to(dtype)


@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize("name", CELLS)
def test_a_cell_is_torchs_cell_with_the_same_state_dict(name: str, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    other = SINGLE[name](INPUTS, UNITS, **CELLS[name][2]).to(dtype)
    cell = CELLS[name][0](INPUTS, UNITS).to(dtype)
    cell.load_state_dict(other.state_dict())
    x, h, c = (torch.randn(N, size, dtype=dtype) for size in (INPUTS, UNITS, UNITS))
    state = (h, c) if name == "lstm" else h
    torch.testing.assert_close(cell(x, state), other(x, state), rtol=EXACT[dtype], atol=EXACT[dtype])


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize("name", CELLS)
def test_a_layer_and_its_gradients_are_torchs(name: str, dtype: torch.dtype, both: bool) -> None:
    ours, other = pair(name, dtype, both)
    x = sequences(dtype)
    out, expected = ours(x), other(x)[0]
    torch.testing.assert_close(out, expected, rtol=EXACT[dtype], atol=EXACT[dtype])
    theirs = torch.autograd.grad(expected.square().sum(), list(other.parameters()))
    mine = torch.autograd.grad(out.square().sum(), list(ours.parameters()))
    torch.testing.assert_close(mine, theirs, rtol=10 * EXACT[dtype], atol=10 * EXACT[dtype])


@pytest.mark.parametrize("name", CELLS)
def test_the_gradient_is_that_of_finite_differences(name: str) -> None:
    ours, _ = pair(name, torch.float64)
    inputs = sequences(torch.float64)[:2, :4].requires_grad_()
    assert torch.autograd.gradcheck(lambda x: ours(x), inputs)


@pytest.mark.parametrize("name", CELLS)
def test_a_sequence_in_two_parts_is_the_whole_sequence(name: str) -> None:
    cell, x = pair(name, torch.float64)[0].cell, sequences(torch.float64)
    first = unroll(cell, x[:, :4])
    torch.testing.assert_close(run(cell, x[:, 4:], first[-1]), run(cell, x)[:, 4:], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_an_output_depends_on_no_later_input_unless_a_second_cell_reads_backwards(name: str) -> None:
    for both in (False, True):
        ours, _ = pair(name, torch.float64, both)
        x = sequences(torch.float64).requires_grad_()
        (slope,) = torch.autograd.grad(ours(x)[:, 3].sum(), x)
        later = slope[:, 4:].abs().amax((0, 2))
        assert (later > 0).all() if both else (later == 0).all()


@pytest.mark.parametrize("name", ["tanh", "gru", "lstm"])
def test_a_bounded_cell_stays_within_one_however_large_its_weights(name: str) -> None:
    cell = CELLS[name][0](INPUTS, UNITS)
    cell.draw(INITIALIZERS["large"], INITIALIZERS["large"], 1.0, torch.Generator().manual_seed(0))
    assert run(cell, 100 * sequences(torch.float32)).abs().max() <= 1


def test_an_orthogonal_linear_cell_keeps_the_length_of_its_state() -> None:
    cell = ElmanCell(INPUTS, UNITS, ACTIVATIONS["identity"]).double()
    cell.draw(INITIALIZERS["zeros"], INITIALIZERS["orthogonal"], 1.0, torch.Generator().manual_seed(0))
    first = torch.randn(N, UNITS, dtype=torch.float64)
    length = run(cell, sequences(torch.float64), first).norm(dim=2)
    torch.testing.assert_close(length, first.norm(dim=1)[:, None].expand(N, T), rtol=1e-5, atol=0)


def test_the_identity_keeps_the_state_of_relus_when_no_input_comes() -> None:
    """Le, Jaitly & Hinton 2015: a state that is not negative stays as it is."""
    cell = ElmanCell(INPUTS, UNITS, ACTIVATIONS["relu"])
    cell.draw(INITIALIZERS["small"], INITIALIZERS["identity"], 1.0, torch.Generator().manual_seed(0))
    first = torch.rand(N, UNITS)
    assert torch.equal(run(cell, torch.zeros(N, T, INPUTS), first)[:, -1], first)


def test_an_lstm_whose_gates_keep_and_do_not_write_keeps_its_memory() -> None:
    cell = LSTMCell(INPUTS, UNITS).double()
    cell.draw(INITIALIZERS["lecun_normal"], INITIALIZERS["orthogonal"], 1.0, torch.Generator().manual_seed(0))
    with torch.no_grad():
        write, keep, _, _ = cell.bias_ih.split(UNITS)
        write.fill_(-1e3)
        keep.fill_(1e3)
    first = torch.randn(2, N, UNITS, dtype=torch.float64)
    assert torch.equal(unroll(cell, sequences(torch.float64), (first[0], first[1]))[-1][1], first[1])


def test_a_gru_whose_gate_stays_open_keeps_its_state() -> None:
    cell = GRUCell(INPUTS, UNITS).double()
    cell.draw(INITIALIZERS["lecun_normal"], INITIALIZERS["orthogonal"], 1.0, torch.Generator().manual_seed(0))
    with torch.no_grad():
        cell.bias_ih.split(UNITS)[1].fill_(1e3)
    first = torch.randn(N, UNITS, dtype=torch.float64)
    assert torch.equal(run(cell, sequences(torch.float64), first)[:, -1], first)


@pytest.mark.parametrize("gates", [1, 3, 4])
def test_each_gate_is_drawn_with_the_scale_of_one_matrix(gates: int) -> None:
    make = {1: ElmanCell, 3: GRUCell, 4: LSTMCell}[gates]
    cell: Cell[Any] = make(300, 200)
    rule = INITIALIZERS["xavier_normal"]
    cell.draw(rule, INITIALIZERS["orthogonal"], 1.0, torch.Generator().manual_seed(0))
    for given, state in zip(cell.weight_ih.split(200), cell.weight_hh.split(200), strict=True):
        assert given.std().item() == pytest.approx(math.sqrt(2 / 500), rel=0.02)
        torch.testing.assert_close(state @ state.T, torch.eye(200), rtol=1e-4, atol=1e-4)
    assert not cell.bias_ih.any() and not cell.bias_hh.any()


def test_a_sequence_without_inputs_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one input"):
        run(GRUCell(INPUTS, UNITS), torch.zeros(N, 0, INPUTS))
