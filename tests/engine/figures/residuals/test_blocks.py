"""Parts of a block that are switched off are not drawn."""

from engine.figures.residuals import (
    block_figure,
)
from engine.residuals.blocks import PARTS, block_flow, intact
from engine.transformer import BlockSpec


def test_a_blocks_missing_projections_are_not_drawn() -> None:
    spec = BlockSpec(blocks=2, model_width=8, heads=2, tokens=4, mlp_projection=False)
    figure = block_figure(block_flow(spec), block_flow(intact(spec)))
    drawn = [trace.name for trace in figure.data if trace.line.dash != "dot"]
    assert drawn == [PARTS[part] for part in PARTS if part != "mlp_projection"]
    assert len(figure.data) == len(drawn) + len(PARTS)  # and, dotted, all parts of the whole blocks
