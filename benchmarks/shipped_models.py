"""How good the shipped models are on held-out texts, and whether training them again gives as good ones.

Without options it measures the files. With ``--again`` it trains induction with five seeds and dates with three, each
for about a minute. Words to sounds need the pronouncing dictionary.
"""

import argparse
from collections.abc import Iterable, Iterator

from benchmarks._report import Figure, report
from engine.events import Checkpoint
from engine.transformer import SHIPPED, TASKS, load, measure
from engine.transformer.model import Model
from engine.transformer.shipped import RIVALS
from engine.transformer.training import train, weights

COUNTS = {"sounds": 5_000, "dates": 2_000, "ambiguous": 2_000}
"""The number of held-out texts; 500 for the other tasks."""

WRONG = {"induction": 0.01, "copy": 0.01, "reverse": 0.03, "sort": 0.03, "dates": 0.01, "sounds": 1 - 0.593}
"""The greatest share of wrong answers."""

PHONEME_ERROR = 0.114
UNFOUND = 0.2
"""One minus the least induction score."""

SEEDS = {"induction": range(5), "dates": range(3)}


def figures(name: str, model: Model, label: str) -> Iterator[Figure]:
    """The measures of a ``model`` of the shipped ``name``."""
    spec = SHIPPED[name].spec
    task = TASKS[spec.task]
    found = measure(model, task, task.held_out(COUNTS.get(spec.task, 500)))
    yield Figure(f"{label}: wrong, ± {found.error:.4f}", 1 - found.right, "of 1", WRONG.get(name))
    yield Figure(f"{label}: cross-entropy per token", found.loss, "nats")
    if spec.task == "sounds":
        limit = PHONEME_ERROR if name == "sounds" else None
        yield Figure(f"{label}: phoneme error", found.error_rate, "of 1", limit)
    if name == "induction":
        yield Figure(f"{label}: 1 - induction score", 1 - float(found.heads["score"].max()), "of 1", UNFOUND)


def beside(task: str) -> Iterable[Figure]:
    """The share of wrong answers of the transformer over that of each rival: the transformer is better below 1."""
    examples = TASKS[task].held_out(COUNTS[task])
    own = 1 - measure(load(task), TASKS[task], examples).right
    for kind in RIVALS[task]:
        other = 1 - measure(load(f"{task}_{kind}"), TASKS[task], examples).right
        limit = 1.0 if kind == "recurrent" else None
        yield Figure(f"{task}: wrong, the transformer / {kind}", own / other, "times", limit)


def again(name: str, seed: int) -> Iterator[Figure]:
    """Train ``name`` with another seed, and measure it."""
    spec = SHIPPED[name].spec.but(seed=seed)
    state = [item.state for item in train(spec) if isinstance(item, Checkpoint)][-1]
    yield from figures(name, weights(spec, state), f"{name}, seed {seed}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true", help="train with several seeds")
    found: list[Figure] = []
    if parser.parse_args().again:
        for name, seeds in SEEDS.items():
            for seed in seeds:
                found += again(name, seed)
    else:
        for name in SHIPPED:
            found += figures(name, load(name), name)
        for task in RIVALS:
            found += beside(task)
    report(__file__, found)


if __name__ == "__main__":
    main()
