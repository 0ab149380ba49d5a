"""Hyper-parameters that several optimizers share, each declared once: bounds, symbol, help and key in a link."""

from typing import Annotated, Any

from pydantic import Field

from engine.fields import Real
from engine.optimizers.lane import Lane

Rate = Annotated[
    Real,
    Field(
        gt=0, le=1_000, title="Learning rate", description="Scale of the step",
        json_schema_extra={"symbol": r"\eta", "draw": "log-slider"},
    ),
]  # fmt: skip
Decay = Annotated[Real, Field(ge=0, le=0.999999)]
"""The weight of the past in a running average. It stays below one at six digits: at one the average never moves."""
Momentum = Annotated[
    Decay,
    Field(
        gt=0, title="Momentum", description="Share of the velocity that is kept from step to step",
        json_schema_extra={"symbol": r"\mu", "link": "m"},
    ),
]  # fmt: skip
WeightDecay = Annotated[
    Real,
    Field(
        ge=0, le=100, title="Weight decay", description="Adds this times the parameters to the gradient",
        json_schema_extra={"symbol": r"\lambda", "link": "w"},
    ),
]  # fmt: skip
DecoupledDecay = Annotated[
    WeightDecay,
    Field(description="Each step also multiplies the parameters by 1 − rate × this. The gradient stays as it is"),
]
Decoupled = Annotated[
    bool,
    Field(
        title="Decoupled decay", description="Weight decay shrinks the parameters instead of joining the gradient",
        json_schema_extra={"link": "dw"},
    ),
]  # fmt: skip
Epsilon = Annotated[
    Real,
    Field(
        ge=0, le=1, title="Epsilon", description="Added to the divisor, so that it is never zero",
        json_schema_extra={"symbol": r"\epsilon", "link": "e"},
    ),
]  # fmt: skip
Beta1 = Annotated[
    Decay,
    Field(
        title="Beta 1", description="Memory of the average of gradients",
        json_schema_extra={"symbol": r"\beta_1", "link": "b1"},
    ),
]  # fmt: skip
Beta2 = Annotated[
    Decay,
    Field(
        title="Beta 2", description="Memory of the average of squared gradients",
        json_schema_extra={"symbol": r"\beta_2", "link": "b2"},
    ),
]  # fmt: skip
Refresh = Annotated[
    int,
    Field(
        ge=1, le=100, title="Refresh", description="Steps between inversions or decompositions",
        json_schema_extra={"link": "f"},
    ),
]  # fmt: skip


class TwoBetas(Lane):
    """An optimizer whose constructor takes its two decay rates as one pair."""

    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.999

    def arguments(self) -> dict[str, Any]:
        hyper = super().arguments()
        return {"lr": hyper.pop("lr"), "betas": (hyper.pop("beta1"), hyper.pop("beta2"))} | hyper
