"""In the default race, LocoProp-M is below Adam and RMSprop after every epoch, on each of five seeds (two minutes)."""

from benchmarks._report import Figure, report
from engine.race import Race, RaceSpec, race

RIVALS = ("Adam", "RMSprop")


def main() -> None:
    default = RaceSpec()
    lanes = tuple(lane for lane in default.lanes if lane.display.label in (*RIVALS, "LocoProp-M"))
    spec = default.but(lanes=lanes, seeds=5, look=False)
    found = Race.of(spec, [event for event in race(spec) if isinstance(event, dict)])
    table = found.table()
    losses = table[table["epoch"] > 0].pivot(index=["seed", "epoch"], columns="lane", values="train_loss")
    report(
        __file__,
        [
            Figure(
                f"Seed {seed}, epoch {epoch}: LocoProp-M {ours:.1f} over the best rival {best:.1f}",
                ours / best, "times", 1.0,
            )
            for (seed, epoch), ours, best in zip(
                losses.index, losses["LocoProp-M"], losses[list(RIVALS)].min(axis=1), strict=True
            )
        ],
        conditions=f"{spec.epochs} epochs of {spec.steps()} steps, {found.start['source']}.",
    )  # fmt: skip


if __name__ == "__main__":
    main()
