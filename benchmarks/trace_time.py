"""A trace of 65 tokens through two layers of attention takes at most 20 ms on one thread, an edited one included."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

import torch

from benchmarks._report import Figure, report
from engine.transformer import Architecture, Edit, Transformer, trace

ROUNDS = 100
TOKENS = 65


def milliseconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return 1_000 * (perf_counter() - begin)


def main() -> None:
    torch.set_num_threads(1)
    model = Transformer(
        Architecture("decoder", targets=TOKENS, layers=2, width=64, heads=2, positions="rotary", bias=False)
    ).eval()
    tokens = torch.randint(TOKENS, (1, TOKENS), generator=torch.Generator().manual_seed(0))
    edit = Edit(scale=False, positions=False, gates={("stack.0.attention", 0): 0.0})

    def bare() -> None:
        with torch.no_grad():
            model(tokens)

    works: dict[str, Callable[[], object]] = {
        "bare": bare,
        "traced": lambda: trace(model, tokens),
        "edited": lambda: trace(model, tokens, edit=edit),
    }
    for work in works.values():
        work()  # the first call allocates
    # They take turns, so that a slow moment of the machine affects all of them equally.
    times = [{name: milliseconds(work) for name, work in works.items()} for _ in range(ROUNDS)]
    report(
        __file__,
        [
            Figure(f"a trace, median of {ROUNDS}", median(one["traced"] for one in times), "ms", 20),
            Figure(f"an edited trace, median of {ROUNDS}", median(one["edited"] for one in times), "ms", 20),
            Figure("a trace over the bare forward pass", median(one["traced"] / one["bare"] for one in times), "times"),
        ],
        conditions=f"One thread; {TOKENS} tokens, 2 layers of attention alone, width 64, 2 heads, rotary positions.",
    )


if __name__ == "__main__":
    main()
