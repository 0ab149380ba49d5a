"""How long a training step of each rival takes, as a multiple of the transformer's, by turns on one thread.

A rival's number of steps follows from it: both are trained for as long.
"""

from statistics import median
from time import process_time

import torch

from benchmarks._report import Figure, report
from engine.training import update
from engine.transformer import SHIPPED, LearnSpec
from engine.transformer.model import Model
from engine.transformer.shipped import RIVALS
from engine.transformer.tasks.task import loss

STEPS, WARM = 24, 2

Learner = tuple[Model, torch.optim.Optimizer]


def learner(spec: LearnSpec) -> Learner:
    model = spec.model()
    return model, spec.fresh_optimizer(model.parameters())


def seconds(one: Learner, batch: tuple[torch.Tensor, ...], clip: float) -> float:
    begin = process_time()
    update(one[1], lambda: loss(one[0], *batch), False, clip)
    return process_time() - begin


def main() -> None:
    torch.set_num_threads(1)
    figures = []
    for task, kinds in RIVALS.items():
        whole = SHIPPED[task].spec
        learners = {kind: learner(SHIPPED[f"{task}_{kind}"].spec) for kind in kinds} | {"transformer": learner(whole)}
        taken: dict[str, list[float]] = {kind: [] for kind in learners}
        for step in range(STEPS):
            batch = whole.chosen().batch(whole.batch, whole.seed, step)
            for kind, one in learners.items():
                taken[kind].append(seconds(one, batch, whole.clip))
        for kind in kinds:
            ratio = median(taken[kind][WARM:]) / median(taken["transformer"][WARM:])
            steps = SHIPPED[f"{task}_{kind}"].spec.steps
            figures.append(Figure(f"{task}, {kind}: a step", ratio, "transformer's"))
            figures.append(Figure(f"{task}, {kind}: all {steps} steps", ratio * steps / whole.steps, "transformer's"))
    report(__file__, figures)


if __name__ == "__main__":
    main()
