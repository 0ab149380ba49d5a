"""Loss surfaces: optimizers race, the visitor changes anything."""

from collections.abc import Callable
from typing import Literal

import streamlit as st
from pydantic import Field

from engine.fields import choices
from engine.figures.surfaces import curves_figure, map_figure, solid_figure
from engine.optimizers import CATALOGUE
from engine.surfaces import FAMILIES, PRESETS, DescentSpec, fitted, outcome_table, outcomes
from engine.surfaces.experiments import DESCENT
from pages.ui.chart import chart
from pages.ui.controls import control, plain
from pages.ui.desk import Desk
from pages.ui.lanes import choose_lanes
from pages.ui.presets import choose_preset
from pages.ui.results import landmarks, race, relief
from pages.ui.table import Column, table
from pages.ui.takeaway import take_away


class Shown(DescentSpec):
    """All that the page's link holds: the experiment, and how it is looked at."""

    view: Literal["map", "solid"] = Field("map", title="View", description="From above, or in three dimensions")
    curve: Literal["loss", "gradient_norm", "step_length", "distance"] = Field(
        "loss", title="Curve", description="What is drawn against the step"
    )

    def experiment(self) -> DescentSpec:
        return DescentSpec(**{name: getattr(self, name) for name in DescentSpec.model_fields})


ENDS = (
    Column("label", "Optimizer"),
    Column("loss", "Final loss", ".6g"),
    Column("to_tolerance", "Steps to tolerance", "d"),
    Column("distance", "Distance", ".3g", about="To the nearest known minimum, at the end"),
    Column("load", "η·λ", ".3g", about="The last rate times the largest curvature at that minimum"),
    Column(
        "limit",
        "Stable below",
        ".3g",
        about="The limit of η·λ on a quadratic. Methods that rescale each coordinate have no such number",
    ),
    Column("verdict", "End", detail="reason"),
)
"""The table of outcomes."""

NAMES = choices(DescentSpec.model_fields["surface"])


def page() -> None:
    desk = Desk(Shown, "surfaces")
    spec = desk.spec
    descent = race(spec.experiment())
    surface = descent.surface
    with st.container():  # one block however much it says: the charts below keep their place, and so their zoom
        presets(desk)
        if desk.problems:
            st.warning("  \n".join(map(plain, desk.problems)))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        control(desk, "view", hidden=True, segmented=True, names={"solid": "3-D"})
        points = landmarks(surface)
        flat = spec.view == "map"
        figure = (map_figure if flat else solid_figure)(descent, relief(surface), points)
        name = "surfaces-map" if flat else "surfaces-solid"
        chart(figure, name, height=470, picked=desk.callback(lambda now, x, y: now.but(start=(x, y))))
        st.caption(
            "Click the surface to move the start. Arrows show directions: dotted downhill, dashed momentum, solid the "
            "step taken, preconditioned as the method does. ★ minimum, × saddle, ▲ maximum, ◇ degenerate."
            if flat
            else "Click the surface to move the start, drag to turn it. ◆ minimum, ○ start. The scale of heights is "
            "logarithmic above the lowest."
        )
        st.latex(f"f = {surface.formula}")
        title, address = surface.source
        st.caption(f"{surface.about} [{title}]({address})" if address else surface.about)
    with right:
        control(desk, "curve", hidden=True, segmented=True, names={"step_length": "Step", "gradient_norm": "Gradient"})
        if spec.curve == "distance" and not surface.minima:
            st.info("This surface has no known minimum to measure the distance to.")
        else:
            chart(curves_figure(descent, spec.curve), "surfaces-curves", height=470)
        if points.truncated:
            st.caption(f"Only the {len(points.kind)} lowest of its critical points are marked.")
    st.header("How it ended")
    colours = [run.lane.colour for run in descent.runs]
    table(outcome_table(outcomes(descent)), ENDS, "surfaces-ends", "How each optimizer's run ended", colours)
    # Drawn after the charts and so sent after them: the browser begins with what takes it longest.
    with st.sidebar:
        choose_surface(desk)
        choose_optimizers(desk)
        choose_run(desk)
    take_away(desk, descent.table, f"gradient-lab-{spec.surface}", DESCENT, spec.experiment())
    desk.write_address()


def choose_surface(desk: Desk[Shown]) -> None:
    spec = desk.spec
    st.session_state["surfaces/surface"] = spec.surface
    st.selectbox(
        "Surface",
        list(NAMES),
        format_func=NAMES.__getitem__,
        key="surfaces/surface",
        on_change=desk.callback(lambda now: moved(now, st.session_state["surfaces/surface"])),
    )
    if family := FAMILIES.get(spec.surface):
        for name in family.settings:
            control(desk, name, slider=name == "condition")


def moved(spec: Shown, surface: str) -> Shown:
    """``spec`` on another surface, from its own start and with rates that suit it: the old ones mean nothing there."""
    return refitted(spec.but(surface=surface, start=None))


def refitted(spec: Shown) -> Shown:
    """``spec`` with the suggested rate for each optimizer."""
    return spec.but(lanes=fitted(spec.lanes, spec.place(), spec.origin()))


def choose_optimizers(desk: Desk[Shown]) -> None:
    choose_lanes(desk, CATALOGUE, lambda now, lane: fitted((lane,), now.place(), now.origin())[0], schedules=True)
    st.button(
        "Suggest rates",
        help="A cautious rate for each, from the curvature and the size of this surface",
        type="tertiary",
        icon=":material/auto_fix_high:",
        on_click=desk.callback(refitted),
    )


def choose_run(desk: Desk[Shown]) -> None:
    control(desk, "steps", slider=True)
    with st.expander("Start, stopping, noise"):
        for column, axis in zip(st.columns(2), "xy", strict=True):
            with column:
                start_box(desk, axis)
        control(desk, "stop", names=choices(DescentSpec.model_fields["stop"]))
        if desk.spec.stop != "never":
            control(desk, "epsilon")
        control(desk, "tolerance")
        control(desk, "noise")
        if desk.spec.noise:
            control(desk, "seed")


def start_box(desk: Desk[Shown], axis: str) -> None:
    """One coordinate of the start, for those who would rather type than click."""

    def typed(now: Shown) -> Shown:
        x, y = now.origin()
        value = st.session_state[key]
        return now.but(start=(value, y) if axis == "x" else (x, value))

    key = f"surfaces/start-{axis}"
    st.session_state[key] = desk.spec.origin()["xy".index(axis)]
    st.number_input(f"Start {axis}", step=0.1, format="%g", key=key, on_change=desk.callback(typed))


def presets(desk: Desk[Shown]) -> None:
    def taking(spec: DescentSpec) -> Callable[[Shown], Shown]:
        return lambda now: now.but(**dict(spec))

    st.title("Loss surfaces", anchor=False)
    shown = choose_preset(desk, {preset.title: taking(preset.spec) for preset in PRESETS})
    for preset in PRESETS:
        if preset.title == shown:
            st.markdown(preset.look_for)
