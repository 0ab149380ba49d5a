"""The default race on five seeds: LocoProp-M ends below Adam and RMSprop on each (two minutes)."""

from benchmarks._report import Figure, report
from engine.race import Race, RaceSpec, race

RIVALS = ("Adam", "RMSprop")


def main() -> None:
    default = RaceSpec()
    lanes = tuple(lane for lane in default.lanes if lane.label in (*RIVALS, "LocoProp-M"))
    spec = default.but(lanes=lanes, seeds=5, look=False)
    found = Race.of(spec, [event for event in race(spec) if isinstance(event, dict)])
    table = found.table()
    last = table[table["epoch"] == spec.epochs].pivot(index="seed", columns="lane", values="train_loss")
    report(
        __file__,
        [
            Figure(f"Seed {seed}: LocoProp-M {row['LocoProp-M']:.1f} over the best rival {min(row[list(RIVALS)]):.1f}",
                   row["LocoProp-M"] / min(row[list(RIVALS)]), "times", 1.0)
            for seed, row in last.iterrows()
        ],
        conditions=f"{spec.epochs} epochs of {spec.steps()} steps, {found.start['source']}.",
    )  # fmt: skip


if __name__ == "__main__":
    main()
