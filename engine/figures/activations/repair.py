"""The repaired network's training beside the untouched one, and the whole ladder of repairs."""

import numpy as np
import plotly.graph_objects as go

from engine.activations.repair import FAULTS, Ladder
from engine.figures.activations.style import level
from engine.figures.meta import TraceMeta
from engine.figures.style import axis_of, layout, sizes_axis

OWN, UNTOUCHED = "#1a6fc2", "#b84708"


def repair_figure(found: Ladder) -> go.Figure:
    """The loss of each batch: the visitor's network, and the one with all five faults. Dashed: the loss of guessing."""
    rungs = [("With all faults", UNTOUCHED, found.rungs[0])]
    if found.own.repaired:
        rungs.append(("Your network", OWN, found.own))
    names = ", ".join(FAULTS[fault] for fault in found.own.repaired) or "nothing"
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines", "name": name, "x": np.arange(1, len(rung.losses) + 1),
                "y": rung.losses, "line": {"color": colour, "width": 2.5}, "meta": TraceMeta(path=True),
                "hovertemplate": "step %{x}: %{y:.4g}<extra>%{fullData.name}</extra>",
            }
            for name, colour, rung in rungs
        ],
        layout(
            f"Cross-entropy of each batch against the step. Repaired: {names}. The loss ends at {found.own.end:.3g}.",
            "activations-repair",
            xaxis=axis_of("Step", range=[0, 1.02 * found.spec.steps]),
            yaxis=sizes_axis("Cross-entropy", *(rung.losses for *_, rung in rungs), np.array([found.chance])),
            shapes=[level(found.chance)], uirevision="repair", run=repr(found.spec),
            player={"group": "repair", "steps": found.spec.steps, "along": True},
        ),
    )  # fmt: skip


def ladder_figure(found: Ladder) -> go.Figure:
    """The loss before the training and after it, for each rung of the ladder."""
    steps = ["nothing repaired", *(f"and {FAULTS[rung.repaired[-1]]}" for rung in found.rungs[1:])]
    starts, ends = ([getattr(rung, name) for rung in found.rungs] for name in ("start", "end"))
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines+markers", "name": name, "x": steps, "y": values,
                "line": {"color": colour, "width": 2.5, "dash": dash}, "marker": {"size": 8},
                "hovertemplate": "%{y:.4g}<extra>%{fullData.name}</extra>",
            }
            for name, values, colour, dash in (
                ("At the start", starts, UNTOUCHED, "dot"), (f"After {found.spec.steps} steps", ends, OWN, "solid"),
            )
        ],
        layout(
            "The ladder of repairs, loss at the end: " + ", ".join(f"{end:.3g}" for end in ends) + ".",
            "activations-ladder",
            xaxis=axis_of(""), yaxis=sizes_axis("Cross-entropy", np.array([*starts, *ends, found.chance])),
            shapes=[level(found.chance)], uirevision="ladder",
        ),
    )  # fmt: skip
