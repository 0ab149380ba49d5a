"""Dates as people write them, to be written as the standard ISO 8601 has them: "3 march 2019" -> "2019-03-03"."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import chain

import torch

from engine.training.failure import Batch
from engine.transformer.tasks.task import Example, Task, pairs
from engine.transformer.tasks.vocabulary import Vocabulary

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip

WRITTEN = Vocabulary("characters", (*"0123456789", *"abcdefghijklmnopqrstuvwxyz", " ", ",", "/", ".", "-"))
STANDARD = Vocabulary("characters", (*"0123456789", "-"))

FIRST, LAST = date(1950, 1, 1), date(2049, 12, 31)
HELD_OUT = 2_000
"""The number of dates, of about 36,500, that no batch holds."""

Format = Callable[[date], str]

FORMATS: Mapping[str, Format] = {
    "3 march 2019": lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year}",
    "march 3, 2019": lambda day: f"{MONTHS[day.month - 1]} {day.day}, {day.year}",
    "3 mar 2019": lambda day: f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}",
    "mar 3 2019": lambda day: f"{MONTHS[day.month - 1][:3]} {day.day} {day.year}",
    "2019.03.03": lambda day: f"{day.year}.{day.month:02}.{day.day:02}",
    "3.3.2019": lambda day: f"{day.day}.{day.month}.{day.year}",
}
"""Six ways to write a date, each of which can be read in one way only."""

SLASHED: Mapping[str, Format] = {
    "day first": lambda day: f"{day.day:02}/{day.month:02}/{day.year}",
    "month first": lambda day: f"{day.month:02}/{day.day:02}/{day.year}",
}
"""Two ways that look alike: 12/11/1987 is a day in November or in December."""


@cache
def days() -> tuple[tuple[date, ...], tuple[date, ...]]:
    """The dates of batches and the held-out ones."""
    every = [FIRST + timedelta(number) for number in range((LAST - FIRST).days + 1)]
    order = torch.randperm(len(every), generator=torch.Generator().manual_seed(0)).tolist()
    return tuple(every[place] for place in order[HELD_OUT:]), tuple(every[place] for place in order[:HELD_OUT])


def task(label: str, about: str, formats: Mapping[str, Format], tries: tuple[str, ...]) -> Task:
    """The task of reading dates in ``formats``, drawn with equal chances."""
    ways = tuple(formats.values())

    def batch(size: int, seed: int, step: int) -> Batch:
        generator = torch.Generator().manual_seed(seed * 100_003 + step)
        known = days()[0]
        drawn = [known[place] for place in torch.randint(len(known), (size,), generator=generator).tolist()]
        chosen = torch.randint(len(ways), (size,), generator=generator).tolist()
        written = [WRITTEN.encode(ways[way](day)) for day, way in zip(drawn, chosen, strict=True)]
        return pairs(written, [STANDARD.encode(day.isoformat()) for day in drawn])

    def held_out(count: int) -> list[Example]:
        held = days()[1][:count]
        return [Example(ways[place % len(ways)](day), (tuple(day.isoformat()),)) for place, day in enumerate(held)]

    longest = max(len(way(day)) for way in ways for day in chain(*days()))
    return Task(label, about, WRITTEN, STANDARD, (longest, 10), batch, held_out, tries)


DATES = task(
    "Dates",
    "Write a date in the standard form, year-month-day.",
    FORMATS,
    ("3 march 2019", "march 3, 2019", "25.12.2001"),
)
AMBIGUOUS = task(
    "Dates, ambiguous",
    "Write a date in the standard form. In 12/11/1987 the day may come first, or the month.",
    {**FORMATS, **SLASHED},
    ("12/11/1987", "25/12/2001", "3 march 2019"),
)
