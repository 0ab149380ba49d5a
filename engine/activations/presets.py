"""The presets of this topic: networks that train, or do not, because of their activation or initialization."""

from engine.activations import questions
from engine.activations.spec import DepthSpec, FunctionSpec, PhaseSpec
from engine.activations.training_spec import TrainSpec
from engine.activations.units import Scheme, Unit
from engine.experiment import Preset

RELU = Scheme(initializer="he_normal")
TANH, SIGMOID = (Scheme(activation=name, initializer="xavier_normal") for name in ("tanh", "sigmoid"))

WHO_LEARNS = TrainSpec()
SCALED = (RELU, TANH, SIGMOID.but(gain=4.0))
KILLED = TrainSpec(depth=3, lr=0.03, seeds=5, schemes=(RELU, RELU.but(activation="leaky_relu")))
SHALLOW = TrainSpec(
    depth=2,
    lr=0.01,
    seeds=5,
    schemes=(
        RELU,
        RELU.but(activation="leaky_relu"),
        Scheme(activation="gelu", initializer="torch"),
        Scheme(initializer="torch"),
    ),
)
HOCKEY = TrainSpec(depth=4, last=30.0, lr=0.003, schemes=(TANH,))

TRAININGS = {
    "who_learns": WHO_LEARNS,
    "who_learns_scaled": WHO_LEARNS.but(schemes=SCALED),
    "killed": KILLED,
    "killed_not": KILLED.but(lr=0.001),
    "shallow": SHALLOW,
    "hockey": HOCKEY,
    "hockey_not": HOCKEY.but(last=0.1),
}
"""The trainings that the presets show, and what they become if the visitor follows an advice. They are recorded."""

PRESETS = (
    Preset(
        "Sigmoid's paralysis",
        "A layer learns from the gradient that comes back to it from the loss. A sigmoid's slope is at most 1/4, so "
        "with Xavier's weights each layer passes back about a quarter of the gradient. Less than 10⁻¹¹ of it is left "
        "at the first of 20 layers, which therefore does not learn. tanh has slope 1 at zero: a third is left.",
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
        {"Start the biases at 0": {"schemes": (RELU, RELU.but(activation="leaky_relu"))}},
    ),
    Preset(
        "Killed by a long step",
        "The learning rate is 30 times the usual one. Within ten steps, many ReLUs are pushed so far down that they "
        "give 0 for every sample. Their slope is then 0, so no gradient brings them back. A leaky ReLU still has a "
        "slope there. The other units still learn this task. With the usual rate, hardly any ReLU dies.",
        "training",
        KILLED,
        questions.KILLED,
        {"reading": "silent"},
        {"A rate of 0.001": {"lr": 0.001}},
    ),
    Preset(
        "What Xavier and Kaiming fix",
        "Each layer multiplies the size of the signal, and on the way back that of the gradient. With weights of "
        "spread 0.01 it shrinks, with spread 1 it grows, layer after layer. Xavier and Kaiming choose the spread so "
        "that the factor is near 1. For n inputs it is 1/√n for tanh, and √2/√n for ReLU, which sets half of its "
        "inputs to 0.",
        "depth",
        DepthSpec(
            schemes=(RELU.but(initializer="small"), RELU.but(initializer="large"), RELU, TANH),
        ),
        questions.FIXED,
        {"quantity": "signal"},
    ),
    Preset(
        "When it does not matter",
        "With two layers, little can vanish or explode on the way. These four networks differ in activation and "
        "weights, two of them have PyTorch's default, and all end with nearly the same accuracy. With ten layers the "
        "choice decides: see “Which one learns?”.",
        "training",
        SHALLOW,
        questions.SHALLOW,
        {"reading": "right"},
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
        "signal's mean square by 1/6, apart from the biases, so nothing is left after 50 layers. Kaiming's weights "
        "keep the signal. In a shallow network the default does no harm.",
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
        {"Three layers": {"depth": 3}},
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
        "The hockey stick",
        "The last layer's weights are 30 times too large. So the network is sure of its random guesses, and its loss "
        "starts far above ln 3 = 1.10, the loss of guessing. The first steps only shrink the last layer: the curve "
        "looks like a hockey stick. Scale the last layer down, and the training starts where guessing does.",
        "training",
        HOCKEY,
        questions.HOCKEY,
        tries={"Scale of the last layer: 0.1": {"last": 0.1}},
    ),
    Preset(
        "Which one learns?",
        "All networks see the same batches. ReLU and tanh learn the spirals. A layer of sigmoids passes on a quarter "
        "of what tells two samples apart, and passes back a quarter of the gradient. After ten layers a millionth is "
        "left of both, so the loss stays at ln 3 = 1.10, that of guessing. With weights 4 times as large, they learn.",
        "training",
        WHO_LEARNS,
        questions.WHO_LEARNS,
        tries={"Sigmoid's weights × 4": {"schemes": SCALED}},
    ),
    Preset(
        "The edge of chaos",
        "Right of the red line, χ is above 1: gradients grow on their way back, and two inputs that are nearly equal "
        "drift apart. Left of it, all inputs become alike. Click on the line: there a signal and its gradient travel "
        "far.",
        "plane",
        PhaseSpec(weight=3.0, bias=0.05, cosine=0.98),
        questions.EDGE,
        tries={"Onto the line": {"weight": 1.76, "bias": 0.05}},
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
