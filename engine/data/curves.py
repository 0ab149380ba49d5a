"""Images of curves through three random points, like the CURVES set of Hinton and Salakhutdinov, "Reducing the
dimensionality of data with neural networks", Science 313, 2006.

The published set was never described well enough to be drawn again. This one has its size and its kind of image, but
other pixels, so its losses cannot be compared to published ones.
"""

import math

import torch
from torch import Tensor

from engine.data.images import Images
from engine.devices import one_thread

SIDE = 28
TRAIN, TEST = 20_000, 10_000

# Pixels between the points and the border. A parabola through three points leaves their box by at most 1/8 of its
# side (the Lebesgue constant of three equidistant nodes is 5/4), so no stroke is cut off.
MARGIN = 3.5

# Standard deviation of the pen's tip, in pixels.
PEN = 0.5

# Positions of the pen along a curve. On the longest curve they are less than a pixel apart.
SAMPLES = 128

# Images drawn at once, few enough for the processor's cache.
CHUNK = 100


def load_curves(seed: int = 0) -> Images:
    """20,000 training images and 10,000 test images, drawn in this order from one seed."""
    # Many small products: two threads on busy cores took 25 times as long as one.
    with one_thread(True):
        drawn = draw_curves(TRAIN + TEST, seed)
    return Images(drawn[:TRAIN], drawn[TRAIN:], f"CURVES-like, drawn from seed {seed}")


def draw_curves(count: int, seed: int) -> Tensor:
    """``count`` images, uint8 [count, 784]. A smaller count from the same seed gives the first of these images."""
    return torch.cat([stroke(points) for points in torch.split(three_points(count, seed), CHUNK)])


def three_points(count: int, seed: int) -> Tensor:
    """Uniform points [count, 3, 2], x to the right and y downwards, in pixels from the centre of the first pixel."""
    uniform = torch.rand(count, 3, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return MARGIN + (SIDE - 1 - 2 * MARGIN) * uniform


def stroke(points: Tensor) -> Tensor:
    """Pen strokes through ``points`` [n, 3, 2], as uint8 [n, 784].

    The curve is the parabola p(t) through the three points p(0), p(1/2), p(1). The pen's tip is a Gaussian that lays
    ink along the curve. A Gaussian is a product of one in x and one in y, so an image is a product of two matrices.
    The ends of a curve get half of the ink, so there is twice the ink that blackens the middle of a straight line.
    """
    a, b, c = points.unsqueeze(2).unbind(1)  # [n, 1, 2]
    velocity, bend = 4 * b - 3 * a - c, 2 * (a - 2 * b + c)
    t = (torch.arange(SAMPLES, dtype=points.dtype).unsqueeze(1) + 0.5) / SAMPLES
    place = a + t * velocity + t.square() * bend  # [n, samples, 2]
    length = torch.linalg.vector_norm(velocity + 2 * t * bend, dim=2) / SAMPLES  # that one sample represents
    offset = place.mT.unsqueeze(2) - torch.arange(SIDE, dtype=points.dtype).unsqueeze(1)  # [n, 2, side, samples]
    # Ink of exp(-50) is invisible. The bound is for speed: subnormal numbers are slow.
    x, y = offset.div_(PEN).square_().mul_(-0.5).clamp_(min=-50).exp_().unbind(1)
    ink: Tensor = (y * length.unsqueeze(1)) @ x.mT / (PEN * math.sqrt(2 * math.pi))
    return (255 * (2 * ink).clamp(max=1)).round().to(torch.uint8).flatten(1)
