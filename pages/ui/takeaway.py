"""What every page lets its visitor take home: the link, the data, the script. Pictures: the chart's own tool bar."""

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from engine.experiment import Experiment
from engine.export import script
from engine.spec import Spec
from pages.ui.page_state import PageState, address


def take_away(
    state: PageState,
    experiment: Experiment[Any, Any],
    spec: Spec,
    table: Callable[[], pd.DataFrame],
    command: str = "",
) -> None:
    """A menu with the link of the page as it stands, the result's table as CSV and Parquet, and the script.

    experiment, spec: what the script repeats.
    table: makes the frame; called only when a file is asked for. command: runs long work from a shell.
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
    with st.popover(
        "Take it home", icon=":material/download:", key=f"{state.name}/take-away", on_change=state.answer
    ) as menu:
        if not menu.open:
            return
        st.caption("The link holds the whole experiment; so does the address bar.")
        st.code(link(state), language=None, wrap_lines=True)
        for label, (content, ending, kind) in files.items():
            st.download_button(label, content, f"{name}.{ending}", kind, on_click="ignore")
        st.caption("The script prints the same numbers without Gradient Lab. Pictures: camera and disk above a chart.")
        if command:
            st.caption("This command runs it with the lab's engine, measures times and can be stopped and resumed:")
            st.code(command, language=None, wrap_lines=True)


def link(state: PageState) -> str:
    """The address of the page as it stands."""
    page = (st.context.url or "").split("?")[0]
    params = urlencode(address(state.page, state.memory))
    return f"{page}?{params}" if params else page
