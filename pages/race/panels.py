"""What else there is to see of a race, one view at a time, below the race itself."""

import streamlit as st

from engine.figures.local import timeline_figure
from engine.figures.race import costs_figure, layers_figure
from engine.race import Race
from engine.race.board import board
from engine.race.layer_diagnostics import LAYER_QUANTITIES
from engine.race.timeline import timeline
from pages.race.local import local_losses
from pages.ui import PageState, chart, control


def layers(state: PageState, race: Race) -> None:
    """The view "Layers": one quantity of each layer's last step."""
    part = state.settings.part
    control(state, "part", hidden=True)
    if race.layers.empty:
        st.caption('No layer data yet. It is recorded once an epoch if "Look into the layers" is on.')
        return
    chart(layers_figure(race, part, state.settings.axis), "race-layers", height=380)
    st.caption(f"After the epoch that the player has reached. {LAYER_QUANTITIES[part].about} Colours as above.")


def costs(_: PageState, race: Race) -> None:
    """The view "Costs": what a step of each optimizer takes."""
    if len(race.points):
        chart(costs_figure(race, board(race)), "race-costs", height=150 + 48 * len(race.spec.lanes))
        st.caption(
            "One step on a batch: measured time, counted operations against those of one gradient, what the "
            "optimizer remembers, and all tensors at the fullest moment."
        )


def losses(state: PageState, _: Race) -> None:
    """The view "Local losses"."""
    local_losses(state)


def local_timeline(state: PageState, race: Race) -> None:
    """The view "Timeline": when the layers' problems of one LocoProp step can be solved."""
    work = timeline(race.spec.units(), race.spec.batch, state.settings.local_steps)
    chart(timeline_figure(work), "race-timeline", height=430)
    st.caption(
        "One step's work, in gradients of a batch. After one forward and one backward pass no layer waits for another: "
        f"with a device for each, the step would be up to {work.speedup:.2f} times as fast. Here they run in turn."
    )
    control(state, "local_steps", slider=True)
