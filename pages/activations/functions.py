"""The activation functions by themselves, with the inputs that the visitor drags."""

from collections.abc import Callable

import streamlit as st

from engine.activations import Comparison, CostSpec, FunctionSpec
from engine.activations.experiments import COSTS
from engine.fields import bounds
from engine.figures.activations import functions_figure, responses_figure
from engine.numerals import share
from pages.ui import Column, PageState, chart, computed, control, table

NUMBERS = (
    Column("name", "Function"),
    Column("surviving", "Gradient left", share, about="E f′(z)² over these inputs: the share of the squared gradient"),
    Column("measured", "measured", share, about="The same, over 20,000 inputs that were drawn"),
    Column("flat", "Flat", ".1%", about="The share of these inputs where the slope is below the threshold"),
    Column("mean", "Mean", ".3g", about="Of the outputs"),
    Column("spread", "Spread", ".3g", about="Standard deviation of the outputs"),
    Column("gain", "Gain", ".4f", about="The weight scale 1/√E f² that keeps a standard normal signal"),
    Column("range", "Range"),
    Column("like", "Like"),
    Column("saturating", "Flat at N(0, 1)", ".1%", about="The share of standard normal inputs with a flat slope"),
    Column("forward", "Forward", ".1f", about="Seconds, as a multiple of ReLU's, measured on this server"),
    Column("backward", "Backward", ".1f", about="Seconds, as a multiple of ReLU's, measured on this server"),
)


def curves(found: Comparison) -> list[str]:
    """The names of the curves."""
    return [each.name for each in found.responses]


def functions(state: PageState, found: Comparison) -> None:
    """Draw the view "Functions"."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(functions_figure(found, state.settings.slopes), "activations-functions", height=430, picked=moved(state))
        st.caption(
            "Gray: the inputs, a normal distribution. Drag the ring ○, or click. It stands at their mean (sideways) "
            "and their spread (up). The arrow keys move it too."
        )
    with right:
        chart(responses_figure(found), "activations-outputs", height=430)
        st.caption("What comes out for 20,000 such inputs. A tall spike is where a function is flat.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        control(state, "mean")
        control(state, "spread")
        control(state, "slopes")
    for each in found.responses:
        if each.missing:
            st.info(f"{each.name} is no finite number on {each.missing:.0%} of the picture. The curve has a gap there.")
    own = computed(COSTS, CostSpec(units=state.settings.units, formula=state.settings.formula))
    frame = found.numbers().merge(own.table(), on="name")
    table(frame, NUMBERS, "activations-numbers", "The functions in numbers", [each.colour for each in found.responses])


def moved(state: PageState) -> Callable[..., None]:
    """The callback of a click at (x, y): the mean and the spread of the inputs, within their bounds."""

    def fitted(name: str, value: float) -> float:
        low, high = bounds(FunctionSpec.model_fields[name])
        return min(max(value, low), high)

    return state.callback(lambda _, x, y: {"mean": fitted("mean", x), "spread": fitted("spread", max(abs(y), 0.05))})
