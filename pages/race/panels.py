"""The views below a race, of which one is shown at a time."""

import streamlit as st

from engine.figures.race import costs_figure, layers_figure, timeline_figure
from engine.race import Race
from engine.race.board import board
from engine.race.layer_diagnostics import LAYER_QUANTITIES
from engine.race.timeline import timeline
from pages.race.local import local_losses
from pages.ui import PageState, chart, control


def layers(state: PageState, race: Race) -> None:
    """Draw the view "Layers": one quantity of each layer's last step."""
    part = state.settings.part
    control(state, "part", hidden=True)
    if race.layers.empty:
        st.caption('No layer data yet. It is recorded once an epoch if "Look into the layers" is on.')
        return
    chart(layers_figure(race, part, state.settings.axis), "race-layers", height=380)
    st.caption(f"After the epoch that the player has reached. {LAYER_QUANTITIES[part].about} Colours as above.")


def costs(_: PageState, race: Race) -> None:
    """Draw the view "Costs": the time, operations and memory of one step of each optimizer."""
    if len(race.points):
        chart(costs_figure(race, board(race)), "race-costs", height=150 + 48 * len(race.spec.lanes))
        st.caption(
            "One step on a batch: its measured time, its operations as a multiple of those of one gradient, the memory "
            "of the optimizer's state, and the peak memory of all tensors."
        )


def losses(state: PageState, _: Race) -> None:
    """Draw the view "Local losses"."""
    local_losses(state)


def local_timeline(state: PageState, race: Race) -> None:
    """Draw the view "Timeline": when each layer can solve its problem within one LocoProp step."""
    work = timeline(race.spec.units(), race.spec.batch, state.settings.local_steps)
    chart(timeline_figure(work), "race-timeline", height=430)
    st.caption(
        "The work of one step; the unit is one gradient of a batch. After one forward and one backward pass no layer "
        "waits for another. On this page the layers run one after another."
    )
    control(state, "local_steps")
