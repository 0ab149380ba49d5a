"""How every lane of a race is trained and judged: the same batches, the same rates, the same evaluation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.data.images import floats
from engine.race.network import Autoencoder, cross_entropy

EVALUATED = 1_000
"""Images that are evaluated at once."""


@dataclass(frozen=True)
class Quality:
    """Means over images of sums over pixels.

    loss: binary cross-entropy in nats. error: squared error of the reconstruction.
    """

    loss: float
    error: float


def batches(count: int, batch: int, seed: int, epoch: int) -> Sequence[Tensor]:
    """The images of an epoch's steps, as indices below ``count``; a last batch that is not full is left out.

    The same for every lane, and known without having run the epochs before.
    """
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))
    return torch.split(order, batch)[: count // batch]


def rate(time: float, warmup: int, horizon: int) -> float:
    """What multiplies every lane's learning rate after ``time`` epochs: a rise to one, then a fall to zero.

    warmup: epochs of the rise. horizon: when the fall reaches zero; with 0 there is none.
    """
    if time < warmup:
        return time / warmup
    if not horizon:
        return 1.0
    return max(0.0, (horizon - time) / max(1, horizon - warmup))


def update(optimizer: torch.optim.Optimizer, closure: Callable[[], Tensor], whole: bool) -> Tensor:
    """One step on ``closure``, which returns a batch's loss with its graph. Returns that loss before the step.

    whole: the optimizer takes the closure itself.
    """
    if whole:
        return optimizer.step(closure)  # type: ignore[arg-type, return-value]
    optimizer.zero_grad()
    loss = closure()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return loss.detach()


def evaluate(net: Autoencoder, images: Tensor, dtype: torch.dtype) -> Quality:
    """Quality on images, uint8 [M, 784]."""
    loss = error = 0.0
    with torch.no_grad():
        for chunk in torch.split(images, EVALUATED):
            rows = floats(chunk, dtype)
            logits = net(rows)
            loss += cross_entropy(logits, rows).item()
            error += (torch.sigmoid(logits) - rows).square().sum().item()
    return Quality(loss / len(images), error / len(images))
