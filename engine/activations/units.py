"""The choice of an activation function and, for a network of its own, of its weights and biases."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from engine.activations.own import OWN, own
from engine.fields import Choice, Real
from engine.nn import ACTIVATIONS, INITIALIZERS, Activation
from engine.spec import Spec

CHOICES = {name: each.label for name, each in ACTIVATIONS.items()} | {OWN: "Your own"}
"""The activation functions that can be chosen: those of the registry, and the visitor's own formula."""

FORMULA = "z * tanh(z)"
"""The visitor's own function, until one is typed."""


def readable(text: str) -> str:
    """``text`` if it is a formula in z. Raises FormulaError."""
    own(text)
    return text


class Unit(Spec):
    """One activation function, with its parameter if it has one."""

    kind: Literal["f"] = "f"
    activation: Annotated[str, Choice(CHOICES, "activation")] = Field(
        "relu", title="Activation", description="The function between the weights"
    )
    a: Annotated[Real, Field(ge=-2, le=2)] | None = Field(
        None,
        title="Parameter a",
        description="The slope below 0 of a leaky ReLU or PReLU, or the scale of an ELU or CELU",
    )

    @model_validator(mode="after")
    def has_such_a_parameter(self) -> Self:
        if self.a is not None:
            if self.activation == OWN:
                raise ValueError("your own function has no parameter a; write its numbers into the formula")
            ACTIVATIONS[self.activation].at(self.a)
        return self

    def function(self, formula: str) -> Activation:
        """The activation function. formula: the visitor's own one, in case it is chosen."""
        if self.activation == OWN:
            return own(formula)
        activation = ACTIVATIONS[self.activation]
        return activation if self.a is None else activation.at(self.a)

    def name(self) -> str:
        """What it is called in pictures and tables."""
        return CHOICES[self.activation] + ("" if self.a is None else f", a = {self.a:g}".replace("-", "−"))


class Scheme(Unit):
    """The layers of a network: an activation function, and the rules that draw weights and biases."""

    kind: Literal["net"] = "net"  # type: ignore[assignment]
    initializer: Annotated[str, Choice(INITIALIZERS, "initialization")] = Field(
        "gain",
        title="Initialization",
        description="The rule that draws the weights",
        json_schema_extra={"link": "init"},
    )
    gain: Real = Field(1.0, ge=0, le=10, title="Weight scale", description="Multiplies every drawn weight")
    bias: Real = Field(
        0.0,
        ge=-20,
        le=20,
        title="Mean of the biases",
        description="Every bias starts at this number; −3 kills most ReLUs at birth",
    )
    bias_spread: Real = Field(
        0.0,
        ge=0,
        le=10,
        title="Spread of the biases",
        description="Standard deviation of the biases around their mean",
        json_schema_extra={"link": "spread"},
    )

    def name(self) -> str:
        """What it is called in pictures and tables."""
        parts = [super().name(), INITIALIZERS[self.initializer].label]
        if self.gain != 1:
            parts.append(f"× {self.gain:g}")
        if self.bias:
            parts.append(f"bias {self.bias:g}".replace("-", "−"))
        if self.bias_spread:
            parts.append(f"bias ± {self.bias_spread:g}")
        return " · ".join(parts)


class FormulaSpec(Spec):
    """The visitor's own activation function, which every experiment of this topic can use."""

    formula: Annotated[str, AfterValidator(readable)] = Field(
        FORMULA,
        max_length=200,
        title="f(z)",
        description="Your own activation: + - * / ^, pi, e, and functions such as exp, log, tanh, abs, min, max",
    )


def names(units: tuple[Unit, ...]) -> list[str]:
    """A name for each of ``units``. If two are equal, a number follows their name."""
    found = [unit.name() for unit in units]
    return [
        name if found.count(name) == 1 else f"{name} ({found[: place + 1].count(name)})"
        for place, name in enumerate(found)
    ]
