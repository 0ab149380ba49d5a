"""What every page lets its visitor take home: the link, the data, the script. Pictures: the chart's own tool bar."""

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from engine.experiment import Experiment
from engine.export import script
from engine.spec import Spec, encode
from pages.ui.desk import Desk


def take_away(
    desk: Desk[Any],
    table: Callable[[], pd.DataFrame],
    name: str,
    experiment: Experiment[Any, Any],
    spec: Spec,
    command: str = "",
) -> None:
    """A menu with the link of the experiment on ``desk``, its table as CSV and Parquet, and its script.

    table: makes the frame; called only when a file is asked for.  name: of the files, without ending.
    command: what runs long work from a shell.  experiment, spec: what its script repeats.
    """

    def parquet() -> bytes:
        buffer = io.BytesIO()
        table().to_parquet(buffer, index=False)
        return buffer.getvalue()

    with st.popover(
        "Take it home", icon=":material/download:", key=f"{desk.name}/take-away", on_change=desk.answer
    ) as menu:
        if not menu.open:
            return
        st.caption("The link holds the whole experiment; so does the address bar.")
        st.code(link(desk.spec), language=None, wrap_lines=True)
        st.download_button(
            "Data as CSV", lambda: table().to_csv(index=False).encode(), f"{name}.csv", "text/csv", on_click="ignore"
        )
        st.download_button(
            "Data as Parquet", parquet, f"{name}.parquet", "application/vnd.apache.parquet", on_click="ignore"
        )
        st.download_button(
            "Script (PyTorch)",
            lambda: script(experiment, spec).encode(),
            f"{name}.py",
            "text/x-python",
            on_click="ignore",
        )
        st.caption("The script prints the same numbers without Gradient Lab. Pictures: camera and disk above a chart.")
        if command:
            st.caption("This command runs it with the lab's engine, measures times and can be stopped and resumed:")
            st.code(command, language=None, wrap_lines=True)


def link(spec: Spec) -> str:
    """The address of this page with ``spec``."""
    page = (st.context.url or "").split("?")[0]
    params = urlencode(encode(spec))
    return f"{page}?{params}" if params else page
