"""The one table of all pages. A click on a column's head sorts the rows.

Streamlit's own table is drawn on a canvas, and the browser must load and compile a megabyte for it. This table is plain
HTML: a screen reader can read it, and long sentences wrap.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.numerals import signed
from pages.ui.assets import component
from pages.ui.chart import look

ABSENT = "–"


@dataclass(frozen=True)
class Column:
    """How a column of the frame is shown.

    form: how its numbers are written: a format such as ".6g", or a function; empty for text.
    detail: another column with a sentence for each row; it is shown below the text.
    about: the explanation that the head shows under the pointer.
    """

    name: str
    title: str
    form: str | Callable[[float], str] = ""
    detail: str = ""
    about: str = ""


def table(frame: pd.DataFrame, columns: Sequence[Column], key: str, alt: str, colours: Sequence[str] = ()) -> None:
    """Show ``columns`` of ``frame``; the first one names the row. ``key`` identifies the table across reruns.

    It is not drawn while a question about the result is open.

    alt: a description for a screen reader. colours: one for each row, the colour of a dot before the name.
    """
    if look().waits:
        return
    rows = [[_cell(row, column) for column in columns] for row in frame.to_dict("records")]
    heads = [{"title": column.title, "about": column.about, "number": bool(column.form)} for column in columns]
    component("table")(key=key, data={"alt": alt, "heads": heads, "rows": rows, "colours": list(colours)})


def _cell(row: dict[Any, Any], column: Column) -> dict[str, Any]:
    """A cell: text, the value to sort by (None comes last), and the sentence below the text."""
    value = row[column.name]
    if pd.isna(value):
        return {"text": ABSENT, "by": None, "detail": ""}
    if not column.form:
        return {"text": value, "by": value, "detail": row[column.detail] if column.detail else ""}
    # JSON has no infinity. The largest number is sorted to the same place.
    by = min(max(float(value), -1.7e308), 1.7e308)
    text = column.form(value) if callable(column.form) else signed(format(value, column.form))
    return {"text": text, "by": by, "detail": ""}
