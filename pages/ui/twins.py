"""The views of the residuals page: each computes what it shows, draws it and says what is to be seen."""

from typing import Any

import streamlit as st

from engine.figures.residuals import (
    COLOURS,
    QUANTITIES,
    block_figure,
    flow_figure,
    histogram_figure,
    lengths_figure,
    shares_figure,
    shattering_figure,
    textbook_figure,
)
from engine.figures.twins import (
    READINGS,
    gradients_figure,
    history_figure,
    learning_figure,
    profile_figure,
    sweep_figure,
)
from engine.jobs import Status
from engine.residuals import script, textbook
from engine.residuals.reading import notes, summary
from engine.residuals.recorded import recorded
from engine.residuals.spec import BlockSpec, ResidualSpec, TrainingSpec
from engine.residuals.trained import Sweep, Training
from engine.residuals.transformer import intact, survival
from pages.ui.chart import chart
from pages.ui.controls import control, plain
from pages.ui.desk import Desk
from pages.ui.results import block_flow, flow, highway, shattering
from pages.ui.table import Column, table
from pages.ui.takeaway import take_away
from pages.ui.work import Task, show_work

FILE = "gradient-lab-residuals"

TWINS = (
    Column("name", "The same weights"),
    Column("first", "mean |∂L/∂W|, first layer", ".4g"),
    Column("last", "last layer", ".4g"),
    Column(
        "factor", "‖∂L/∂h‖ a layer", ".4f", about="What a layer multiplies the gradient by on its way back, on average"
    ),
    Column("expected", "expected", ".4f", about="The same by mean-field theory, for infinitely wide layers"),
    Column("loss", "Loss", ".4g"),
)

PARTS = (
    Column("name", "Weights of"),
    Column("first", "‖∂L/∂W‖, first block", ".3g"),
    Column("last", "last block", ".3g"),
    Column("whole", "first, nothing off", ".3g", about="With every shortcut and projection, LayerNorm before branches"),
    Column("left", "What is left", ".3%", about="Of the first block's gradient with nothing switched off"),
)

SEEN = {
    "gradient": "How much the loss would change with each layer's output. The player follows the gradient back from "
    "the loss; dotted, what mean-field theory expects.",
    "weight_mean": "Mean size of the gradient of each layer's weights, as textbooks print it: the signal that comes in "
    "times the gradient that comes back, so it is small wherever either has died.",
    "weight_gradient": "Norm of the gradient of each layer's weights: the length of a step of gradient descent there, "
    "over the learning rate.",
    "signal": "Size of each layer's output. The player follows the signal from the stem on; dotted, what mean-field "
    "theory expects.",
    "relative": "By what share of itself a step of gradient descent would change each layer, over the learning rate.",
}
"""What each quantity says, below its picture."""


def layers(desk: Desk[Any]) -> None:
    """A quantity layer by layer, without and with shortcuts, and the histogram of one layer's gradients."""
    spec = desk.spec.part(ResidualSpec)
    found = flow(spec)
    quantity, shortcuts = desk.spec.quantity, desk.spec.shortcuts
    left, right = st.columns([3, 2], gap="medium")
    with left:
        switch, choice = st.columns([1, 4], vertical_alignment="center")
        with switch:
            control(desk, "shortcuts")
        with choice:
            control(desk, "quantity", hidden=True, segmented=True, names=QUANTITIES)
        chart(flow_figure(found, quantity, shortcuts), "residuals-flow", height=400)
        st.caption(SEEN[quantity])
    with right:
        st.latex(r"h_{l+1} = h_l + \alpha F_l(h_l) \qquad \frac{\partial L}{\partial h_l} = \left(I + \alpha J_l\right)"
                 r"^{\!\top} \frac{\partial L}{\partial h_{l+1}}")  # fmt: skip
        chart(histogram_figure(found, quantity, shortcuts), "residuals-histogram", height=330)
        st.caption(
            "Gradients of single weights, in the layer that the player has reached. Point at a layer on the left to "
            "see its own."
        )
    for note in notes(found):
        st.warning(plain(note))
    table(summary(found), TWINS, "residuals-twins", "The twins in numbers", list(COLOURS.values()))
    take_away(desk, found.table, FILE, recipe=lambda: script.flow_recipe(spec))


def textbook_example(desk: Desk[Any]) -> None:
    """The published numbers, and the code that gives them."""
    found = textbook()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(textbook_figure(found), "residuals-textbook", height=440)
        st.caption(
            "Five layers of Linear and GELU, the input (1, 0, −1), the target 0, seed 123. "
            "[Raschka, Build a Large Language Model (From Scratch), section 4.4](https://github.com/rasbt/LLMs-from-scratch)"
        )
    with right:
        st.code(script.TEXTBOOK_CODE, language="python")
    take_away(desk, found.table, FILE, recipe=script.textbook_recipe)


def highway_split(desk: Desk[Any]) -> None:
    """How much of the gradient came by shortcuts and how much through branches: now, and over the training."""
    spec = desk.spec.part(ResidualSpec)
    try:
        found = highway(spec)
    except ValueError as error:
        st.info(plain(f"Too much to split: {error}."))
        return
    left, right = st.columns(2, gap="medium")
    with left:
        chart(shares_figure(found), "residuals-shares", height=360)
        st.caption(
            "At the start of training. Of the gradient at the beginning of each shortcut, what came along it and what "
            "through the branch beside it. A negative share works against the whole."
        )
    with right:
        chart(lengths_figure(found), "residuals-lengths", height=360)
        st.caption(
            f"The network is a sum over 2^{len(found.shortcut)} paths. At the stem the gradient went through "
            f"{found.mean_length()[0]:.3g} branches on average (dotted): the paths that carry it are short. "
            "[Veit et al. 2016](https://arxiv.org/abs/1605.06431)"
        )
    take_away(desk, found.table, FILE, recipe=lambda: script.highway_recipe(spec))
    st.header("Over the training")

    def draw(told: Training, status: Status) -> None:
        training_so_far = shown(told, status)
        if not len(training_so_far.steps):
            return
        past, now = st.columns([3, 2], gap="medium")
        with past:
            chart(history_figure(training_so_far), "residuals-history", height=400)
            st.caption(
                "Blue: the gradient came by the shortcut; red: through the branch. At first the shortcuts carry it, "
                "later the branches earn their share."
            )
        with now:
            chart(profile_figure(training_so_far), "residuals-profile", height=445)
            st.caption("How many branches the paths go through that carry the gradient to the stem.")

    show_work(desk, training_task(desk), draw)


def training(desk: Desk[Any]) -> None:
    """Both twins trained on the same batches."""
    task = training_task(desk)

    def draw(told: Training, status: Status) -> None:
        so_far = shown(told, status)
        if not len(so_far.steps):
            return
        left, right = st.columns(2, gap="medium")
        with left:
            control(desk, "reading", hidden=True, segmented=True, names=READINGS)
            chart(learning_figure(so_far, desk.spec.reading), "residuals-learning", height=400)
            st.caption(f"On {so_far.start['source']}, the same {PROBE_WORDS}. Both twins see the same batches.")
        with right:
            chart(gradients_figure(so_far), "residuals-gradients", height=484)
            st.caption("The gradient of each layer's weights, at the step that the player has reached.")
        for name, reason in so_far.ends.items():
            st.warning(plain(f"{'Without' if name == 'plain' else 'With'} shortcuts: {reason}."))
        if not status.active:
            take_away(desk, so_far.table, FILE, recipe=lambda: script.training_recipe(so_far.spec))

    show_work(desk, task, draw)


PROBE_WORDS = "64 samples at each look"


def shown(told: Training, status: Status) -> Training:
    """What there is to see of a training: what was told, or the recording of one that nobody has started."""
    if told.start.get("notice"):
        st.warning(plain(told.start["notice"]))
    kept = recorded(told.spec) if status.state == "unknown" else None
    if kept is None:
        if not len(told.steps) and status.active:
            st.caption("Preparing the data …")
        return told
    st.caption(f"Recorded on {kept.start['device']}, torch {kept.start['torch']}, Python {kept.start['python']}.")
    return kept


def training_task(desk: Desk[Any]) -> Task[Training]:
    spec = desk.spec.part(TrainingSpec)
    return Task("engine.residuals.training:train", spec, Training.of, "training", spec.minutes(), size(spec))


def size(spec: TrainingSpec) -> str:
    return f"Both twins, {spec.depth} layers of {spec.width}, {spec.steps} steps of {spec.batch} samples"


def depths(desk: Desk[Any]) -> None:
    """How well both twins end, depth by depth."""
    spec = desk.spec.part(TrainingSpec)
    stops = spec.depths()
    task = Task(
        "engine.residuals.training:sweep", spec, Sweep.of, "sweep", spec.minutes(stops),
        f"Both twins with {', '.join(map(str, stops))} layers of {spec.width}, {spec.steps} steps each",
    )  # fmt: skip

    def draw(so_far: Sweep, status: Status) -> None:
        if so_far.start.get("notice"):
            st.warning(plain(so_far.start["notice"]))
        if not len(so_far.depths):
            return
        control(desk, "reading", hidden=True, segmented=True, names=READINGS)
        chart(sweep_figure(so_far, desk.spec.reading), "residuals-sweep", height=440)
        st.caption(
            f"Each trained for {spec.steps} steps, over all training samples. A deeper plain network could copy a "
            "shallower one, and yet it ends worse, on the samples it was trained on. "
            "[He et al. 2015](https://arxiv.org/abs/1512.03385)"
        )
        if not status.active:
            take_away(desk, so_far.table, FILE, recipe=lambda: script.sweep_recipe(spec))

    show_work(desk, task, draw)


def shattered(desk: Desk[Any]) -> None:
    """How alike the gradients at neighbouring inputs are."""
    spec = desk.spec.part(ResidualSpec)
    try:
        found = shattering(spec)
    except ValueError as error:
        st.info(plain(f"Too much to follow: {error}."))
        return
    chart(shattering_figure(found), "residuals-shattering", height=440)
    st.caption(
        "Inputs on an arc, and the cosine of the gradients at two of them against their distance. Where it falls at "
        "once, the gradient is white noise: a step says nothing about the next input. "
        "[Balduzzi et al. 2017](https://arxiv.org/abs/1702.08591)"
    )
    take_away(desk, found.table, FILE, recipe=lambda: script.shattering_recipe(spec))


def blocks(desk: Desk[Any]) -> None:
    """Transformer blocks with switches, and what dies."""
    spec = desk.spec.part(BlockSpec)
    found, whole = block_flow(spec), block_flow(intact(spec))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(block_figure(found, whole), "residuals-blocks", height=430)
        st.caption(
            "Dotted: the same weights with nothing switched off. The projections stand on the branches; the shortcut "
            "itself has no weights."
        )
    with right:
        x = {"pre": r"\operatorname{LN}(x)"}.get(spec.layer_norm, "x")
        for part, carried in (("attention", spec.attention_shortcut), ("MLP", spec.mlp_shortcut)):
            total = rf"{'x + ' if carried else ''}\operatorname{{{part}}}({x})"
            after = rf"\operatorname{{LN}}({total})" if spec.layer_norm == "post" else total
            st.latex(rf"x \leftarrow {after}")
        table(survival(found, whole), PARTS, "residuals-parts", "The gradient of each part")
        st.caption(f"Loss {found.loss:.4g}. Switch a shortcut off in the sidebar to see what dies.")
    take_away(desk, found.table, FILE, recipe=lambda: script.block_recipe(spec))
