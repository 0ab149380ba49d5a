"""Residual connections: the same network without and with shortcuts, and what becomes of its gradients."""

from functools import partial
from typing import Any, Literal, TypeVar

import streamlit as st
from pydantic import Field

from engine.experiment import Preset
from engine.residuals.presets import PRESETS
from engine.residuals.spec import TrainingSpec
from engine.spec import Spec
from engine.transformer import BlockSpec
from pages.ui import residuals, training
from pages.ui.controls import control, plain
from pages.ui.desk import Desk
from pages.ui.presets import choose_preset

S = TypeVar("S", bound=Spec)

VIEWS = {
    "layers": "Layer by layer",
    "textbook": "Textbook",
    "highway": "The highway",
    "blocks": "Transformer",
    "training": "Training",
    "depths": "Depth",
    "shattering": "Shattering",
}


class Shown(TrainingSpec, BlockSpec):
    """All that the page's link holds: the twins, their training, the blocks, and what is looked at."""

    view: Literal["layers", "textbook", "highway", "blocks", "training", "depths", "shattering"] = Field(
        "layers", title="View", description="What is looked at"
    )
    shortcuts: bool = Field(True, title="Shortcuts", description="Show what they do, or the plain network alone")
    quantity: Literal["gradient", "weight_mean", "weight_gradient", "signal", "relative"] = Field(
        "gradient", title="Of each layer", description="What is drawn of each layer"
    )
    reading: Literal["loss", "right"] = Field("loss", title="Reading", description="How well a network does")

    def part(self, kind: type[S]) -> S:
        """The settings of one of the experiments."""
        return kind(**{name: getattr(self, name) for name in kind.model_fields})


def page() -> None:
    desk = Desk(Shown, "residuals")
    st.title("Residual connections", anchor=False)
    with st.container():  # one block however much it says: the charts below keep their place, and so their zoom
        presets(desk)
        if desk.problems:
            st.warning("  \n".join(map(plain, desk.problems)))
    control(desk, "view", hidden=True, segmented=True, names=VIEWS)
    view = desk.spec.view
    {
        "layers": residuals.layers,
        "textbook": residuals.textbook_example,
        "highway": residuals.highway_split,
        "blocks": residuals.blocks,
        "training": training.training,
        "depths": training.depths,
        "shattering": residuals.shattered,
    }[view](desk)
    with st.sidebar:
        if view == "textbook":
            st.markdown("**A published example**")
            st.caption("Nothing is set here: layers, weights and input are those of the book, and so are the numbers.")
        elif view == "blocks":
            block_settings(desk)
        else:
            if view in ("training", "depths"):
                training_settings(desk)
            network_settings(desk)
            if view == "highway":
                training_settings(desk)
    desk.write_address()


def presets(desk: Desk[Shown]) -> None:
    titles = {preset.title: partial(with_preset, preset) for preset in PRESETS}
    shown = choose_preset(desk, titles, fresh=lambda now: now.but(quantity="gradient", shortcuts=True))
    for preset in PRESETS:
        if preset.title == shown:
            st.markdown(preset.look_for)


def with_preset(preset: Preset[Any], now: Shown) -> Shown:
    """All settings of the networks and of their training are the preset's, its defaults too."""
    return now.but(**dict(TrainingSpec(**dict(preset.spec))), view=preset.view)


def network_settings(desk: Desk[Shown]) -> None:
    spec = desk.spec
    st.markdown("**Both networks**")
    control(desk, "depth", slider=True)
    for name in ("width", "activation", "initializer", "gain"):
        control(desk, name)
    st.markdown("**Blocks and shortcuts**")
    for name in ("norm", "scale"):
        control(desk, name)
    if spec.scale == "own":
        control(desk, "own_scale")
    control(desk, "block")
    control(desk, "every")
    with st.expander("Order, shapes, batch, seed"):
        control(desk, "order")
        control(desk, "halvings")
        if spec.halvings:
            control(desk, "projection")
        control(desk, "batch")
        control(desk, "seed")


def training_settings(desk: Desk[Shown]) -> None:
    st.markdown("**Training of both**")
    for name in ("data", "optimizer"):
        control(desk, name)
    control(desk, "lr", slider=True)
    for name in ("warmup", "steps"):
        control(desk, name)


def block_settings(desk: Desk[Shown]) -> None:
    st.markdown("**The blocks**")
    control(desk, "blocks", slider=True)
    for name in ("model_width", "heads", "tokens", "seed"):
        control(desk, name)
