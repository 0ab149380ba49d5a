"""The settings of the experiments on activations and initializations."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.activations.units import CHOICES, FormulaSpec, Scheme, Unit
from engine.data.samples import SAMPLES
from engine.fields import Choice, Real
from engine.nn import Activation

MOST_WORK = 2e11
"""The most floating-point operations that all passes together may take: about three seconds on one core."""

MOST_WEIGHTS = 6e7
"""The most weights that one network may have. They take 240 MB."""

INPUTS = {"normal": "Normal"} | {name: each.label for name, each in SAMPLES.items()}
"""What is sent through the networks."""

WEIGHTS, BIASES = 4.0, 1.0
"""The plane reaches from 0 to these variances of weights (times n) and of biases."""

MOST_DRAWING = 4e10
"""The most work that the networks of a measurement may take, in floating-point operations."""


class FunctionSpec(FormulaSpec):
    """Activation functions side by side, and a normal distribution of their inputs."""

    units: tuple[Unit, ...] = Field(
        tuple(Unit(activation=name) for name in ("relu", "tanh", "sigmoid", "gelu")),
        min_length=1,
        max_length=12,
        title="Functions",
        description="The activation functions that are compared",
    )
    mean: Real = Field(
        0.0, ge=-5, le=5, title="Mean of the inputs", description="Mean of the normal inputs",
        json_schema_extra={"draw": "slider"},
    )  # fmt: skip
    spread: Real = Field(
        1.0, gt=0, le=5, title="Spread of the inputs", description="Standard deviation of the normal inputs",
        json_schema_extra={"draw": "slider"},
    )  # fmt: skip
    threshold: Real = Field(
        0.01,
        gt=0,
        le=1,
        title="Flat below",
        description="Where the slope is smaller than this in size, the function counts as flat (saturated)",
        json_schema_extra={"draw": "log-slider"},
    )
    seed: int = Field(0, ge=0, le=999_999, title="Seed", description="Fixes the inputs that are drawn")


class CostSpec(FormulaSpec):
    """The functions whose cost is measured."""

    units: tuple[Unit, ...] = Field((Unit(),), min_length=1, max_length=12, title="Functions")


class DepthSpec(FormulaSpec):
    """Deep networks that differ in their schemes, on one batch with random labels."""

    schemes: tuple[Scheme, ...] = Field(
        (
            Scheme(activation="relu", initializer="he_normal"),
            Scheme(activation="tanh", initializer="xavier_normal"),
            Scheme(activation="sigmoid", initializer="xavier_normal"),
        ),
        min_length=1,
        max_length=6,
        title="Networks",
        description="The networks that are compared: activation, initialization, scale and biases",
    )
    depth: int = Field(
        20, ge=1, le=200, title="Depth", description="Layers before the last, which gives the logits",
        json_schema_extra={"unit": "layers", "draw": "slider"},
    )  # fmt: skip
    width: int = Field(
        64, ge=1, le=1024, title="Width", description="Units per layer", json_schema_extra={"unit": "units"}
    )
    batch: int = Field(
        128, ge=2, le=512, title="Batch", description="Inputs per batch", json_schema_extra={"unit": "samples"}
    )
    inputs: Annotated[str, Choice(INPUTS, "input")] = Field(
        "normal", title="Inputs", description="What is sent through: normal numbers, points on spirals, or digits"
    )
    input_scale: Real = Field(
        1.0,
        gt=0,
        le=100,
        title="Scale of the inputs",
        description="Multiplies the inputs, whose mean square is 1",
        json_schema_extra={"draw": "log-slider"},
    )
    other_layer: int = Field(
        0, ge=0, le=200, title="One layer differs", description="The number of a layer with another activation; 0: none"
    )
    other: Annotated[str, Choice(CHOICES, "activation")] = Field(
        "identity", title="Its activation", description="The activation of the layer that differs"
    )
    last: Real = Field(
        1.0,
        ge=0,
        le=100,
        title="Scale of the last layer",
        description="Multiplies the last layer's weights, whose variance is 1/n; a large scale makes a bad start",
        json_schema_extra={"draw": "log-slider"},
    )
    rate: Real = Field(
        0.1, gt=0, le=10, title="Learning rate", description="The rate of the gradient descent step that is looked at"
    )
    threshold: Real = Field(
        0.01,
        gt=0,
        le=1,
        title="Flat below",
        description="An activation with a smaller slope counts as flat (saturated)",
    )
    draws: int = Field(
        3, ge=1, le=20, title="Draws", description="How many times the weights of each network are drawn anew"
    )
    seed: int = Field(0, ge=0, le=999_999, title="Seed", description="Fixes weights, inputs and labels")

    @model_validator(mode="after")
    def is_affordable(self) -> Self:
        if (weights := self.weights()) > MOST_WEIGHTS:
            raise ValueError(
                f"one network has {weights:.2g} weights, but at most {MOST_WEIGHTS:.2g} are allowed; choose less depth "
                "or width"
            )
        if (work := self.work()) > MOST_WORK:
            raise ValueError(
                f"these networks take {work:.2g} operations, but at most {MOST_WORK:.2g} are allowed; choose less "
                "depth, width or batch, or fewer draws or networks"
            )
        return self

    def weights(self) -> int:
        """The number of weights of one network, without those of its first and last layer."""
        return self.depth * self.width**2

    def work(self) -> float:
        """The approximate number of floating-point operations of all passes."""
        return 6.0 * self.weights() * self.batch * self.draws * len(self.schemes)

    def activations(self, scheme: Scheme) -> list[Activation]:
        """The activation of each layer, first to last."""
        own, other = scheme.function(self.formula), Unit(activation=self.other).function(self.formula)
        return [other if number == self.other_layer else own for number in range(1, self.depth + 1)]


class PhaseSpec(FormulaSpec):
    """One activation, and a network in the plane of its weight and bias variance. Two inputs are sent through it."""

    unit: tuple[Unit, ...] = Field(
        (Unit(activation="tanh"),), min_length=1, max_length=1, title="Activation",
        description="The activation function of all layers",
    )  # fmt: skip
    weight: Real = Field(
        1.6, ge=0, le=WEIGHTS, title="Weight variance σ²_w", description="n times the variance of a weight",
        json_schema_extra={"draw": "slider"},
    )  # fmt: skip
    bias: Real = Field(
        0.05, ge=0, le=BIASES, title="Bias variance σ²_b", description="The variance of a bias",
        json_schema_extra={"draw": "slider"},
    )  # fmt: skip
    cosine: Real = Field(
        0.6, ge=-1, le=1, title="Cosine of the inputs", description="How alike the two inputs are: 1 if they are equal",
        json_schema_extra={"draw": "slider"},
    )  # fmt: skip
    depth: int = Field(
        30, ge=1, le=200, title="Depth", description="Layers that the two inputs pass",
        json_schema_extra={"unit": "layers"},
    )  # fmt: skip
    width: int = Field(
        128, ge=2, le=1024, title="Width", description="Units per layer", json_schema_extra={"unit": "units"}
    )
    draws: int = Field(8, ge=2, le=40, title="Draws", description="How many networks are drawn and measured")
    seed: int = Field(0, ge=0, le=999_999, title="Seed", description="Fixes weights and inputs")

    @model_validator(mode="after")
    def is_affordable(self) -> Self:
        # To draw a weight takes as long as about 100 operations of a product.
        if (work := 100.0 * self.depth * self.width**2 * self.draws) > MOST_DRAWING:
            raise ValueError(
                f"these networks take {work:.2g} operations, but at most {MOST_DRAWING:.2g} are allowed; choose less "
                "depth, width or draws"
            )
        return self
