"""Train a small model on a task."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from engine.devices import device_name, one_thread
from engine.events import Checkpoint, Event
from engine.training import Clock, Trainer, pack, take_steps, unpack
from engine.transformer.answers import examine
from engine.transformer.model import Model
from engine.transformer.tasks.task import loss
from engine.transformer.training_spec import LearnSpec

EXAMINED = 500
"""The number of held-out texts at each look."""


def train(spec: LearnSpec, checkpoints: Mapping[str, bytes] | None = None) -> Iterator[Event | Checkpoint]:
    """Train the model of ``spec``. ``engine.events`` explains events, checkpoints and how work is resumed.

    Kinds of events:
    "start": the number of weights and the device.
    "look": after a number of steps, over held-out texts: the cross-entropy per token, the share of right answers, see
        ``examine``, and the seconds of training so far.
    "end": why the training cannot go on. "tick": only the progress.
    After each look comes a checkpoint. ``weights`` reads the model from it.

    Raises DataUnavailable if the texts cannot be loaded, and ValueError if a checkpoint is damaged.
    """
    with one_thread(True):
        yield from _train(spec, checkpoints or {})


def _train(spec: LearnSpec, checkpoints: Mapping[str, bytes]) -> Iterator[Event | Checkpoint]:
    task = spec.chosen()
    examples = task.held_out(EXAMINED)
    model = spec.model()
    trainer = Trainer(model, spec.fresh_optimizer(model.parameters()), loss, clip=spec.clip)
    clock, first = Clock(), 0
    if "model" in checkpoints:
        state = unpack(checkpoints["model"], "the model")
        trainer.restore(state["trainer"])
        first, clock.seconds = state["step"], state["seconds"]
    yield {
        "kind": "start", "key": "start", "weights": sum(weight.numel() for weight in model.parameters()),
        "device": device_name("cpu"),
    }  # fmt: skip
    stops = [*range(0, spec.steps, spec.every), spec.steps]
    for last, step in pairwise([first, *(stop for stop in stops if stop >= first)]):
        model.train()
        for done in take_steps(
            [trainer], range(last, step), lambda number: task.batch(spec.batch, spec.seed, number), spec.factor, clock
        ):
            yield {"kind": "tick", "progress": done / spec.steps}
        if trainer.ended:
            yield {"kind": "end", "key": "end", "reason": f"step {trainer.step + 1}: {trainer.ended}"}
            return
        model.eval()
        value, right = examine(model, task, examples)
        yield {
            "kind": "look", "key": f"look/{step}", "step": step, "loss": value, "right": right,
            "seconds": clock.seconds, "progress": step / spec.steps,
        }  # fmt: skip
        yield Checkpoint("model", pack({"trainer": trainer.state(), "step": step, "seconds": clock.seconds}))


def weights(spec: LearnSpec, checkpoint: bytes) -> Model:
    """The model of a ``checkpoint`` of ``train``. Raises ValueError if it is damaged."""
    model = spec.model()
    model.load_state_dict(unpack(checkpoint, "the model")["trainer"]["network"])
    return model.eval()
