"""The catalogue's steps against hand-written recursions, and L-BFGS against dense BFGS."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from engine.optimizers import CATALOGUE
from engine.optimizers.adaptive import Adadelta, Adagrad, Adam, Adamax, AdamW, AMSGrad, NAdam, RAdam, RMSprop
from engine.optimizers.curvature import LBFGS
from engine.optimizers.fields import TwoBetas
from engine.optimizers.gradient import ASGD, SGD, HeavyBall, Nesterov
from engine.optimizers.signs import Lion, Rprop
from tests.engine.optimizers.walk import march, run, valley, valley_slope


@pytest.fixture
def float64() -> Iterator[None]:
    """Make float64 the default type: torch stores some scalars of a state in it (ASGD's rate, NAdam's product)."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


State = defaultdict[str, float]

# Recursions: (x, g, t, s, h) -> the next x. x is one coordinate, and g is its gradient at step t = 1, 2, ... The state
# s is zero at first. h contains the hyper-parameters.


def sgd(x: float, g: float, t: int, s: State, h: SGD) -> float:
    return x - h.lr * (g + h.weight_decay * x)


def momentum(x: float, g: float, t: int, s: State, h: HeavyBall) -> float:
    g += h.weight_decay * x
    s["v"] = g if t == 1 else h.momentum * s["v"] + (1 - h.dampening) * g
    return x - h.lr * s["v"]


def nesterov(x: float, g: float, t: int, s: State, h: Nesterov) -> float:
    g += h.weight_decay * x
    s["v"] = h.momentum * s["v"] + g
    return x - h.lr * (g + h.momentum * s["v"])


def asgd(x: float, g: float, t: int, s: State, h: ASGD) -> float:
    rate = h.lr / math.pow(1 + h.lambd * h.lr * (t - 1), h.alpha)
    return x - rate * (g + h.weight_decay * x) - rate * h.lambd * x


def rprop(x: float, g: float, t: int, s: State, h: Rprop) -> float:
    turn = g * s["g"]
    step = s["step"] if t > 1 else h.lr
    step *= h.etaplus if turn > 0 else h.etaminus if turn < 0 else 1
    s["step"] = min(max(step, h.min_step), h.max_step)
    s["g"] = 0.0 if turn < 0 else g
    return x - s["step"] * float(np.sign(s["g"]))


def adagrad(x: float, g: float, t: int, s: State, h: Adagrad) -> float:
    g += h.weight_decay * x
    s["sum"] += g**2 + (h.initial_accumulator_value if t == 1 else 0)
    return x - h.lr / (1 + (t - 1) * h.lr_decay) * g / (math.sqrt(s["sum"]) + h.eps)


def rmsprop(x: float, g: float, t: int, s: State, h: RMSprop) -> float:
    g += h.weight_decay * x
    s["square"] = h.alpha * s["square"] + (1 - h.alpha) * g**2
    s["mean"] = h.alpha * s["mean"] + (1 - h.alpha) * g
    variance = s["square"] - s["mean"] ** 2 if h.centered else s["square"]
    s["v"] = h.momentum * s["v"] + g / (math.sqrt(variance) + h.eps)
    return x - h.lr * s["v"]


def adadelta(x: float, g: float, t: int, s: State, h: Adadelta) -> float:
    g += h.weight_decay * x
    s["square"] = h.rho * s["square"] + (1 - h.rho) * g**2
    change = math.sqrt(s["changes"] + h.eps) / math.sqrt(s["square"] + h.eps) * g
    s["changes"] = h.rho * s["changes"] + (1 - h.rho) * change**2
    return x - h.lr * change


def moments(g: float, s: State, h: TwoBetas) -> None:
    s["m"] = h.beta1 * s["m"] + (1 - h.beta1) * g
    s["v"] = h.beta2 * s["v"] + (1 - h.beta2) * g**2


def adam(x: float, g: float, t: int, s: State, h: Adam) -> float:
    moments(g + h.weight_decay * x, s, h)
    return x - h.lr * s["m"] / (1 - h.beta1**t) / (math.sqrt(s["v"] / (1 - h.beta2**t)) + h.eps)


def amsgrad(x: float, g: float, t: int, s: State, h: AMSGrad) -> float:
    moments(g + h.weight_decay * x, s, h)
    s["max"] = max(s["max"], s["v"])
    return x - h.lr * s["m"] / (1 - h.beta1**t) / (math.sqrt(s["max"] / (1 - h.beta2**t)) + h.eps)


def adamw(x: float, g: float, t: int, s: State, h: AdamW) -> float:
    moments(g, s, h)
    x -= h.lr * h.weight_decay * x
    return x - h.lr * s["m"] / (1 - h.beta1**t) / (math.sqrt(s["v"] / (1 - h.beta2**t)) + h.eps)


def decayed(x: float, g: float, h: NAdam | RAdam) -> tuple[float, float]:
    """Weight decay of NAdam and RAdam, decoupled or joined to the gradient."""
    return (x - h.lr * h.weight_decay * x, g) if h.decoupled_weight_decay else (x, g + h.weight_decay * x)


def nadam(x: float, g: float, t: int, s: State, h: NAdam) -> float:
    x, g = decayed(x, g, h)
    moments(g, s, h)
    mu, ahead = (h.beta1 * (1 - 0.5 * math.pow(0.96, i * h.momentum_decay)) for i in (t, t + 1))
    s["product"] = mu * (s["product"] if t > 1 else 1)
    mean = ahead * s["m"] / (1 - s["product"] * ahead) + (1 - mu) * g / (1 - s["product"])
    return x - h.lr * mean / (math.sqrt(s["v"] / (1 - h.beta2**t)) + h.eps)


def radam(x: float, g: float, t: int, s: State, h: RAdam) -> float:
    x, g = decayed(x, g, h)
    moments(g, s, h)
    longest = 2 / (1 - h.beta2) - 1
    length = longest - 2 * t * h.beta2**t / (1 - h.beta2**t)
    step = h.lr * s["m"] / (1 - h.beta1**t)
    if length > 5:
        step *= math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
        step *= math.sqrt(1 - h.beta2**t) / (math.sqrt(s["v"]) + h.eps)
    return x - step


def adamax(x: float, g: float, t: int, s: State, h: Adamax) -> float:
    g += h.weight_decay * x
    s["m"] = h.beta1 * s["m"] + (1 - h.beta1) * g
    s["u"] = max(h.beta2 * s["u"], abs(g) + h.eps)
    return x - h.lr / (1 - h.beta1**t) * s["m"] / s["u"]


def lion(x: float, g: float, t: int, s: State, h: Lion) -> float:
    x -= h.lr * h.weight_decay * x
    sign = float(np.sign(h.beta1 * s["m"] + (1 - h.beta1) * g))
    s["m"] = h.beta2 * s["m"] + (1 - h.beta2) * g
    return x - h.lr * sign


DECAYED = {"weight_decay": 0.3}
BETAS = {"beta1": 0.7, "beta2": 0.95, "eps": 0.01} | DECAYED
RECURSIONS: list[tuple[Callable[..., float], dict[str, Any]]] = [
    (sgd, {"lr": 0.02}), (sgd, {"lr": 0.02} | DECAYED),
    (momentum, {"lr": 0.005}), (momentum, {"lr": 0.01, "momentum": 0.6, "dampening": 0.4} | DECAYED),
    (nesterov, {"lr": 0.005}), (nesterov, {"lr": 0.01, "momentum": 0.6} | DECAYED),
    (asgd, {}), (asgd, {"lr": 0.03, "lambd": 0.5, "alpha": 0.6, "t0": 5} | DECAYED),
    (rprop, {}), (rprop, {"lr": 0.3, "etaminus": 0.3, "etaplus": 1.7, "min_step": 0.01, "max_step": 0.4}),
    (adagrad, {"lr": 0.1}),
    (adagrad, {"lr": 0.5, "lr_decay": 0.1, "initial_accumulator_value": 2.0, "eps": 0.01} | DECAYED),
    (rmsprop, {}), (rmsprop, {"lr": 0.05, "alpha": 0.8, "eps": 0.01, "momentum": 0.5} | DECAYED),
    (rmsprop, {"lr": 0.02, "alpha": 0.9, "eps": 1e-3, "centered": True}),
    (rmsprop, {"lr": 0.01, "alpha": 0.9, "eps": 0.01, "centered": True, "momentum": 0.4} | DECAYED),
    (adadelta, {}), (adadelta, {"lr": 0.7, "rho": 0.8, "eps": 1e-3} | DECAYED),
    (adam, {"lr": 0.05}), (adam, {"lr": 0.1} | BETAS),
    (amsgrad, {"lr": 0.05}), (amsgrad, {"lr": 0.1} | BETAS),
    (adamw, {"lr": 0.05}), (adamw, {"lr": 0.1} | BETAS),
    (nadam, {"lr": 0.05}), (nadam, {"lr": 0.1, "momentum_decay": 0.2} | BETAS),
    (nadam, {"lr": 0.1, "momentum_decay": 0.2, "decoupled_weight_decay": True} | BETAS),
    (radam, {"lr": 0.01}), (radam, {"lr": 0.05} | BETAS), (radam, {"lr": 0.05, "decoupled_weight_decay": True} | BETAS),
    (adamax, {"lr": 0.05}), (adamax, {"lr": 0.1} | BETAS),
    (lion, {"lr": 0.02}), (lion, {"lr": 0.05, "beta1": 0.6, "beta2": 0.8} | DECAYED),
]  # fmt: skip


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("law", "hyper"), RECURSIONS)
def test_it_takes_the_steps_of_the_written_recursion(law: Callable[..., float], hyper: dict[str, Any]) -> None:
    lane = CATALOGUE[law.__name__](**hyper)
    x, memory, expected = [-0.7, 1.3], [State(float), State(float)], [[-0.7, 1.3]]
    for t in range(1, 41):
        slope = valley_slope(*x)
        x = [law(x[i], slope[i], t, memory[i], lane) for i in (0, 1)]
        expected.append(x)
    np.testing.assert_allclose(run(lane, [-0.7, 1.3], 40), expected, rtol=1e-9, atol=1e-12)


def test_every_optimizer_without_curvature_has_its_recursion() -> None:
    assert {law.__name__ for law, _ in RECURSIONS} == CATALOGUE.keys() - {"lbfgs", "newton"}


@pytest.mark.usefixtures("float64")
def test_asgd_keeps_the_mean_of_the_iterates_after_t0() -> None:
    point = torch.tensor([-0.7, 1.3], requires_grad=True)
    optimizer = CATALOGUE["asgd"].build([point], t0=5, lr=0.02)
    points = march(optimizer, point, 30)
    # The average restarts at the seventh iterate: the weight 1 / max(1, t - t0) is one for t <= 6.
    torch.testing.assert_close(optimizer.state[point]["ax"], points[7:].mean(0))


def dense_bfgs(hessian: np.ndarray, x: np.ndarray, lr: float, history: int, steps: int) -> list[np.ndarray]:
    """L-BFGS on a quadratic, with full matrices. The last pairs turn a scaled identity into the inverse Hessian."""
    points, gradient = [x], hessian @ x
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    step = -lr * min(1, 1 / np.abs(gradient).sum()) * gradient
    for _ in range(steps):
        points.append(points[-1] + step)
        pairs = [*pairs, (step, hessian @ step)][-history:]
        s, y = pairs[-1]
        inverse = s @ y / (y @ y) * np.eye(len(x))
        for s, y in pairs:
            shear = np.eye(len(x)) - np.outer(s, y) / (y @ s)
            inverse = shear @ inverse @ shear.T + np.outer(s, s) / (y @ s)
        step = -lr * inverse @ hessian @ points[-1]
    return points


@pytest.mark.parametrize(("lr", "history"), [(1.0, 10), (0.6, 3), (0.8, 1)])
def test_lbfgs_takes_the_steps_of_dense_bfgs_on_a_quadratic(lr: float, history: int) -> None:
    hessian = np.array([[5.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 1.0]])
    matrix = torch.tensor(hessian)
    lane = LBFGS(lr=lr, history_size=history)
    points = run(lane, [2.0, -1.0, 0.5], 7, lambda x: x @ matrix @ x / 2)
    np.testing.assert_allclose(points, dense_bfgs(hessian, points[0].numpy(), lr, history, 7), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("iterations", [1, 2, 3, 20])
def test_lbfgs_takes_as_many_iterations_a_step_as_it_is_told(iterations: int) -> None:
    point = torch.tensor([-0.7, 1.3], dtype=torch.float64, requires_grad=True)
    optimizer = CATALOGUE["lbfgs"].build([point], max_iter=iterations, lr=0.1)
    march(optimizer, point, 1, kind="backward")
    assert optimizer.state[point]["n_iter"] == iterations


def test_a_line_search_of_one_iteration_a_step_meets_the_strong_wolfe_conditions() -> None:
    points = run(LBFGS(line_search="strong-wolfe"), [-1.5, 2.0], 8)
    for old, new in pairwise(points):
        slopes = [np.array(valley_slope(*point.tolist())) @ (new - old).numpy() for point in (old, new)]
        assert valley(new) <= valley(old) + 1e-4 * slopes[0]
        assert abs(slopes[1]) <= 0.9 * abs(slopes[0])
