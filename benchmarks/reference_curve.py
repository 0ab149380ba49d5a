"""LocoProp-M on the published benchmark is within 1.5 % of the published train cross-entropies (six minutes).

MNIST comes from the folder ``GRADIENT_LAB_DATA``, or is downloaded.
"""

from benchmarks._report import Figure, report
from engine.optimizers.layered import LocoPropM
from engine.race import Race, published, race

REFERENCE = {2: 122.69, 3: 80.72, 4: 69.61, 5: 65.24}
"""Epoch -> train cross-entropy after it, from the saved run of the official notebook."""


def main() -> None:
    spec = published("tanh", (LocoPropM(),), epochs=5).but(look=False)
    events = [event for event in race(spec) if isinstance(event, dict)]
    found = Race.of(spec, events)
    losses = found.points.set_index("epoch")["train_loss"]
    report(
        __file__,
        [
            Figure(f"Epoch {epoch}: {losses[epoch]:.2f}, reference {value}; off by",
                   100 * abs(losses[epoch] / value - 1), "%", 1.5)
            for epoch, value in REFERENCE.items()
        ],
        conditions=f"{found.start['threads']} threads; {found.start['source']}; "
        f"{found.points['seconds'].max() / 5:.3g} s of training per epoch.",
    )  # fmt: skip


if __name__ == "__main__":
    main()
