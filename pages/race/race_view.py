"""The view of a race: who leads on each axis, and why; losses and reconstructions side by side; the leaderboard."""

from math import isnan

import streamlit as st

from engine.figures.colours import colours
from engine.figures.race import GROUP, losses_figure
from engine.figures.style import dashes as dashes_of
from engine.race import Race
from engine.race.board import Board, Verdict, board, verdicts
from engine.race.measures import AXES
from pages.ui import Column, PageState, Row, chart, control, gallery, look, plain, table

SHORTEST, TALLEST, ROW = 430, 560, 60
"""Height of the loss chart in pixels: ``ROW`` for each row of reconstructions, between ``SHORTEST`` and ``TALLEST``, so
that the chart fits on a screen."""

NO_BREAK = "\N{NON-BREAKING HYPHEN}"


def columns(standing: Board) -> list[Column]:
    """The columns of the leaderboard. "Ended early" is one of them only if a lane did."""
    shown = [
        Column("name", "Optimizer"),
        Column("epoch", "Per epoch", "#.4g", about="Train cross-entropy after the last epoch that all have finished"),
        Column("seconds", "By the clock", "#.4g", about="Train cross-entropy after the median optimizer's time"),
        Column("trained", "Trained, s", ",.1f", about="Training time behind the value by the clock"),
        Column("gradients", "Equal compute", "#.4g", about="Train cross-entropy after the median optimizer's work"),
        Column(
            "to_goal",
            f"Seconds to {standing.goal:.4g}",
            ",.2f",
            about="Training time to the end of the first epoch at or below this loss, which all have reached",
        ),
        Column("test_loss", "Test", "#.4g", about="Test cross-entropy after the last epoch"),
        Column("step_ms", "Step, ms", ".4g", about="Mean training time per step, evaluation excluded"),
    ]
    if isnan(standing.goal):
        shown = [column for column in shown if column.name != "to_goal"]
    return [*shown, Column("end", "Ended early")] if standing.rows["end"].any() else shown


def race_view(state: PageState, race: Race, look_for: str = "") -> None:
    """Draw who leads on each axis. Below: losses and reconstructions side by side under one player, and the board.

    look_for: a text on what to see, below the charts, so that the verdicts and the player fit on a screen.
    """
    if race.start["notice"]:
        st.warning(plain(race.start["notice"]))
    standing = board(race)
    waits = look().waits  # a teacher's question is open
    said = [] if waits else verdicts(standing)
    # Always three columns: the charts below keep their place when the first verdict arrives.
    for column, verdict in zip(st.columns(3), said, strict=False):
        best, then = (plain(words.replace("-", NO_BREAK)) for words in (verdict.best, verdict.then))
        column.markdown(
            f"{_title(verdict)}: **{best}**{then and f', then {then}'}  \n"
            f":small[Lowest training loss after {plain(verdict.amount)}]"
        )
    left, right = st.columns([1, 1], gap="medium")
    with left:
        axis, quantity = st.columns([8, 5], vertical_alignment="center")
        with axis:
            control(state, "axis", hidden=True)
        with quantity:
            control(state, "quantity", hidden=True)
        height = min(max(SHORTEST, ROW * len(race.spec.lanes)), TALLEST)
        chart(losses_figure(race, state.settings.axis, state.settings.quantity), "race-losses", height)
    shades = colours(race.spec.lanes)
    dashes = dashes_of([lane.optimizer for lane in race.spec.lanes])
    if waits:
        return
    with right:
        gallery(
            race.shown,
            [
                Row(
                    name,
                    shade,
                    dash,
                    race.frames(number, state.settings.axis),
                    race.captions(number, state.settings.axis),
                )
                for number, (name, shade, dash) in enumerate(zip(race.names, shades, dashes, strict=True))
            ],
            "race-gallery",
            f"Twelve test images and what each optimizer's network makes of them after {race.epochs} epochs.",
            GROUP,
        )
        st.caption("Twelve test images, rebuilt by each network at the player's step, and its train cross-entropy.")
    if look_for:
        st.markdown(look_for)
    if not race.epochs and not race.ends:
        return
    ranked = standing.rows.sort_values("epoch", kind="stable")
    ranked_shades = [shades[number] for number in ranked.index]
    table(ranked, columns(standing), "race-board", "Who leads on each axis", ranked_shades)
    words = [(_title(verdict), plain(f"{verdict.reason} {verdict.standing}".strip())) for verdict in said]
    st.caption(
        "".join(f"{title}: {sentences}  \n" for title, sentences in words if sentences)
        + "Train cross-entropy. By the clock and at equal compute, it is the value after the last epoch that "
        "an optimizer finished in the median optimizer's time or work. – means that it had finished none or stopped."
    )


def _title(verdict: Verdict) -> str:
    return AXES[verdict.axis].by.capitalize()
