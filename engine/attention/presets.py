"""The presets of this topic: heads that are worth seeing."""

from engine.attention.maps import Heads
from engine.attention.spec import HeadsSpec
from engine.experiment import Preset, Question


def place_of_most(found: Heads) -> int:
    """Which answer of ``AFTER`` names what the last token looks at most."""
    row = found.head.weights[-1]
    tokens = found.tokens
    most = int(row.argmax())
    last = tokens[-1]
    if most == len(tokens) - 1:
        return 2
    if tokens[most] == last:
        return 0
    return 1 if most > 0 and tokens[most - 1] == last else -1


AFTER = Question(
    "The text is “Gradient-LbGradient-Lb”, and its last token “b”. At which token does this head look, to know what "
    "comes next?",
    ("The earlier “b”", "The token after the earlier “b”", "The last “b” itself"),
    place_of_most,
)

PRESETS = (
    Preset(
        "An induction head",
        "The head looks at the token after the earlier copy of the present token, and copies it. A head of layer 1 has "
        "told each token which one came before it; this head searches for its own token there. It takes two layers.",
        "heads",
        HeadsSpec(),
        AFTER,
    ),
    Preset(
        "One layer cannot",
        "With one layer no token can know what came before another one. No head finds the earlier copy, and the model "
        "only guesses.",
        "heads",
        HeadsSpec(model="one_layer", layer=1),
    ),
    Preset(
        "Before it has learned",
        "The same head after 100 steps of training. The pattern appears between steps 100 and 150, all at once.",
        "heads",
        HeadsSpec(step=100),
    ),
    Preset(
        "The date's year",
        "While the model writes the year, this head looks at the digit that has to come next: the row of “0” at “1”, "
        "the row of “1” at “9”. Nobody told it where the year stands.",
        "heads",
        HeadsSpec(model="dates", part="cross", layer=1, head=2, query=3),
    ),
)
