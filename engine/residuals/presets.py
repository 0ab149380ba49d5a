"""Networks worth seeing."""

from engine.experiment import Preset
from engine.residuals.spec import TextbookSpec, TrainingSpec
from engine.signals.spec import StackSpec

BAD_SCALE = StackSpec(depth=60, activation="relu", initializer="he_normal", order="before")

POST_LN = TrainingSpec(
    depth=32, activation="relu", initializer="xavier_normal", norm="post", block=2, lr=0.007, steps=600
)

EARNED = TrainingSpec(depth=20, block=2, activation="gelu", initializer="he_normal", scale="zero", lr=0.01)

PRESETS = (
    Preset(
        "The textbook example",
        "Five layers of Linear and GELU. Without shortcuts the first layer's weights get 25 times less gradient than "
        "the last one's; with them 6 times less, and a thousand times as much as before.",
        "textbook",
        TextbookSpec(),
    ),
    Preset(
        "100 layers of tanh",
        "With torch's own initialization each layer hands back 0.57 of the gradient: after 100 layers 10⁻²⁴ is left, "
        "and no layer's weights get 10⁻²⁶ on average, nor do the last one's, as the signal has died on its way there. "
        "Shortcuts let the gradient through, 1.03 times as large with each layer.",
        "layers",
        StackSpec(depth=100),
    ),
    Preset(
        "Why post-LN needs warm-up",
        "LayerNorm after each sum, Adam at 0.007. The full rate of the first steps throws the weights to where the "
        "loss stays at that of guessing, ln 3 = 1.10, shortcuts or not. Set Warm-up to 300 steps: the same residual "
        "network on the same batches gets 97 % right. Or put LayerNorm before the blocks.",
        "training",
        POST_LN,
    ),
    Preset(
        "ReZero",
        "Each branch is multiplied by a learned number that starts at 0: the network begins as one long shortcut, and "
        "the gradient is the same in all 100 layers, to the last digit. The branches' weights get none before these "
        "numbers have moved.",
        "layers",
        StackSpec(depth=100, activation="relu", initializer="he_normal", scale="zero"),
    ),
    Preset(
        "Shortcuts cannot save a bad scale",
        "He's initialization keeps the plain network's scale; with shortcuts every block about doubles the signal's "
        "energy, and after 60 the loss is a hundred million. Set Branch scale to 1/√L: the growth ends at e.",
        "layers",
        BAD_SCALE,
    ),
    Preset(
        "Shattered gradients",
        "50 layers of ReLU, LayerNorm before each block of two. Without shortcuts the gradients of two neighbours on "
        "the arc have little in common, and four steps on nothing: a cosine of 0.06, with shortcuts 0.95.",
        "shattering",
        StackSpec(depth=50, activation="relu", initializer="he_normal", norm="pre", block=2),
    ),
    Preset(
        "Branches earn their share",
        "ReZero again, 20 layers in blocks of two, over its training: at first all of the gradient comes by the "
        "shortcuts, along the one path without a branch; after a hundred steps a seventh of it comes through branches.",
        "highway",
        EARNED,
    ),
)
