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
from engine.spec import Spec, encode
from engine.training import rate

# Operations of a gradient below which a race uses one thread. A second thread gains a fifth on a quiet machine; where
# anything else runs beside it, each product waits for the slower of the two.
SMALL = 3e9

SMALL_PACE, PACE = 7e10, 1.4e11
"""Operations in a second, on one core and on two."""

# What reporting and storing one epoch of a lane costs, in operations.
POINT = 7e9

# Bytes of a point's reconstructions in an event, and of a number.
PICTURES, NUMBER = 12_600, 20

# There are six times as many training images as test images, in all of MNIST and in any part of it.
TEST_SHARE = 6

PRECISIONS = {"float32": "Float32", "float64": "Float64", "tf32": "TF32"}


class RaceSpec(Spec):
    """A race of optimizers on a deep autoencoder. The defaults take about two minutes on two CPU cores.

    Each default lane has settings near the best of its twelve trials of five epochs, which are kept in
    ``benchmarks/results``; LocoProp-M is not tuned and has the defaults of the authors' notebook.

    Fair by construction: for one seed all lanes start from the same weights and see the same batches in the same order;
    only training is timed.
    """

    data: Annotated[str, Choice(DATASETS, "data set")] = Field(
        "mnist", title="Images", description="What the network learns to reconstruct"
    )
    images: int = Field(
        5_000, ge=100, le=60_000, title="Training images",
        description="The first images of the data set; all of them where it has fewer",
        json_schema_extra={"unit": "images"},
    )  # fmt: skip
    transfer: Annotated[str, Choice(HIDDEN, "transfer function")] = Field(
        "tanh", title="Transfer function", description="Of the hidden layers; the code is linear, the output a sigmoid"
    )
    depth: int = Field(1, ge=1, le=12, title="Depth", description="Layers of 500 units before the code, and after it")
    width: Real = Field(
        0.25, ge=0.02, le=2, title="Width", description="Scales every layer but the 784 pixels",
        json_schema_extra={"unit": "times 1000-500-250-30"},
    )  # fmt: skip
    batch: int = Field(
        200, ge=10, le=10_000, title="Batch", description="Images in a step", json_schema_extra={"unit": "images"}
    )
    epochs: int = Field(4, ge=1, le=300, title="Epochs", description="Passes over the training images")
    warmup: int = Field(
        0, ge=0, le=20, title="Warm-up", json_schema_extra={"unit": "epochs"},
        description="Epochs over which the rate rises from 0 to its full value; 0: it starts there",
    )  # fmt: skip
    horizon: int = Field(
        0, ge=0, le=1_000, title="Horizon", json_schema_extra={"unit": "epochs"},
        description="When the rate, falling in a line, reaches 0; 0: it does not fall",
    )  # fmt: skip
    ramp: Literal["steps", "epochs"] = Field(
        "steps", title="Rate changes", description="At every step, or as in the published benchmark once an epoch"
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
        min_length=1, max_length=17, title="Optimizers", description="Those that race, each with its own settings",
    )  # fmt: skip
    seeds: int = Field(1, ge=1, le=10, title="Seeds", description="Repetitions with other weights and batches")
    seed: int = Field(0, ge=0, le=999_999, title="First seed", description="Of the weights and of the batches' order")
    look: bool = Field(
        True,
        title="Look into the layers",
        description="Record each layer's gradient, step and resemblances once an epoch",
    )
    device: Annotated[str, Choice(DEVICES, "device")] = Field(
        "auto", title="Device", description="What computes; auto is the first CUDA device where there is one"
    )
    precision: Annotated[str, Choice(PRECISIONS, "precision")] = Field(
        "float32",
        title="Precision",
        description="Of weights and sums; tf32 rounds the factors of products, on CUDA alone",
    )

    @model_validator(mode="after")
    def is_one_race(self) -> Self:
        if self.batch > self.images:
            raise ValueError(f"a batch of {self.batch:,} does not fit into {self.images:,} images")
        if len(set(self.lanes)) < len(self.lanes):
            raise ValueError("two lanes are the same in every setting")
        if any(lane.schedule != "constant" for lane in self.lanes):
            raise ValueError("all lanes of a race share its own schedule: warm-up and horizon")
        return self

    @model_validator(mode="after")
    def is_affordable(self) -> Self:
        for value, most, words in (
            (self.weights(), 20_000_000, "the network has {:,} weights; at most {:,} can race"),
            # As ``Workload`` counts them: about forty hours on two CPU cores, the published benchmark on five seeds.
            (self.work(), 2e16, "the race takes {:.2g} operations, at most {:.2g}: fewer epochs, seeds or lanes"),
            # The lanes' weights, gradients and states are in memory side by side.
            (self.memory_bytes() / 1e9, 4, "the lanes need {:.2g} GB, at most {:g}: fewer lanes, or less width"),
            # A job can keep a little more.
            (self.event_bytes() / 1e6, 60, "the race reports {:.3g} MB, at most {:g}: fewer epochs or lanes"),
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
        """Operations of one batch's loss and its gradient: six for a weight and an image, but four in the first layer,
        since nothing needs the slopes of the images."""
        first, second, *_ = self.units()
        products = sum(inputs * outputs for inputs, outputs in pairwise(self.units()))
        return self.batch * (6.0 * products - 2.0 * first * second)

    def trained(self) -> int:
        """Images to train on: no more than the data set holds."""
        return min(self.images, DATASETS[self.data].train)

    def steps(self) -> int:
        """Steps of one epoch; images that do not fill a last batch are left out of it."""
        return self.trained() // self.batch

    def tests(self) -> int:
        """Test images, the first of the data set, which may hold fewer."""
        return -(-self.images // TEST_SHARE)

    def workload(self) -> Workload:
        return Workload(tuple(self.units()), self.batch)

    def work(self) -> float:
        """Operations of the whole race, roughly; its length is estimated from them."""
        step = self.workload()
        steps = self.steps() * sum(lane.network_work(step) for lane in self.lanes)
        evaluation = Workload(step.units, self.trained() + self.tests()).forward()
        # Two backward passes, K-FAC's factors and their inverses, Shampoo's factors of ten parts of the batch and their
        # roots.
        look = 15 * step.forward() + step.covariances() + 20 * step.sandwich() + 30 * step.cubes()
        counted = sum((lane.settled() + 2 * lane.period()) * lane.network_work(step) for lane in self.lanes)
        epoch = steps + len(self.lanes) * (evaluation + self.look * look + POINT)
        return counted + self.epochs * self.seeds * epoch

    def memory_bytes(self) -> float:
        """Bytes of all lanes' weights, gradients and states, roughly."""
        step, number = self.workload(), 8 if self.precision == "float64" else 4
        return float(number * sum(lane.network_memory(step) for lane in self.lanes))

    def event_bytes(self) -> float:
        """Bytes of all points' events, roughly; only those of the first seed have pictures."""
        layers = len(LAYER_QUANTITIES) * (len(self.units()) - 1) * self.look
        points = len(self.lanes) * (self.epochs + 1)
        return float(points * (PICTURES + self.seeds * NUMBER * (20 + layers)))

    def minutes(self) -> float:
        """How long the race takes on two CPU cores, roughly."""
        return self.work() / (SMALL_PACE if self.small() else PACE) / 60

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
"""Lanes of the published benchmark. Adam, RMSprop and K-FAC are near the best of their twelve trials on either network,
the others on tanh; the trials are kept in ``benchmarks/results``. LocoProp-M is not tuned and has the defaults of the
authors' notebook. With those LocoProp-S, of which no run is published, is far from its best."""


def published(
    transfer: Literal["tanh", "relu"] = "tanh", lanes: tuple[Lane, ...] = PUBLISHED, epochs: int = 100
) -> RaceSpec:
    """The published benchmark: 784-1000-500-250-30 and back, MNIST, batches of 1,000, five epochs of warm-up.

    The rate falls from its full value in epoch 6 to zero after epoch 100. In the authors' notebook the rate of each of
    those epochs is lower by a 95th of the full value; the reference curve's first five epochs are not concerned.
    """
    return RaceSpec(
        images=60_000, transfer=transfer, width=1, batch=1_000, epochs=epochs, warmup=5, horizon=100, ramp="epochs",
        lanes=lanes,
    )  # fmt: skip
