"""The frame of every topic's page: title, presets, problems, choice of view, result, sidebar, take-away, address."""

from typing import Any

import streamlit as st

from engine.data import DataUnavailable
from engine.jobs import Status
from pages.ui.chart import LOOK, Look, look
from pages.ui.computed import computed, tier
from pages.ui.controls import controls, plain
from pages.ui.job_panel import jobs, show_job
from pages.ui.lesson import choose_preset, guidance, mark, marking, named, tells, waits
from pages.ui.page_state import PageState
from pages.ui.present import LARGE, present_button
from pages.ui.takeaway import take_away
from pages.ui.views import Page


def show(page: Page) -> None:
    """Draw ``page`` for this session, and write its view and settings into the address bar."""
    state = PageState(page)
    st.session_state[LOOK] = Look(
        waits=waits(state),
        scale=LARGE if state.guide.present else 1.0,
        marking=marking(state),
        mark=mark(state),
    )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="lab-title"):
        st.title(page.title, anchor=False, width="content")
        present_button(state)
        state.bar = st.container(key="lab-take-away", width="content")
    with st.container(
        key="lab-choice"
    ):  # always one block, whatever stands in it: the charts below keep their place and their zoom
        (page.chooser or choose_preset)(state)
        state.words = st.container()
        if state.problems:
            st.warning("  \n".join(map(plain, state.problems)))
        for notice in jobs().notices if any(view.experiment.work for view in page.views) else ():
            st.warning(plain(notice))
    result = (page.stage or stage)(state)
    with state.words:
        guidance(state, result)
    # The sidebar is drawn after the charts, so the browser receives the charts first: they take it longest.
    with st.sidebar:
        if state.view.controls:
            state.view.controls(state)
        else:
            controls(state, *state.view.experiment.spec.model_fields)
    state.write_address()


def switch(state: PageState) -> None:
    """Draw the choice between the page's views."""
    titles = {view.key: view.title for view in state.page.views}
    if len(titles) == 1:
        return
    key = f"{state.name}/view"
    st.session_state[key] = state.view.key
    st.segmented_control(
        "View",
        list(titles),
        format_func=titles.__getitem__,
        required=True,
        label_visibility="collapsed",
        key=key,
        on_change=lambda: state.show(st.session_state[key]),
    )


def stage(state: PageState) -> Any:
    """Draw the choice of view, then the active view with its result, which is computed now or by a job.

    Returns the result, or None while there is none.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        switch(state)
        state.said = st.container(key="lab-finding", width="stretch")
    view, spec = state.view, state.spec
    result = None
    if tier(view.experiment, spec) == "long":
        result = show_long_work(state)
    else:
        try:
            result = computed(view.experiment, spec)
        except (ValueError, DataUnavailable) as error:  # the reason is shown to the visitor
            st.info(plain(str(error)))
        else:
            with state.said:
                say_finding(state, result)
            view.draw(state, result)
            if not look().waits:
                take_away(state, view.experiment, spec, result.table)
    if view.also:
        view.also(state)
    return result


def say_finding(state: PageState, result: Any) -> None:
    """Say in one sentence what is to be seen, unless the visitor is asked to predict it."""
    if state.view.finding and tells(state) and (text := state.view.finding(state, result)):
        st.markdown(named(plain(text), state.view.names(result) if state.view.names else ()), unsafe_allow_html=True)


def show_long_work(state: PageState) -> Any:
    """Draw the job of the active view and its result so far. Returns the result that ships with the lab, or None."""
    view = state.view
    assert view.task is not None, f"{view.key} needs a task"
    task = view.task(state)

    def draw(result: Any, status: Status) -> None:
        with st.container():  # made even if it stays empty, so that the charts below keep their place
            say_finding(state, result)
        view.draw(state, result, status)

    ended = show_job(state, task, draw)
    if ended and (task.kept or ended[1].state != "unknown") and not look().waits:
        take_away(state, task.experiment, task.spec, ended[0].table)
    return task.kept
