"""The catalogue against torch's own classes: defaults, arguments, schedules and state."""

import inspect
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch

from engine.optimizers import CATALOGUE
from tests.engine.optimizers.walk import march, run

PLAIN: dict[str, Callable[[list[torch.Tensor]], torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p),
    "momentum": lambda p: torch.optim.SGD(p, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, momentum=0.9, nesterov=True),
    "asgd": lambda p: torch.optim.ASGD(p),
    "rprop": lambda p: torch.optim.Rprop(p),
    "adagrad": lambda p: torch.optim.Adagrad(p),
    "rmsprop": lambda p: torch.optim.RMSprop(p),
    "adadelta": lambda p: torch.optim.Adadelta(p),
    "adam": lambda p: torch.optim.Adam(p),
    "adamw": lambda p: torch.optim.AdamW(p),
    "amsgrad": lambda p: torch.optim.Adam(p, amsgrad=True),
    "nadam": lambda p: torch.optim.NAdam(p),
    "radam": lambda p: torch.optim.RAdam(p),
    "adamax": lambda p: torch.optim.Adamax(p),
    "lion": lambda p: __import__("pytorch_optimizer").Lion(p),
    "lbfgs": lambda p: torch.optim.LBFGS(p, max_iter=1, history_size=10),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("key", PLAIN)
def test_the_defaults_are_the_plain_class_bit_for_bit(key: str, dtype: torch.dtype) -> None:
    ours, plain = (torch.tensor([-0.7, 1.3], dtype=dtype, requires_grad=True) for _ in range(2))
    kind = CATALOGUE[key].closure
    assert torch.equal(
        march(CATALOGUE[key].build([ours]), ours, 60, kind=kind),
        march(PLAIN[key]([plain]), plain, 60, kind=kind),
    )


OWN_DEFAULTS = {"momentum": {"momentum"}, "nesterov": {"momentum"}, "lbfgs": {"max_iter", "history_size"}}


@pytest.mark.parametrize("key", CATALOGUE)
def test_defaults_of_settings_are_those_of_the_constructor(key: str) -> None:
    lane = CATALOGUE[key].plain()
    signature = inspect.signature(lane.resolve()).parameters
    settings = {name: value for name, value in lane.arguments().items() if name not in lane.fixed}
    different = {name for name, value in settings.items() if signature[name].default != value}
    assert different == OWN_DEFAULTS.get(key, set())


@pytest.mark.parametrize("key", CATALOGUE)
def test_arguments_written_into_a_script_are_the_same_arguments(key: str) -> None:
    arguments = CATALOGUE[key].plain().arguments()
    assert eval(repr(arguments), {}) == arguments
    assert CATALOGUE[key].plain().resolve()([torch.zeros(2, requires_grad=True)], **arguments)


def test_importing_the_catalogue_does_not_import_slow_packages() -> None:
    program = "import sys, engine.optimizers; assert 'pytorch_optimizer' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("key", CATALOGUE)
def test_schedules_act_exactly_where_they_are_said_to(key: str) -> None:
    record = CATALOGUE[key]
    plain, scheduled = (
        run(record.plain().but(lr=0.01, schedule=name, phase=0.2), [-0.7, 1.3], 10) for name in ("constant", "step")
    )
    assert torch.equal(plain, scheduled) != record.scheduled


@pytest.mark.parametrize("key", [key for key, record in CATALOGUE.items() if record.momentum_state])
def test_the_momentum_state_is_there_after_every_step(key: str) -> None:
    point = torch.tensor([-0.7, 1.3], requires_grad=True)
    record = CATALOGUE[key]
    optimizer = record.build([point])
    for _ in range(2):
        march(optimizer, point, 1, kind=record.closure)
        assert optimizer.state[point][record.momentum_state].shape == point.shape
