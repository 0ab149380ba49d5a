"""The settings of a race."""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engine.data import DATASETS
from engine.devices import DEVICES
from engine.fields import Choice, Real
from engine.optimizers import AnyRacer, Lane, Workload
from engine.optimizers.adaptive import Adam, RMSprop
from engine.optimizers.layered import KFAC, LocoPropM, LocoPropS, RepeatedAdam
from engine.optimizers.matrices import Shampoo
from engine.race.layer_diagnostics import LAYER_QUANTITIES
from engine.race.network import HIDDEN, widths
from engine.race.precision import PRECISIONS
from engine.spec import Spec, encode
from engine.training import rate

# A race whose gradient takes fewer operations uses one thread. A second thread gains a fifth on a quiet machine. If
# anything else runs there, each product waits for the slower of the two threads.
SMALL = 3e9

SMALL_PACE, PACE = 7e10, 1.4e11
"""Operations per second, on one core and on two cores."""

# The cost of reporting and storing one epoch of a lane, in operations.
POINT = 7e9

# In an event, the bytes of one point's reconstructions, and the bytes of one number.
PICTURES, NUMBER = 12_600, 20

# There are six times as many training images as test images, in all of MNIST and in any part of it.
TEST_SHARE = 6

RAMPS = {"steps": "Steps", "epochs": "Epochs"}


class RaceSpec(Spec):
    """A race of optimizers on a deep autoencoder. The defaults take about two minutes on two CPU cores.

    Each default lane has settings near the best of its twelve trials of five epochs. ``benchmarks/results`` holds these
    trials. LocoProp-M is not tuned: it has the defaults of the authors' notebook.

    The race is fair by construction. For one seed all lanes start from the same weights and see the same batches in the
    same order. Only training is timed.
    """

    data: Annotated[str, Choice(DATASETS, "data set")] = Field(
        "mnist", title="Images", description="What the network learns to reconstruct"
    )
    images: int = Field(
        5_000, ge=100, le=60_000, title="Training images",
        description="The first images of the data set, or all of them if it has fewer",
        json_schema_extra={"unit": "images"},
    )  # fmt: skip
    transfer: Annotated[str, Choice(HIDDEN, "transfer function")] = Field(
        "tanh", title="Transfer function", description="Used in hidden layers. The code is linear, the output a sigmoid"
    )
    depth: int = Field(
        1, ge=1, le=12, title="Depth", description="Layers of 500 units on each side of the code, the narrowest layer"
    )
    width: Real = Field(
        0.25, ge=0.02, le=2, title="Width", description="Scales every layer but the 784 pixels",
        json_schema_extra={"unit": "times 1000-500-250-30"},
    )  # fmt: skip
    batch: int = Field(
        200, ge=10, le=10_000, title="Batch", description="Images per step", json_schema_extra={"unit": "images"}
    )
    epochs: int = Field(4, ge=1, le=300, title="Epochs", description="Passes over the training images")
    warmup: int = Field(
        0, ge=0, le=20, title="Warm-up", json_schema_extra={"unit": "epochs"},
        description="Epochs during which the rate rises from 0 to its full value; 0: no rise",
    )  # fmt: skip
    horizon: int = Field(
        0, ge=0, le=1_000, title="Horizon", json_schema_extra={"unit": "epochs"},
        description="The epoch at which the falling rate reaches 0; 0: the rate does not fall",
    )  # fmt: skip
    ramp: Annotated[str, Choice(RAMPS, "time of a change")] = Field(
        "steps", title="Rate changes", description="At every step, or once per epoch as in the published benchmark"
    )
    lanes: tuple[AnyRacer, ...] = Field(
        (
            Adam(lr=0.0042),
            RMSprop(lr=8e-4),
            RepeatedAdam(lr=0.00125),
            KFAC(lr=1.6, damping=0.07, kl_clip=0.006),
            Shampoo(lr=0.0045, refresh=5),
            LocoPropS(lr=2.2e-5, gamma=36),
            LocoPropM(),
        ),
        min_length=1, max_length=17, title="Optimizers", description="The optimizers that race, with their settings",
    )  # fmt: skip
    seeds: int = Field(1, ge=1, le=10, title="Seeds", description="Repetitions with other weights and batches")
    seed: int = Field(0, ge=0, le=999_999, title="First seed", description="Sets the weights and the batches' order")
    look: bool = Field(
        True,
        title="Look into the layers",
        description="Record each layer's gradient, step and resemblances once an epoch",
    )
    device: Annotated[str, Choice(DEVICES, "device")] = Field(
        "auto", title="Device", description="The device that computes. Auto is the first CUDA device, if there is one"
    )
    precision: Annotated[str, Choice(PRECISIONS, "precision")] = Field(
        "float32",
        title="Precision",
        description="The format of weights and sums. tf32 also rounds the factors of products, only on CUDA",
    )

    @model_validator(mode="after")
    def is_one_race(self) -> Self:
        if self.batch > self.images:
            raise ValueError(f"a batch of {self.batch:,} does not fit into {self.images:,} images")
        if len(set(self.lanes)) < len(self.lanes):
            raise ValueError("two optimizers are the same in every setting")
        if any(lane.schedule != "constant" for lane in self.lanes):
            raise ValueError("all optimizers of a race share its own schedule: warm-up and horizon")
        return self

    @model_validator(mode="after")
    def is_affordable(self) -> Self:
        for value, most, words in (
            (self.weights(), 20_000_000, "the network has {:,} weights; at most {:,} can race"),
            # Counted as in ``Workload``. This is the published benchmark on five seeds, about forty hours on two cores.
            (self.work(), 2e16, "the race takes {:.2g} operations, at most {:.2g}: fewer epochs, seeds or optimizers"),
            # The weights, gradients and states of all lanes are in memory at the same time.
            (self.memory_bytes() / 1e9, 4, "the optimizers need {:.2g} GB, at most {:g}: fewer of them, or less width"),
            # A job can store a little more.
            (self.event_bytes() / 1e6, 60, "the race reports {:.3g} MB, at most {:g}: fewer epochs or optimizers"),
        ):
            if value > most:
                raise ValueError(words.format(value, most))
        return self

    def command(self) -> str:
        """The shell command that runs this race."""
        options = [f"--{name} {text.replace('~', ',')}" for name, text in encode(self).items()]
        return " ".join(["python -m engine.race", *options])

    def units(self) -> list[int]:
        """Units of each layer, input and output included."""
        return widths(self.depth, self.width)

    def weights(self) -> int:
        """Parameters of the network."""
        return sum((inputs + 1) * outputs for inputs, outputs in pairwise(self.units()))

    def gradient_flops(self) -> float:
        """Operations of the loss and the gradient on one batch.

        They are six for each weight and image, but four in the first layer, which needs no slopes of its input.
        """
        first, second, *_ = self.units()
        products = sum(inputs * outputs for inputs, outputs in pairwise(self.units()))
        return self.batch * (6.0 * products - 2.0 * first * second)

    def trained(self) -> int:
        """The number of training images, at most as many as the data set holds."""
        return min(self.images, DATASETS[self.data].train)

    def steps(self) -> int:
        """Steps per epoch. Images that do not fill a last batch are left out."""
        return self.trained() // self.batch

    def tests(self) -> int:
        """The number of test images that a race takes from the start of the data set, if it holds so many."""
        return -(-self.images // TEST_SHARE)

    def workload(self) -> Workload:
        return Workload(tuple(self.units()), self.batch)

    def work(self) -> float:
        """Roughly the operations of the whole race. Its duration is estimated from them."""
        step = self.workload()
        steps = self.steps() * sum(lane.network_work(step) for lane in self.lanes)
        evaluation = Workload(step.units, self.trained() + self.tests()).forward()
        # Two backward passes, K-FAC's factors and their inverses, and Shampoo's factors of ten parts of the batch with
        # their roots.
        look = 15 * step.forward() + step.covariances() + 20 * step.sandwich() + 30 * step.cubes()
        counted = sum((lane.settled() + 2 * lane.period()) * lane.network_work(step) for lane in self.lanes)
        epoch = steps + len(self.lanes) * (evaluation + self.look * look + POINT)
        return counted + self.epochs * self.seeds * epoch

    def memory_bytes(self) -> float:
        """The approximate size in bytes of all lanes' weights, gradients and states."""
        step, number = self.workload(), PRECISIONS[self.precision].dtype.itemsize
        return float(number * sum(lane.network_memory(step) for lane in self.lanes))

    def event_bytes(self) -> float:
        """The approximate size in bytes of the events of all points. Only events of the first seed have pictures."""
        layers = len(LAYER_QUANTITIES) * (len(self.units()) - 1) * self.look
        points = len(self.lanes) * (self.epochs + 1)
        return float(points * (PICTURES + self.seeds * NUMBER * (20 + layers)))

    def seconds(self) -> float:
        """Roughly the seconds that the race takes on two CPU cores."""
        return self.work() / (SMALL_PACE if self.small() else PACE)

    def small(self) -> bool:
        """Whether one thread is enough."""
        return self.gradient_flops() < SMALL

    def rate(self, epoch: int, share: float = 0.0) -> float:
        """The factor of every lane's learning rate after ``epoch`` epochs and a ``share`` of the next."""
        return rate(epoch + (share if self.ramp == "steps" else 0.0), self.warmup, self.horizon)


PUBLISHED: tuple[Lane, ...] = (
    Adam(lr=0.00125),
    RMSprop(lr=0.001),
    RepeatedAdam(lr=0.00125),
    KFAC(lr=1.6, damping=0.07, kl_clip=0.006),
    Shampoo(lr=0.002),
    LocoPropS(lr=4e-5, gamma=50),
    LocoPropM(),
)
"""The lanes of the published benchmark.

Their settings are near the best of twelve trials: for Adam, RMSprop and K-FAC on both networks, for the others on the
tanh network. ``benchmarks/results`` holds the trials. LocoProp-M is not tuned and has the authors' notebook's defaults.
No run of LocoProp-S is published, and with these defaults it is far from its best.
"""


def published(
    transfer: Literal["tanh", "relu"] = "tanh", lanes: tuple[Lane, ...] = PUBLISHED, epochs: int = 100
) -> RaceSpec:
    """The published benchmark: 784-1000-500-250-30 and back, MNIST, batches of 1,000, five epochs of warm-up.

    The rate falls from its full value in epoch 6 to zero after epoch 100. In the authors' notebook the rate in each of
    these epochs is lower by 1/95 of the full value. The first five epochs of the reference curve are the same in both.
    """
    return RaceSpec(
        images=60_000, transfer=transfer, width=1, batch=1_000, epochs=epochs, warmup=5, horizon=100, ramp="epochs",
        lanes=lanes,
    )  # fmt: skip
