"""What each view of a race shows, in a sentence or two with the numbers of its result."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engine.nn import TRANSFERS
from engine.race.board import Board, quoted
from engine.race.layer_diagnostics import LAYER_QUANTITIES
from engine.race.result import Race
from engine.race.timeline import ARRANGEMENTS, Timeline


def layers_finding(race: Race, quantity: str) -> str:
    """Which lanes have the highest and the lowest value over all layers; "" unless two lanes can be compared.

    quantity: a key of ``LAYER_QUANTITIES``.
    """
    shown = LAYER_QUANTITIES[quantity]
    found = {}
    for lane, name in enumerate(race.names):
        rows = race.diagnostics(lane, quantity).to_numpy(float)
        if len(rows) and np.isfinite(rows[-1]).all():
            found[name] = shown.whole(rows[-1])
    if len(found) < 2:
        return ""
    most, least = max(found, key=found.__getitem__), min(found, key=found.__getitem__)
    high, low = _written(found[most]), _written(found[least])
    return f"After the last epoch, {shown.finding.format(most=quoted(most), high=high, least=quoted(least), low=low)}"


def costs_finding(board: Board) -> str:
    """The slowest and the quickest step, and the largest and the smallest state; "" unless two lanes are known."""
    rows = board.rows[board.rows["step_ms"].notna() & board.rows["state"].notna()]
    if len(rows) < 2:
        return ""
    (_, quick), *_, (_, slow) = rows.sort_values("step_ms").iterrows()
    (_, small), *_, (_, large) = rows.sort_values("state").iterrows()
    said = (
        f"A step of {quoted(slow['name'])} takes {_written(slow['step_ms'])} ms, "
        f"{slow['step_ms'] / quick['step_ms']:.1f} times as long as one of {quoted(quick['name'])}."
    )
    if large["state"] > small["state"]:
        said += (
            f" {quoted(large['name'])} remembers the most between steps, {_written(large['state'] / 1e6)} MB, and "
            f"{quoted(small['name'])} the least, {_written(small['state'] / 1e6)} MB."
        )
    return said


def losses_finding(target: float, curves: Mapping[str, pd.DataFrame]) -> str:
    """The losses at the end of the drawing that is farther from the target. curves: as in ``induced_figure``."""
    first = next(iter(curves.values()))
    end = int(np.argmax(np.abs(first["at"].to_numpy() - target)))
    matching = {TRANSFERS[key].label: float(curve["matching"][end]) for key, curve in curves.items()}
    least, most = min(matching, key=matching.__getitem__), max(matching, key=matching.__getitem__)
    return (
        f"Far from the target, at a\N{PRIME} = {_written(first['at'][end])}, the squared loss is "
        f"{_written(first['squared'][end])}, and the matching losses are smaller: from {_written(matching[least])} "
        f"({least}) to {_written(matching[most])} ({most})."
    )


def timeline_finding(timeline: Timeline) -> str:
    """How much faster a step is with a processor for each layer, and which part of it nobody can shorten."""
    alone, together = (timeline.totals[name] / timeline.gradient for name in ARRANGEMENTS)
    local = timeline.tasks[timeline.tasks["kind"] == "local"]["length"].max() / timeline.gradient
    return (
        f"With a processor for each layer, a step would take as long as {together:.3g} gradients instead of "
        f"{alone:.3g}: {timeline.speedup:.3g} times as fast. The largest layer's problem alone takes {local:.3g}."
    )


def _written(value: float) -> str:
    """A number in a sentence, with two digits, or with all of those before the decimal point."""
    text = f"{value:,.0f}" if abs(value) >= 99.5 else f"{value:.2g}"
    return text.replace("-", "\N{MINUS SIGN}")
