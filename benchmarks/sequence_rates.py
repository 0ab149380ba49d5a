"""Which learning rate suits each network of the recorded trainings on signals.

PYTHONPATH=. python benchmarks/sequence_rates.py [NAME ...]

Each network of ``engine.activations.sequence_recorded`` is trained with several rates, with two seeds and on other
signals than the recorded ones. Prints the accuracy over held-out signals, mean of the seeds, and marks the best.
"""

import math
import sys

from engine.activations.experiments import SEQUENCES
from engine.activations.sequence_recorded import RECORDED

RATES = {
    "convolutions": (0.004, 0.008, 0.016, 0.032),
    "deep_convolutions": (0.001, 0.002, 0.004, 0.008, 0.016),
    "recurrent": (0.00025, 0.0005, 0.001, 0.002, 0.004),
}
"""Name of the recording -> the rates that each of its networks tries."""

SEED, SEEDS = 1_000, 2

for name in sys.argv[1:] or RECORDED:
    spec, rates = RECORDED[name], RATES[name]
    print(f"{name}: rates {', '.join(f'{rate:g}' for rate in rates)}", flush=True)
    for scheme in spec.learners:
        tried = tuple(scheme.but(lr=rate) for rate in rates)
        found = SEQUENCES.result(spec.but(learners=tried, seeds=SEEDS, seed=SEED))
        right = [float(curves.middle("right")[-1]) for curves in found.curves]
        best = max(range(len(rates)), key=lambda place: -1.0 if math.isnan(right[place]) else right[place])
        said = "  ".join(f"{'*' if place == best else ' '}{each:.3f}" for place, each in enumerate(right))
        print(f"{scheme.name():30} {said}", flush=True)
