"""Tasks: answers against independent sources, and batches that hold nothing that is held out."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise

import pytest
import torch

from engine.transformer.tasks import TASKS, Task, sounds
from engine.transformer.tasks.dates import SLASHED, STANDARD, WRITTEN
from engine.transformer.tasks.task import IGNORED
from engine.transformer.tasks.vocabulary import END, PAD, START


@pytest.fixture
def dictionary(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A dictionary of 6,000 invented words. Each letter sounds as itself or, in a second way, as "AA"."""
    draw = random.Random(0)
    spelt = {"".join(draw.choices("bdfgklmnprstvwyz", k=draw.randint(2, 16))) for _ in range(6_500)}
    said = {word: (tuple(word.upper()), ("AA",) * len(word)) for word in sorted(spelt)[:6_000]}
    cached = (sounds.words, sounds.tokens, sounds.epoch)
    monkeypatch.setattr(sounds, "load_words", lambda: said)
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


def iso(text: str) -> str:
    """The date ``text`` by Python's own reader of dates."""
    for form in ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d %Y", "%Y.%m.%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    raise AssertionError(text)


ORACLES: dict[str, Callable[[str], str]] = {
    "induction": lambda text: text,
    "copy": lambda text: text,
    "reverse": lambda text: "".join(reversed(text)),
    "sort": lambda text: "".join(sorted(text)),
    "dates": iso,
}


@pytest.mark.parametrize("name", ORACLES)
def test_held_out_answers_are_right(name: str) -> None:
    examples = TASKS[name].held_out(200)
    assert len(examples) == 200
    for example in examples:
        assert ["".join(answer) for answer in example.answers] == [ORACLES[name](example.text)]


def texts(task: Task, step: int, size: int = 64) -> list[tuple[str, str]]:
    """The sources and targets of a batch, as text."""
    assert task.sources is not None
    tokens, labels, source = task.batch(size, 0, step)
    assert (tokens[:, 0] == START).all()
    written = labels.masked_fill(labels == IGNORED, PAD)
    assert torch.equal(
        tokens[:, 1:].masked_fill(written[:, 1:] == PAD, PAD), written[:, :-1].masked_fill(written[:, 1:] == PAD, PAD)
    )
    assert ((labels == END).sum(1) == 1).all()
    return [
        ("".join(task.sources.decode(read)), "".join(task.targets.decode(target)))
        for read, target in zip(source.tolist(), written.tolist(), strict=True)
    ]


@pytest.mark.parametrize("name", [name for name in ORACLES if name != "induction"])
def test_batches_hold_right_pairs_and_nothing_held_out(name: str) -> None:
    held = {example.answers[0] if name == "dates" else example.text for example in TASKS[name].held_out(2_000)}
    for step in range(20):
        for source, target in texts(TASKS[name], step):
            assert target == ORACLES[name](source)
            assert (tuple(target) if name == "dates" else source) not in held


def test_a_date_with_slashes_is_either_of_two_days() -> None:
    seen = set()
    for source, target in texts(TASKS["ambiguous"], 0, 500):
        if re.fullmatch(r"\d\d/\d\d/\d{4}", source):
            first, second, year = source.split("/")
            ways = [f"{year}-{second}-{first}", f"{year}-{first}-{second}"]
            assert target in ways
            seen.add(ways.index(target))
    assert seen == {0, 1} and len(SLASHED) == 2


def test_induction_repeats_a_segment_without_repeated_tokens() -> None:
    tokens, labels = TASKS["induction"].batch(64, 0, 0)
    assert torch.equal(tokens[:, 1:], labels[:, :-1]) and (tokens[:, 0] == 0).all()
    for row in labels.tolist():
        period = row.index(row[0], 1)
        assert 4 <= period <= 32 and len(set(row)) == period
        assert row == (row[:period] * 17)[: len(row)]


def test_words_come_with_one_of_their_pronunciations_and_in_batches_of_like_length(dictionary: None) -> None:
    task = TASKS["sounds"]
    held = {example.text for example in task.held_out(5_000)}
    assert len(held) == 5_000
    seen: list[str] = []
    ways = set()
    for step in range(16):  # an epoch of 1,000 words
        pairs = texts(task, step)
        for source, target in pairs:
            assert target in (source.upper(), "AA" * len(source))
            ways.add(target.startswith("AA"))
        lengths = [len(source) for source, _ in pairs]
        assert max(lengths) - min(lengths) <= 2
        seen += [source for source, _ in pairs]
    assert len(seen) == len(set(seen)) == 1_000 and held.isdisjoint(seen)
    assert ways == {True, False}
    assert [source for source, _ in texts(task, 16)] != [source for source, _ in texts(task, 0)]


@pytest.mark.parametrize("name", ["induction", "reverse", "dates"])
def test_a_batch_depends_on_seed_and_step_only(name: str) -> None:
    batch = TASKS[name].batch
    first = batch(8, 3, 5)
    batch(8, 3, 6)
    assert all(map(torch.equal, first, batch(8, 3, 5)))
    for other in (batch(8, 3, 6), batch(8, 4, 5)):
        assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing to read"),
        ("   ", "nothing to read"),
        ("שלום", r"“ש” \(hebrew letter shin\), at place 1, is not one of the letters"),
        ("café", r"“é” \(latin small letter e with acute\), at place 4"),
        ("a" * 17, "17 letters, but the model reads at most 16"),
        ("rock'n", "“'”, at place 5"),
        ("⟨end⟩", "at place 1"),
    ],
)
def test_what_a_model_cannot_read_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TASKS["sounds"].read(text)


def test_capitals_full_width_letters_and_spaces_around_are_read() -> None:
    assert TASKS["sounds"].read("  Ｋnight ") == TASKS["sounds"].read("knight")


def test_vocabularies_are_their_own_inverse_and_stop_at_the_end() -> None:
    tokens = WRITTEN.encode("3 march 2019")
    assert "".join(WRITTEN.decode(tokens)) == "3 march 2019"
    assert STANDARD.decode([START, *STANDARD.encode("20"), END, *STANDARD.encode("19")]) == ["2", "0"]
    assert all(one < other for one, other in pairwise(WRITTEN.places.values()))
