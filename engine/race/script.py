"""A race written down without this package: the parts of its standalone script."""

from functools import partial
from typing import Any

from engine.data import curves, idx, images, mnist
from engine.experiment import Recipe
from engine.nn import activation_registry, activations, potentials
from engine.optimizers import Lane
from engine.optimizers.labels import labels
from engine.race import network, training
from engine.race.spec import RaceSpec

DATA = {"mnist": ((idx, mnist), "load_mnist"), "curves": ((curves,), "load_curves")}
"""Of each data set: the modules that it needs, and the function that loads it."""

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
        optimizer = make(net.layers, seed)
        rates = [group["lr"] for group in optimizer.param_groups]
        step = 0
        for epoch in range(EPOCHS + 1):
            on_train, on_test = evaluate(net, train, DTYPE), evaluate(net, test, DTYPE)
            if not math.isfinite(on_train.loss):
                break
            writer.writerow([name, seed, epoch, step, on_train.loss, on_test.loss, on_train.error, on_test.error])
            sys.stdout.flush()
            todo = batches(len(train), BATCH, seed, epoch)
            losses = []
            try:
                for number, batch in enumerate(todo if epoch < EPOCHS else ()):
                    factor = rate(epoch + (number / len(todo) if EVERY_STEP else 0), WARMUP, HORIZON)
                    for group, full in zip(optimizer.param_groups, rates):
                        group["lr"] = full * factor
                    rows = floats(train[batch.to(DEVICE)], DTYPE)
                    losses.append(update(optimizer, lambda: net.loss(rows), whole))
                    step += 1
            except torch.linalg.LinAlgError:
                break
            if losses and not torch.stack(losses).isfinite().all():
                break
"""


def recipe(spec: RaceSpec) -> Recipe:
    """The parts of ``spec``'s script: it prints ``Race.table()``, all but times and operations."""
    modules, load = DATA[spec.data]
    own = [module for lane in spec.lanes for module in lane.modules()]
    packages = {lane.constructor.split(".")[0] for lane in spec.lanes} - {"engine", "torch"}
    dtype = "float64" if spec.precision == "float64" else "float32"
    device = {"auto": '"cuda" if torch.cuda.is_available() else "cpu"'}.get(spec.device, repr(spec.device))
    return Recipe(
        imports=("import csv", "import math", "import sys", *(f"import {name}" for name in sorted(packages))),
        functions=(
            *dict.fromkeys((activations, potentials, activation_registry, *own)), images, *modules, network, training,
            *(maker(number, lane) for number, lane in enumerate(spec.lanes)),
        ),
        values={
            "LOAD": load,
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
            "DTYPE": f"torch.{dtype}",
            "PRODUCTS": repr("high" if spec.precision == "tf32" else "highest"),
            "THREADS": repr(1 if spec.small() else None),
            "LANES": "{" + ", ".join(
                f"{label!r}: (lane_{number}, {lane.closure == 'loss'})"
                for number, (label, lane) in enumerate(zip(labels(spec.lanes), spec.lanes, strict=True))
            ) + "}",
        },
        main=MAIN,
    )  # fmt: skip


def maker(number: int, lane: Lane) -> str:
    """The function of one lane: (layers, seed) -> optimizer."""
    passed = "".join(f", {key}={expression(value)}" for key, value in lane.network_arguments().items())
    seed = ", seed=seed" if lane.draws else ""
    trained = "layers" if lane.layered else "[parameter for layer, _ in layers for parameter in layer.parameters()]"
    return (
        f"def lane_{number}(layers, seed):\n"
        f"    trained = {trained}\n"
        f"    return {constructor(lane.constructor)}(trained{passed}{seed})\n"
    )


def constructor(path: str) -> str:
    """What the script calls the class at a dotted ``path``."""
    return path.rpartition(".")[2] if path.startswith("engine.") else path


def expression(value: Any) -> str:
    """Plain Python for an argument of a constructor."""
    if isinstance(value, partial):
        settings = "".join(f", {key}={expression(one)}" for key, one in value.keywords.items())
        return f"partial({expression(value.func)}{settings})"
    if isinstance(value, type):
        own = value.__module__.startswith("engine.")
        return value.__name__ if own else f"torch.optim.{value.__name__}"
    return repr(value)
