"""The presets of a page: one click to an experiment worth seeing."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

from engine.spec import Spec
from pages.ui.desk import Desk

S = TypeVar("S", bound=Spec)


def choose_preset(
    desk: Desk[S],
    presets: Mapping[str, Callable[[S], S]],
    label: str = "Presets",
    fresh: Callable[[S], S] = lambda now: now,
) -> str | None:
    """A pill for each preset, by its title: what it makes of the settings on the desk. Returns the one that they are.

    fresh: what else is done when one is chosen, and may be changed without leaving it.
    """
    key = f"{desk.name}/preset"
    st.session_state[key] = next((title for title, make in presets.items() if make(desk.spec) == desk.spec), None)

    def chosen(now: S) -> S:
        title = st.session_state[key]
        return fresh(presets[title](now)) if title else now

    st.pills(label, list(presets), label_visibility="collapsed", key=key, on_change=desk.callback(chosen))
    shown: str | None = st.session_state[key]
    return shown
