"""The presets of this topic: networks that train, or do not, because of their activation or initialization."""

from engine.activations import questions
from engine.activations.spec import DepthSpec, FunctionSpec, PhaseSpec
from engine.activations.training_spec import TrainSpec
from engine.activations.units import Scheme, Unit
from engine.experiment import Preset

FIVE_THIRDS = 5 / 3

PRESETS = (
    Preset(
        "Sigmoid's paralysis",
        "A sigmoid's slope is at most 1/4. With Xavier's weights each layer passes back about a quarter of the "
        "gradient, so less than 10⁻¹¹ of it is left at the first of 20 layers, and the first layers do not learn. "
        "tanh has slope 1 at zero. It passes back a third through all 20 layers.",
        "depth",
        DepthSpec(
            schemes=(
                Scheme(activation="sigmoid", initializer="xavier_normal"),
                Scheme(activation="tanh", initializer="xavier_normal"),
            )
        ),
        questions.PARALYSIS,
    ),
    Preset(
        "Dead at birth",
        "Each bias starts at −3, so a unit needs an unusually large sum to give anything but 0. From the second layer "
        "on all ReLUs are silent. Their slope is 0, so no gradient ever wakes them. A leaky ReLU still has a "
        "gradient, but each layer passes back only a little more than a hundredth of it.",
        "depth",
        DepthSpec(
            depth=10,
            schemes=(
                Scheme(activation="relu", initializer="he_normal", bias=-3.0),
                Scheme(activation="leaky_relu", initializer="he_normal", bias=-3.0),
            ),
        ),
        questions.AT_BIRTH,
        {"quantity": "silent"},
    ),
    Preset(
        "tanh: 5/3 or 1.59?",
        "The gain that keeps a standard normal signal through tanh is 1.5925, and PyTorch recommends 5/3. With both, "
        "the signal keeps its size, but the squared gradient grows: by 1.21 per layer with 5/3, and by 1.18 with "
        "1.5925. With Xavier's gain of 1 both shrink slowly. No gain keeps both.",
        "depth",
        DepthSpec(
            depth=50,
            width=128,
            schemes=(
                Scheme(activation="tanh", initializer="lecun_normal", gain=1.66667),
                Scheme(activation="tanh", initializer="gain"),
                Scheme(activation="tanh", initializer="xavier_normal"),
            ),
        ),
        questions.FIVE_THIRDS,
    ),
    Preset(
        "PyTorch's default",
        "The default weights of nn.Linear have a third of LeCun's variance. A layer of ReLUs then multiplies the "
        "signal's mean square by 1/6, apart from the biases, so nothing is left after 50 layers. He's weights keep the "
        "signal. In a shallow network the default does no harm.",
        "depth",
        DepthSpec(
            depth=50,
            schemes=(
                Scheme(activation="relu", initializer="torch"),
                Scheme(activation="relu", initializer="he_normal"),
            ),
        ),
        questions.TORCH,
        {"quantity": "signal"},
    ),
    Preset(
        "SELU's fixed point",
        "The inputs are ten times too small. With LeCun's weights, mean 0 and spread 1 attract the outputs of SELU, "
        "so the signal recovers within 30 layers. In the same network with tanh it only shrinks.",
        "depth",
        DepthSpec(
            depth=50,
            width=256,
            input_scale=0.1,
            schemes=(
                Scheme(activation="selu", initializer="lecun_normal"),
                Scheme(activation="tanh", initializer="lecun_normal"),
            ),
        ),
        questions.SELU,
        {"quantity": "spread"},
    ),
    Preset(
        "A bad start",
        "The last layer's weights are 30 times too large. So the network is sure of its random guesses, and the loss "
        "starts far above ln 10 = 2.303, the loss of guessing. A training spends its first steps on shrinking the last "
        "layer: its curve looks like a hockey stick. Set the scale of the last layer to 0.1.",
        "depth",
        DepthSpec(depth=5, schemes=(Scheme(activation="relu", initializer="he_normal"),), last=30.0),
        questions.BAD_START,
    ),
    Preset(
        "Which one learns?",
        "All networks see the same batches. ReLU and tanh learn the spirals. The sigmoids stay at ln 3 = 1.10, the "
        "loss of guessing, because hardly any gradient reaches their first layers. Their slope is at most 1/4: set "
        "their weight scale to 4, and they learn too.",
        "training",
        TrainSpec(),
        questions.WHO_LEARNS,
    ),
    Preset(
        "The edge of chaos",
        "Right of the red line, χ is above 1: gradients grow on their way back, and two inputs that are nearly equal "
        "drift apart. Left of it, all inputs become alike. Click on the line: there a signal and its gradient travel "
        "far.",
        "plane",
        PhaseSpec(weight=3.0, bias=0.05, cosine=0.98),
        questions.EDGE,
    ),
    Preset(
        "Slopes below zero",
        "Its slope below zero is a number that you choose. With a negative one the function is no longer monotone, and "
        "it looks like |z|. With 1 it would be a straight line, and the whole network would be linear.",
        "functions",
        FunctionSpec(
            units=(
                Unit(activation="leaky_relu"),
                Unit(activation="leaky_relu", a=0.3),
                Unit(activation="leaky_relu", a=-0.5),
            )
        ),
    ),
)
