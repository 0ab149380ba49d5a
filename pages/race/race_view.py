"""The view of a race: who leads on each axis, and why; losses and reconstructions side by side; the leaderboard.

Before a race has something to show, the race that was seen last stands in its place, or a recorded one.
"""

from itertools import islice
from math import isnan

import streamlit as st

from engine.figures.colours import colours
from engine.figures.race import GROUP, losses_figure
from engine.figures.style import dashes as dashes_of
from engine.race import Race
from engine.race.board import Board, Verdict, board, verdicts
from engine.race.measures import AXES
from engine.race.recorded import RECORDINGS
from pages.ui import (
    Column,
    PageState,
    Row,
    chart,
    control,
    gallery,
    look,
    plain,
    say_finding,
    switch,
    table,
    tells,
)

COLUMNS = (3, 2)
"""The widths of the loss chart and the reconstructions. They make both about equally high for seven optimizers."""

HEIGHT = 390
"""The height of the loss chart in pixels. The words, the verdicts, the chart and its player fit on a screen."""

SEEN = "race/seen"
"""Where the session keeps what race was seen last, in words, and this race."""

NO_BREAK = "\N{NON-BREAKING HYPHEN}"


def columns(standing: Board) -> list[Column]:
    """The columns of the leaderboard. "Ended early" is one of them only if a lane did."""
    shown = [
        Column("name", "Optimizer"),
        Column("epoch", "Per epoch", "#.4g", about="Train cross-entropy after the last epoch that all have finished"),
        Column("seconds", "By the clock", "#.4g", about="Train cross-entropy after the median optimizer's time"),
        Column("trained", "Trained, s", ",.1f", about="Seconds of training behind the value by the clock"),
        Column("trained_epochs", "Epochs", ".3g", about="Epochs behind the value by the clock"),
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


def race_view(state: PageState, race: Race, what: str) -> None:
    """Draw who leads on each axis. Below: losses and reconstructions side by side under one player, and the board.

    what: the race in words, for the time after it when the next race has nothing to show.
    """
    st.session_state[SEEN] = what, race
    if race.start["notice"]:
        st.warning(plain(race.start["notice"]))
    standing = board(race)
    said = verdicts(standing) if tells(state) else []  # a question about them may be open
    with st.container(key="lab-verdicts"):
        places = st.columns(3)  # always: the charts below keep their place when the first verdict arrives
    for column, verdict in zip(places, said, strict=False):
        best, then = (plain(words.replace("-", NO_BREAK)) for words in (verdict.best, verdict.then))
        column.markdown(
            f"{_title(verdict)}: **{best}**  \n:small[{then and f'then {then} '}after {plain(verdict.amount)}]",
            help=f"The lowest training loss after {verdict.amount}. {AXES[verdict.axis].about}",
        )
    left, right = st.columns(COLUMNS, gap="medium")
    with left:
        with st.container(key="lab-line-axes"):
            axis, quantity = st.columns([8, 5], vertical_alignment="center")
        with axis:
            control(state, "axis", hidden=True)
        with quantity:
            control(state, "quantity", hidden=True)
        chart(losses_figure(race, state.settings.axis, state.settings.quantity), "race-losses", HEIGHT)
    with right:
        _digits(race, state.settings.axis, GROUP)
        st.caption("Twelve test images, rebuilt by each network at the player's step, and its train cross-entropy.")
    if look().waits:
        return
    ranked = standing.rows.sort_values("epoch", kind="stable")
    shades = colours(race.spec.lanes)
    ranked_shades = [shades[number] for number in ranked.index]
    table(ranked, columns(standing), "race-board", "Who leads on each axis", ranked_shades)
    words = [(_title(verdict), plain(f"{verdict.reason} {verdict.standing}".strip())) for verdict in said]
    st.caption(
        "".join(f"{title}: {sentences}  \n" for title, sentences in words if sentences)
        + "Train cross-entropy. By the clock and at equal compute, it is the value after the last epoch that "
        "an optimizer finished in the median optimizer's time or work. “Trained, s” and “Epochs” say what it had by "
        "the clock. – means that it had finished none or stopped."
    )


def waiting(state: PageState) -> None:
    """Draw the race that was seen last, or a recorded one, faintly: the visitor's race has nothing to show yet."""
    first = next(iter(RECORDINGS.values()))
    what, race = st.session_state.get(SEEN) or (f"“{first.title}”", first.replay()[0])
    st.markdown(f"Shown faintly: {what}. Your race takes its place when an optimizer has finished its first epoch.")
    left, right = st.columns(COLUMNS, gap="medium")
    with left:
        figure = losses_figure(race, state.settings.axis, state.settings.quantity, faint=True)
        chart(figure, "race-waiting", HEIGHT)
    with right, st.container(key="lab-faint"):
        _digits(race, state.settings.axis, "race-waiting")


def below(state: PageState, race: Race) -> None:
    """Draw the choice of the views below a race, and the active view with what it shows in words."""
    with st.container(horizontal=True, vertical_alignment="center"):
        switch(state)
        with st.container(key="lab-finding", width="stretch"):
            say_finding(state, race)
    state.view.draw(state, race)


def _digits(race: Race, axis: str, group: str) -> None:
    """Draw each network's reconstructions: only the first ones while a question about the race is open.

    group: that of the player that they follow.
    """
    most = 1 if look().waits else None
    looks = zip(
        race.names, colours(race.spec.lanes), dashes_of([lane.optimizer for lane in race.spec.lanes]), strict=True
    )
    gallery(
        race.shown,
        [
            Row(
                name,
                shade,
                dash,
                dict(islice(race.frames(number, axis).items(), most)),
                race.captions(number, axis),
            )
            for number, (name, shade, dash) in enumerate(looks)
        ],
        f"{group}-gallery",
        f"Twelve test images and what each optimizer's network makes of them after {race.epochs} epochs.",
        group,
    )


def _title(verdict: Verdict) -> str:
    return AXES[verdict.axis].by.capitalize()
