"""The menu "Take it home" of every page: the link, the data and the script. A chart's tool bar saves its picture."""

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from engine.experiment import Experiment
from engine.export import script
from engine.spec import Spec
from pages.ui.lesson import compose
from pages.ui.page_state import PageState, address


def take_away(
    state: PageState,
    experiment: Experiment[Any, Any],
    spec: Spec,
    table: Callable[[], pd.DataFrame],
    command: str = "",
) -> None:
    """Draw the menu beside the page's title: the link to the page in its present state, the data, and the script.

    experiment, spec: the experiment that the script repeats.
    table: makes the table; it is called only when a visitor downloads a file.
    command: the shell command that runs long work; "" for none.
    """
    name = f"gradient-lab-{state.name}"

    def parquet() -> bytes:
        buffer = io.BytesIO()
        table().to_parquet(buffer, index=False)
        return buffer.getvalue()

    files = {
        "Data as CSV": (lambda: table().to_csv(index=False).encode(), "csv", "text/csv"),
        "Data as Parquet": (parquet, "parquet", "application/vnd.apache.parquet"),
        "Script (Python)": (lambda: script(experiment, spec).encode(), "py", "text/x-python"),
    }
    key = f"{state.name}/take-away"
    with state.bar, st.popover("Take it home", icon=":material/download:", key=key, on_change=state.answer) as menu:
        if not menu.open:
            return
        st.caption("The link holds the whole experiment. The address bar shows the same link.")
        st.code(link(state), language=None, wrap_lines=True)
        for label, (content, ending, kind) in files.items():
            st.download_button(label, content, f"{name}.{ending}", kind, on_click="ignore")
        for path in experiment.files(spec):
            st.download_button(
                f"{path.name}, which the script reads",
                path.read_bytes,
                path.name,
                on_click="ignore",
                key=f"{key}/{path.name}",
            )
        st.caption("The script prints the same numbers without Gradient Lab. Buttons above a chart save its picture.")
        if command:
            st.caption("This command runs the lab's engine. It measures times and can be stopped and resumed:")
            st.code(command, language=None, wrap_lines=True)
        with st.expander("Ask your class a question"):
            compose(state)


def link(state: PageState) -> str:
    """The address of the page in its present state."""
    page = (st.context.url or "").split("?")[0]
    params = urlencode(address(state.page, state.memory))
    return f"{page}?{params}" if params else page
