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
        "Five layers of Linear and GELU. Without shortcuts the gradient of the first layer's weights is 25 times "
        "smaller than that of the last layer's. With shortcuts it is 6 times smaller, and a thousand times larger than "
        "before.",
        "textbook",
        TextbookSpec(),
    ),
    Preset(
        "100 layers of tanh",
        "With torch's own initialization each layer passes back 0.57 of the gradient: after 100 layers 10⁻²⁴ is left. "
        "The mean gradient of a layer's weights is below 10⁻²⁶ everywhere, even in the last layer, because the signal "
        "has died on its way there. With shortcuts the gradient grows by a factor of 1.03 a layer.",
        "layers",
        StackSpec(depth=100),
    ),
    Preset(
        "Why post-LN needs warm-up",
        "LayerNorm after each sum, Adam at 0.007. The first steps at the full rate move the weights to a place where "
        "the loss stays at ln 3 = 1.10, that of guessing, with and without shortcuts. Set Warm-up to 300 steps: on the "
        "same batches the same residual network gets 97 % right. Or put LayerNorm before the blocks.",
        "training",
        POST_LN,
    ),
    Preset(
        "ReZero",
        "Each branch is multiplied by a learned number that starts at 0. The network begins as one long shortcut: the "
        "gradient is the same in all 100 layers, to the last digit. The branches' weights have no gradient until these "
        "numbers have moved.",
        "layers",
        StackSpec(depth=100, activation="relu", initializer="he_normal", scale="zero"),
    ),
    Preset(
        "Shortcuts cannot save a bad scale",
        "He's initialization keeps the scale of the plain network. With shortcuts each block about doubles the "
        "signal's energy, and after 60 blocks the loss is a hundred million. Set Branch scale to 1/√L: the "
        "energy grows by a factor of e in all.",
        "layers",
        BAD_SCALE,
    ),
    Preset(
        "Shattered gradients",
        "50 layers of ReLU, LayerNorm before each block of two. Without shortcuts the gradients at two neighbours on "
        "the arc have little in common. At four steps' distance their cosine is 0.06; with shortcuts it is 0.95.",
        "shattering",
        StackSpec(depth=50, activation="relu", initializer="he_normal", norm="pre", block=2),
    ),
    Preset(
        "Branches earn their share",
        "ReZero again, with 20 layers in blocks of two, during training. At first all of the gradient comes by the "
        "shortcuts, along the one path without a branch. After a hundred steps a seventh of it comes through branches.",
        "highway",
        EARNED,
    ),
)
