"""What a visitor predicts before a preset's result is shown. The right answers are computed from the result."""

from engine.activations.depth import Propagation
from engine.activations.plane import Phase
from engine.activations.trained import Trained
from engine.experiment import Question


def _left(found: Propagation) -> int:
    gradient = found.traces[0].middle("gradient")
    left = gradient[0] / gradient[-1]
    return 0 if left > 0.1 else 1 if left > 1e-6 else 2


def _silent(found: Propagation) -> int:
    share = found.traces[0].middle("silent").max()
    return 0 if share < 0.3 else 1 if share < 0.9 else 2


def _five_thirds(found: Propagation) -> int:
    gradient = found.traces[0].middle("gradient")
    growth = gradient[0] / gradient[-1]
    return 0 if 1 / 3 < growth < 3 else 1 if growth < 1 else 2


def _torch(found: Propagation) -> int:
    signal = found.traces[0].middle("signal")
    left = signal[-1] / signal[0]
    return 0 if left > 0.1 else 1 if left > 1e-3 else 2


def _spread(found: Propagation) -> int:
    spread = found.traces[0].middle("spread")[-1]
    return 0 if spread < 0.3 else 1 if spread < 3 else 2


def _start(found: Trained) -> int:
    loss = found.curves[0].middle("loss")[0]
    return 0 if loss < 1.2 * found.chance else 1 if loss < 2 * found.chance else 2


def _kept(found: Propagation) -> int:
    """The networks whose signal stays within a factor of 10: 0 the last two, 1 all but the first, 2 none, -1 others."""
    ratios = [trace.middle("signal")[-1] / trace.middle("signal")[0] for trace in found.traces]
    kept = tuple(0.1 < ratio < 10 for ratio in ratios)
    return {(False, False, True, True): 0, (False, True, True, True): 1, (False,) * 4: 2}.get(kept, -1)


def _killed(found: Trained) -> int:
    share = found.curves[0].middle("silent")[-1]
    return 0 if share < 0.1 else 1 if share < 0.7 else 2


def _alone(found: Trained) -> int:
    """Whether one network is better than all others by five points of accuracy: 0 the first, 1 the last, 2 none."""
    right = [curves.middle("right")[-1] for curves in found.curves]
    best = max(range(len(right)), key=lambda number: right[number])
    clear = all(right[best] - other > 0.05 for number, other in enumerate(right) if number != best)
    return 2 if not clear else {0: 0, len(right) - 1: 1}.get(best, -1)


def _learned(found: Trained) -> int:
    """The networks that get most samples right at the end, by their place: 0 all, 1 all but sigmoid, 2 only ReLU."""
    relu, tanh, sigmoid = (curves.middle("right")[-1] > 0.6 for curves in found.curves)
    return {(True, True, True): 0, (True, True, False): 1, (True, False, False): 2}.get((relu, tanh, sigmoid), -1)


def _alike(found: Phase) -> int:
    return 0 if found.measured[-1] > 0.9 else 1 if found.measured[-1] < 0.5 else 2


PARALYSIS = Question(
    "Twenty layers of sigmoids. How much of the gradient reaches the first layer?",
    ("More than a tenth", "About a thousandth", "Less than a millionth"),
    _left,
)
AT_BIRTH = Question(
    "All biases of a ReLU network start at −3. How many units are 0 for every input?",
    ("Hardly any", "About half", "Nearly all"),
    _silent,
)
FIVE_THIRDS = Question(
    "PyTorch's gain for tanh is 5/3. Over 50 layers, what does the gradient do on its way back?",
    ("It keeps its size", "It vanishes", "It explodes"),
    _five_thirds,
)
TORCH = Question(
    "PyTorch draws the weights by default. How much of the signal is left after 50 layers of ReLU?",
    ("More than a tenth", "About a hundredth", "Less than a thousandth"),
    _torch,
)
SELU = Question(
    "The inputs are ten times too small for SELU. What is the spread of the outputs after 50 layers?",
    ("Still far too small", "About 1", "Far too large"),
    _spread,
)
HOCKEY = Question(
    "The last layer's weights are 30 times too large. Guessing among 3 has a loss of ln 3 = 1.1. Where does it start?",
    ("At about 1.1", "At about 1.7", "Far above 2"),
    _start,
)
FIXED = Question(
    "Twenty layers, with weights of spread 0.01, of spread 1, by Kaiming, or by Xavier. Where is the signal kept?",
    ("Only with Kaiming and Xavier", "With all but the spread of 0.01", "Nowhere"),
    _kept,
)
KILLED = Question(
    "A learning rate that is 30 times too large. How many ReLUs are silent at the end?",
    ("Hardly any", "Nearly half", "Nearly all"),
    _killed,
)
SHALLOW = Question(
    "Two layers only, with four choices of activation and weights. Which network gets most samples right?",
    ("ReLU with Kaiming's weights", "ReLU with PyTorch's default", "They hardly differ"),
    _alone,
)
WHO_LEARNS = Question(
    "Ten layers of ReLU, tanh or sigmoid, with the weights that textbooks recommend. Which networks learn the spirals?",
    ("All three", "ReLU and tanh", "Only ReLU"),
    _learned,
)
EDGE = Question(
    "A tanh network with large weights, σ²_w = 3. Two inputs are nearly equal. What happens to them?",
    ("They become equal", "They drift apart", "They keep their correlation"),
    _alike,
)
