"""LocoProp-M and K-FAC against tuned Adam and RMSprop on the published benchmark, per epoch (twenty minutes).

Adam, RMSprop and K-FAC each run with the best of twelve trials, which are in ``results/tuning_*.json``. The command
``python -m engine.race --published tanh --epochs 5 --lanes adam,rmsprop,kfac --tune 12`` makes another such log.
LocoProp-M is the authors' recipe, without tuning. On the ReLU network, K-FAC must be below 74 after the fifth epoch.
"""

import json
from pathlib import Path

import pandas as pd

from benchmarks._report import Figure, report
from engine.optimizers import Lane
from engine.optimizers.layered import LocoPropM
from engine.race import Race, RaceSpec, published, race
from engine.spec import decode

TUNED = ("adam", "rmsprop", "kfac")
EPOCHS = 5
KFAC_LIMIT = 74.0


def tuned(transfer: str) -> tuple[Lane, ...]:
    """The best trial of each optimizer."""
    trials = json.loads((Path(__file__).parent / "results" / f"tuning_{transfer}.json").read_text())["trials"]
    best = [min((t for t in trials if t["optimizer"] == name), key=lambda t: float(t["loss"])) for name in TUNED]
    spec, problems = decode(RaceSpec, {"lanes": "~".join(trial["lane"] for trial in best)})
    assert not problems, problems
    return spec.lanes


def compared(transfer: str, losses: pd.DataFrame) -> list[Figure]:
    """After each epoch, the losses of LocoProp-M and K-FAC over the better rival's. losses: by epoch and lane."""
    rivals = losses[["Adam", "RMSprop"]].min(axis=1)
    return [
        Figure(f"{transfer}, {name} after epoch {epoch}: {losses[name][epoch]:.2f} over {rivals[epoch]:.2f}",
               losses[name][epoch] / rivals[epoch], "times", 1.0)
        for name in ("LocoProp-M", "K-FAC")
        for epoch in range(2, EPOCHS + 1)
    ]  # fmt: skip


def main() -> None:
    figures, sources = [], []
    for transfer in ("tanh", "relu"):
        spec = published(transfer, (*tuned(transfer), LocoPropM()), epochs=EPOCHS).but(look=False)
        found = Race.of(spec, [event for event in race(spec) if isinstance(event, dict)])
        losses = found.table().pivot(index="epoch", columns="lane", values="train_loss")
        figures += compared(transfer, losses)
        sources.append(f"{transfer}: {', '.join(f'{lane.called()} {lane.lr:g}' for lane in spec.lanes)}")
    figures.append(Figure("K-FAC, ReLU, after epoch 5", losses["K-FAC"][EPOCHS], "nats", KFAC_LIMIT))
    report(__file__, figures, conditions=f"{found.start['source']}; rates: {'; '.join(sources)}.")


if __name__ == "__main__":
    main()
