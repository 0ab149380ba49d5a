"""The presets of this topic: networks that show what shortcuts can do and what they cannot."""

from engine.experiment import Preset
from engine.residuals import questions
from engine.residuals.recorded import EARNED, POST_LN
from engine.residuals.spec import TextbookSpec
from engine.signals.spec import StackSpec

BAD_SCALE = StackSpec(depth=60, activation="relu", initializer="he_normal", order="before")

SHATTERED = StackSpec(depth=50, activation="relu", initializer="he_normal", norm="pre", block=2)

PRESETS = (
    Preset(
        "The textbook example",
        "Five layers of Linear and GELU. Without shortcuts the gradient of the first layer's weights is 25 times "
        "smaller than the gradient of the last layer's weights. With shortcuts it is only 6 times smaller. They "
        "make the first layer's gradient a thousand times larger.",
        "textbook",
        TextbookSpec(),
        questions.TEXTBOOK,
    ),
    Preset(
        "100 layers of tanh",
        "With PyTorch's default initialization and no shortcuts, each layer passes back 0.57 of the gradient. After "
        "100 layers 10⁻²⁴ is left. Every layer's mean weight gradient is below 10⁻²⁶, even that of the last layer, "
        "because the signal vanishes before it gets there. With shortcuts the gradient grows by a factor of 1.03 per "
        "layer.",
        "layers",
        StackSpec(depth=100),
        questions.TANH,
    ),
    Preset(
        "Why post-LN needs warm-up",
        "LayerNorm after each sum rescales the shortcut too, so nothing passes a block unchanged, and small changes "
        "multiply. Adam's first full step changes the weights by 5 %, but the output of the last block by its whole "
        "size. After eight steps this output is almost the same for all samples: the network can only guess, and the "
        "loss stays at ln 3 = 1.10. With a warm-up of 300 steps, the network with shortcuts gets 97 % right. LayerNorm "
        "before the blocks helps too. [Liu et al. 2020](https://arxiv.org/abs/2004.08249)",
        "training",
        POST_LN,
        questions.WARM_UP,
        tries={"Set Warm-up to 300": {"warmup": 300}, "Put LayerNorm before the blocks": {"norm": "pre"}},
    ),
    Preset(
        "ReZero",
        "Each branch is multiplied by a learned number that starts at 0. So the network begins as one long shortcut, "
        "and the gradient is the same in all 100 layers, to the last digit. The branches' weights have no gradient "
        "until the learned numbers have moved away from 0.",
        "layers",
        StackSpec(depth=100, activation="relu", initializer="he_normal", scale="zero"),
        questions.REZERO,
    ),
    Preset(
        "Shortcuts cannot save a bad scale",
        "He's initialization keeps the scale of the signal in the plain network. With shortcuts each block about "
        "doubles the signal's energy ‖h‖², and doubles that of the gradient on its way back. After 60 blocks the "
        "gradient has grown 350 million times, and the loss is a hundred million. With the branch scale 1/√L, all "
        "blocks together multiply the signal's energy only by e.",
        "layers",
        BAD_SCALE,
        questions.BAD_SCALE,
        tries={"Set Branch scale to 1/√L": {"scale": "root"}},
    ),
    Preset(
        "Shattered gradients",
        "50 layers of ReLU, with LayerNorm before each block of two. Without shortcuts the gradients at neighbouring "
        "inputs on the arc have little in common. Two inputs 0.012 radians apart have gradients with a cosine of 0.06. "
        "With shortcuts this cosine is 0.95.",
        "shattering",
        SHATTERED,
        questions.SHATTERED,
    ),
    Preset(
        "Branches earn their share",
        "A ReZero network of 20 layers, in blocks of two, during training. At first all of the gradient comes along "
        "the shortcuts, on the one path without a branch. After a hundred steps a seventh of the gradient comes "
        "through branches.",
        "highway",
        EARNED,
        questions.EARNED_SHARE,
    ),
)
