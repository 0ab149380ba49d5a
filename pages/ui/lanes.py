"""The optimizers of an experiment, in the sidebar. Each has a row; a click on its name opens its settings."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from engine.figures.colours import colours
from engine.optimizers import SCHEDULES, Lane
from engine.optimizers.labels import labels
from pages.ui.controls import control, dot, plain
from pages.ui.page_state import PageState


def choose_lanes(
    state: PageState, records: Mapping[str, type[Lane]], fit: Callable[[Any, Lane], Lane], schedules: bool
) -> None:
    """Draw a row for each lane of the settings, and a box that adds one of ``records``.

    fit: (settings, lane with default values) -> the lane that is added.
    schedules: whether lanes have a schedule of their own.
    """
    st.markdown("**Optimizers** · learning rate")
    lanes = state.settings.lanes
    for index, (label, colour) in enumerate(zip(labels(lanes), colours(lanes), strict=True)):
        _row(state, index, label, colour, schedules)
    _add(state, records, fit)


def _row(state: PageState, index: int, label: str, colour: str, schedules: bool) -> None:
    """Draw the row of one lane: its colour, its name and its learning rate. A click on the name opens its settings."""
    lane: Lane = state.settings.lanes[index]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(dot(colour), width="content")
        with st.popover(
            f"**{plain(label)}**",
            icon=":material/tune:",
            key=f"{state.name}/settings{index}",
            on_change=state.answer,
            type="tertiary",
        ) as settings:
            if settings.open:
                _settings(state, index, lane, schedules)
    control(state, "lanes", index, "lr", label=f"{label}: learning rate", hidden=True)


def _add(state: PageState, records: Mapping[str, type[Lane]], fit: Callable[[Any, Lane], Lane]) -> None:
    key = f"{state.name}/add"

    def added(now: Any) -> dict[str, Any]:
        name = st.session_state[key]
        st.session_state[key] = None
        return {"lanes": (*now.lanes, fit(now, records[name].plain()))} if name else {}

    st.selectbox(
        "Add an optimizer",
        list(records),
        index=None,
        format_func=lambda name: records[name].display.label,
        placeholder="Add an optimizer",
        label_visibility="collapsed",
        key=key,
        on_change=state.callback(added),
    )


def _settings(state: PageState, index: int, lane: Lane, schedules: bool) -> None:
    """Draw an optimizer's rule, its hyper-parameters and its schedule."""
    st.latex(lane.display.rule)
    title, address = lane.display.source
    st.caption(f"{lane.display.differs} [{title}]({address}). Runs as `{lane.constructor}`.")
    control(state, "lanes", index, "lr", label="Learning rate η", box=True)
    for name in type(lane).model_fields:
        if name not in Lane.model_fields:
            control(state, "lanes", index, name)
    if schedules and lane.scheduled:
        control(state, "lanes", index, "schedule")
        schedule = SCHEDULES[lane.schedule]
        for knob in schedule.knobs:
            control(state, "lanes", index, knob)
        st.latex(schedule.rule)
    if len(state.settings.lanes) > 1:

        def removed(now: Any) -> dict[str, Any]:
            # Close the panel of this row: left open, it would show the settings of the next optimizer.
            st.session_state[f"{state.name}/settings{index}"] = False
            return {"lanes": now.lanes[:index] + now.lanes[index + 1 :]}

        st.button(
            "Remove", icon=":material/delete:", key=f"{state.name}/remove{index}", on_click=state.callback(removed)
        )
