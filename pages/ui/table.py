"""The one table of all pages: numbers to compare, sorted by a click on a column's head.

Plain HTML, where Streamlit's own draws on a canvas: a screen reader reads it, sentences wrap in it, and the browser
need not fetch and compile a megabyte for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pages.ui.assets import component

ABSENT = "–"


@dataclass(frozen=True)
class Column:
    """A column of the frame as it is shown.

    form: how its numbers are written, a format specification such as ".6g"; empty for text.
    detail: another column, a sentence that stands below the text.
    about: what the head explains under the pointer.
    """

    name: str
    title: str
    form: str = ""
    detail: str = ""
    about: str = ""


def table(frame: pd.DataFrame, columns: Sequence[Column], key: str, alt: str, colours: Sequence[str] = ()) -> None:
    """Show ``columns`` of ``frame``; the first names the row. ``key`` is the table's identity across reruns.

    alt: what the table holds, for those who do not see it. colours: a dot before each row's name.
    """
    rows = [[_cell(row, column) for column in columns] for row in frame.to_dict("records")]
    heads = [{"title": column.title, "about": column.about, "number": bool(column.form)} for column in columns]
    component("table")(key=key, data={"alt": alt, "heads": heads, "rows": rows, "colours": list(colours)})


def _cell(row: dict[Any, Any], column: Column) -> dict[str, Any]:
    """A cell: its text, what it is sorted by (None stands last), and the sentence below."""
    value = row[column.name]
    if pd.isna(value):
        return {"text": ABSENT, "by": None, "detail": ""}
    if not column.form:
        return {"text": value, "by": value, "detail": row[column.detail] if column.detail else ""}
    # JSON knows no infinity; as the largest number it is sorted where it belongs.
    by = min(max(float(value), -1.7e308), 1.7e308)
    return {"text": format(value, column.form), "by": by, "detail": ""}
