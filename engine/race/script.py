"""The parts of a race's standalone script, which does not need this package."""

import sys

from engine.data import DATASETS
from engine.experiment import Recipe
from engine.optimizers import Lane
from engine.optimizers.labels import labels
from engine.race import network
from engine.race.precision import PRECISIONS
from engine.race.spec import RaceSpec
from engine.sources import with_needed
from engine.training import loop
from engine.training.script import construction, imports

MAIN = """\
torch.set_num_threads(THREADS or torch.get_num_threads())
torch.set_float32_matmul_precision(PRODUCTS)
data = LOAD()
train, test = data.train[:IMAGES].to(DEVICE), data.test[:TESTS].to(DEVICE)
sys.stdout.reconfigure(encoding="utf-8")
writer = csv.writer(sys.stdout, lineterminator="\\n")
writer.writerow(["lane", "seed", "epoch", "step", "train_loss", "test_loss", "train_error", "test_error"])
for name, (make, whole) in LANES.items():
    for seed in SEEDS:
        net = Autoencoder(UNITS, TRANSFER, seed, DTYPE).to(DEVICE)
        trainer = Trainer(net, make(net.layers, seed), Autoencoder.loss, whole)
        for epoch in range(EPOCHS + 1):
            on_train, on_test = evaluate(net, train), evaluate(net, test)
            if trainer.ended or not math.isfinite(on_train.loss):
                break
            losses = on_train.loss, on_test.loss, on_train.error, on_test.error
            writer.writerow([name, seed, epoch, trainer.step, *losses])
            sys.stdout.flush()
            if epoch < EPOCHS:
                todo = shuffled(len(train), BATCH, seed, epoch)
                rows = lambda step: (floats(train[todo[step].to(DEVICE)], DTYPE),)
                factor = lambda step: rate(epoch + (step / len(todo) if EVERY_STEP else 0), WARMUP, HORIZON)
                for _ in take_steps([trainer], range(len(todo)), rows, factor, Clock(DEVICE)):
                    pass
"""


def recipe(spec: RaceSpec) -> Recipe:
    """The parts of the script of ``spec``. It prints ``Race.table()`` without times and operations."""
    load = DATASETS[spec.data].load
    own = [module for lane in spec.lanes for module in lane.modules()]
    parts = with_needed(network, loop, sys.modules[load.__module__], *own)
    precision = PRECISIONS[spec.precision]
    device = {"auto": '"cuda" if torch.cuda.is_available() else "cpu"'}.get(spec.device, repr(spec.device))
    lanes = ", ".join(
        f"{label!r}: (lane_{number}, {lane.closure == 'loss'})"
        for number, (label, lane) in enumerate(zip(labels(spec.lanes), spec.lanes, strict=True))
    )
    return Recipe(
        imports=("import csv", "import math", "import sys", *imports(spec.lanes)),
        functions=(*parts, *(maker(number, lane) for number, lane in enumerate(spec.lanes))),
        values={
            "LOAD": load.__name__,
            "IMAGES": repr(spec.images),
            "TESTS": repr(spec.tests()),
            "UNITS": repr(spec.units()),
            "TRANSFER": repr(spec.transfer),
            "BATCH": repr(spec.batch),
            "EPOCHS": repr(spec.epochs),
            "WARMUP": repr(spec.warmup),
            "HORIZON": repr(spec.horizon),
            "EVERY_STEP": repr(spec.ramp == "steps"),
            "SEEDS": f"range({spec.seed}, {spec.seed + spec.seeds})",
            "DEVICE": device,
            "DTYPE": repr(precision.dtype),
            "PRODUCTS": repr(precision.products),
            "THREADS": repr(1 if spec.small() else None),
            "LANES": f"{{{lanes}}}",
        },
        main=MAIN,
    )


def maker(number: int, lane: Lane) -> str:
    """The function of one lane: (layers, seed) -> optimizer."""
    trained = "layers" if lane.layered else "[parameter for layer, _ in layers for parameter in layer.parameters()]"
    return f"def lane_{number}(layers, seed):\n    return {construction(lane, trained, lane.network_arguments())}\n"
