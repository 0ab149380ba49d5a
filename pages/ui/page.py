"""The frame of every topic's page: title, presets, problems, choice of view, result, sidebar, take-away, address."""

from typing import Any

import streamlit as st

from engine.experiment import Preset
from engine.jobs import Status
from pages.ui.computed import computed, tier
from pages.ui.controls import controls, plain
from pages.ui.job_panel import jobs, show_job
from pages.ui.page_state import PageState
from pages.ui.takeaway import take_away
from pages.ui.views import Page


def show(page: Page) -> None:
    """Draw ``page`` for this session, and write its view and settings into the address bar."""
    state = PageState(page)
    st.title(page.title, anchor=False)
    with st.container():  # always one block, whatever stands in it: the charts below keep their place and their zoom
        (page.chooser or choose_preset)(state)
        if state.problems:
            st.warning("  \n".join(map(plain, state.problems)))
        for notice in jobs().notices if any(view.experiment.work for view in page.views) else ():
            st.warning(plain(notice))
    (page.stage or stage)(state)
    # The sidebar is drawn after the charts, so the browser receives the charts first: they take it longest.
    with st.sidebar:
        if state.view.controls:
            state.view.controls(state)
        else:
            controls(state, *state.view.experiment.spec.model_fields)
    state.write_address()


def choose_preset(state: PageState) -> None:
    """Draw a pill for each preset. Below them, a text says what to look for in the preset that is shown."""
    presets = {preset.title: preset for preset in state.page.presets}
    if not presets:
        return
    key = f"{state.name}/preset"
    st.session_state[key] = next((title for title, preset in presets.items() if shows(state, preset)), None)

    def chosen() -> None:
        if title := st.session_state[key]:
            preset = presets[title]
            state.start_from(preset.view, dict(preset.spec))
        else:
            state.answer()  # a second click on a pill leaves the experiment as it is

    st.pills("Presets", list(presets), label_visibility="collapsed", key=key, on_change=chosen)
    if title := st.session_state[key]:
        st.markdown(presets[title].look_for)


def shows(state: PageState, preset: Preset[Any]) -> bool:
    """Whether the page shows the experiment of ``preset``."""
    kind, settings = type(preset.spec), state.settings
    if preset.view not in ("", state.view.key) or not kind.model_fields.keys() <= type(settings).model_fields.keys():
        return False
    return bool(settings.only(kind) == preset.spec)


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


def stage(state: PageState) -> None:
    """Draw the choice of view, then the active view with its result, which is computed now or by a job."""
    switch(state)
    view, spec = state.view, state.spec
    if tier(view.experiment, spec) == "long":
        show_long_work(state)
    else:
        try:
            result = computed(view.experiment, spec)
        except ValueError as error:  # the experiment is refused, and the reason is shown to the visitor
            st.info(plain(str(error)))
        else:
            view.draw(state, result)
            take_away(state, view.experiment, spec, result.table)
    if view.also:
        view.also(state)


def show_long_work(state: PageState) -> None:
    """Draw the job of the active view and its result so far."""
    view = state.view
    assert view.task is not None, f"{view.key} needs a task"
    task = view.task(state)

    def draw(result: Any, status: Status) -> None:
        view.draw(state, result, status)
        if not status.active and (task.kept or status.state != "unknown"):
            take_away(state, task.experiment, task.spec, result.table)

    show_job(state, task, draw)
