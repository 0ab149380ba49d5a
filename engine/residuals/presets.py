"""The presets of this topic: networks that show what shortcuts can do and what they cannot."""

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
        "smaller than the gradient of the last layer's weights. With shortcuts it is only 6 times smaller. They "
        "make the first layer's gradient a thousand times larger.",
        "textbook",
        TextbookSpec(),
    ),
    Preset(
        "100 layers of tanh",
        "With PyTorch's default initialization and no shortcuts, each layer passes back 0.57 of the gradient. After "
        "100 layers 10⁻²⁴ is left. The mean |gradient| of the weights is below 10⁻²⁶ in every layer, even in the last, "
        "because the signal vanishes before it reaches that layer. With shortcuts the gradient grows by a factor of "
        "1.03 per layer.",
        "layers",
        StackSpec(depth=100),
    ),
    Preset(
        "Why post-LN needs warm-up",
        "LayerNorm comes after each sum, and Adam has a learning rate of 0.007. With and without shortcuts, the first "
        "steps at the full rate move the weights to a place where the loss stays at ln 3 = 1.10, the loss of guessing. "
        "Set Warm-up to 300 steps: on the same batches, the same residual network now gets 97 % of the samples right. "
        "LayerNorm before the blocks helps too.",
        "training",
        POST_LN,
    ),
    Preset(
        "ReZero",
        "Each branch is multiplied by a learned number that starts at 0. So the network begins as one long shortcut, "
        "and the gradient is the same in all 100 layers, to the last digit. The branches' weights have no gradient "
        "until the learned numbers have moved away from 0.",
        "layers",
        StackSpec(depth=100, activation="relu", initializer="he_normal", scale="zero"),
    ),
    Preset(
        "Shortcuts cannot save a bad scale",
        "He's initialization keeps the scale of the signal in the plain network. With shortcuts each block about "
        "doubles the signal's energy ‖h‖², and after 60 blocks the loss is a hundred million. Set Branch scale to "
        "1/√L: now all blocks together multiply the energy only by e.",
        "layers",
        BAD_SCALE,
    ),
    Preset(
        "Shattered gradients",
        "50 layers of ReLU, with LayerNorm before each block of two. Without shortcuts the gradients at neighbouring "
        "inputs on the arc have little in common. The cosine of the gradients at two inputs four places apart is 0.06. "
        "With shortcuts this cosine is 0.95.",
        "shattering",
        StackSpec(depth=50, activation="relu", initializer="he_normal", norm="pre", block=2),
    ),
    Preset(
        "Branches earn their share",
        "A ReZero network of 20 layers, in blocks of two, during training. At first all of the gradient comes along "
        "the shortcuts, on the one path without a branch. After a hundred steps a seventh of the gradient comes "
        "through branches.",
        "highway",
        EARNED,
    ),
)
