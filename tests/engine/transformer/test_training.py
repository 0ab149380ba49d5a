"""The training of small models: what it reports, how it resumes, and what ships."""

import math
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import save

from engine.events import Checkpoint, Event
from engine.transformer import training
from engine.transformer.answers import answers, examine
from engine.transformer.shipped import filled_in, rounded
from engine.transformer.tasks.task import loss
from engine.transformer.tasks.vocabulary import END, PAD, START
from engine.transformer.training import train, weights
from engine.transformer.training_spec import LearnSpec

SMALL = LearnSpec(
    task="copy", layers=1, width=16, feed_forward=16, positions="sinusoidal", batch=8, steps=7, every=3, warmup=2,
    fall="cosine", spread=0,
)  # fmt: skip


def split(spec: LearnSpec, checkpoints: dict[str, bytes] | None = None) -> tuple[list[Event], list[bytes]]:
    items = list(train(spec, checkpoints))
    events = [item for item in items if isinstance(item, dict) and item["kind"] != "tick"]
    return events, [item.state for item in items if isinstance(item, Checkpoint)]


def without_seconds(events: list[Event]) -> list[Event]:
    return [{key: value for key, value in event.items() if key != "seconds"} for event in events]


@pytest.mark.parametrize("kind", ["transformer", "additive"])
def test_a_resumed_training_ends_with_the_same_numbers(kind: str) -> None:
    spec = SMALL.but(kind=kind)
    events, states = split(spec)
    assert [event["step"] for event in events if event["kind"] == "look"] == [0, 3, 6, 7]
    again, later = split(spec, {"model": states[1]})
    assert without_seconds(again[1:]) == without_seconds(events[2:])
    first, second = (weights(spec, state[-1]).state_dict() for state in (states, later))
    assert all(torch.equal(weight, second[name]) for name, weight in first.items())


def test_a_look_is_the_cross_entropy_of_the_model_in_its_checkpoint() -> None:
    events, states = split(SMALL)
    task = SMALL.chosen()
    examples = task.held_out(500)
    model = weights(SMALL, states[-1])
    total, count = 0.0, 0
    for example in examples[:40]:  # each by itself, without anything that fills up
        source = torch.tensor([task.read(example.text)])
        target = task.targets.encode(example.answers[0])
        logits = model(torch.tensor([[START, *target]]), source)[0].detach().double().log_softmax(-1)
        total -= float(sum(logits[place, token] for place, token in enumerate([*target, END])))
        count += len(target) + 1
    assert examine(model, task, examples[:40])[0] == pytest.approx(total / count, rel=1e-4)
    assert events[-1]["loss"] == pytest.approx(examine(model, task, examples)[0], rel=1e-6)


def test_an_untrained_model_guesses_among_all_tokens() -> None:
    events, _ = split(LearnSpec(width=16, steps=1))
    assert events[1]["loss"] == pytest.approx(math.log(65), rel=0.01)


def test_answers_are_the_likeliest_tokens_one_after_the_other() -> None:
    model, task = SMALL.model().eval(), SMALL.chosen()
    texts = ["abc", "jihgfedcba", "aa"]
    found = answers(model, task, [task.read(text) for text in texts])
    for text, answer in zip(texts, found, strict=True):
        tokens = [START]
        while tokens[-1] != END and len(tokens) <= task.longest[1] + 1:
            tokens.append(int(model(torch.tensor([tokens]), torch.tensor([task.read(text)]))[0, -1].argmax()))
        assert answer == task.targets.decode([token for token in tokens[1:] if token not in (PAD, START)])


def test_a_training_that_breaks_says_so_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = iter(range(100))
    monkeypatch.setattr(training, "loss", lambda *batch: loss(*batch) * (math.inf if next(steps) == 4 else 1))
    events, states = split(SMALL)
    assert [event["kind"] for event in events] == ["start", "look", "look", "end"] and len(states) == 2
    assert events[-1]["reason"].startswith("step 5: the loss became inf: all weights are finite")


def test_rounded_weights_are_the_model() -> None:
    model = SMALL.model()
    read = filled_in(SMALL, rounded(model), "it")
    for name, weight in model.state_dict().items():
        assert torch.equal(read.state_dict()[name], weight.half().float())
    assert rounded(read) == rounded(model)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        (10**12).to_bytes(8, "little") + b"{}",
        rounded(SMALL.model())[:-5],
        rounded(SMALL.but(width=18).model()),
        rounded(SMALL.but(layers=2).model()),
        save({"stack.norm.weight": torch.ones(16)}),
    ],
    ids=["empty", "a zip", "endless", "cut", "wider", "deeper", "parts missing"],
)
def test_a_damaged_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="the weights of it are damaged, or belong to another model"):
        filled_in(SMALL, data, "it")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"heads": 3}, "3 heads do not divide a width of 16"),
        ({"positions": "rotary"}, "rotary positions are for one text"),
        ({"task": "induction", "kind": "additive"}, "needs a task with sources"),
        ({"width": 256, "layers": 6, "feed_forward": 1024, "batch": 512, "steps": 20_000}, "choose fewer steps"),
        ({"task": "nonsense"}, "the task must be one of"),
    ],
)
def test_what_cannot_be_trained_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SMALL.but(**change)
