"""What lanes are compared by, and at equal values of what."""

from dataclasses import dataclass

from engine.fields import Quantity


@dataclass(frozen=True)
class Axis(Quantity):
    """What is equal for all lanes when their losses are compared.

    word: its unit, one of it. amount: its unit in the plural, in a sentence. by: how lanes are then compared, in words.
    """

    word: str
    amount: str
    by: str


AXES = {
    "epoch": Axis("Epoch", "Epoch", "epoch", "epochs", "per epoch"),
    "seconds": Axis("Seconds", "Seconds of training", "second", "s", "by the clock"),
    "gradients": Axis(
        "Operations",
        "Operations, in gradients of a batch",
        "gradient",
        "gradients' work",
        "at equal compute",
    ),
}
"""Column of ``Race.points`` -> axis."""

QUANTITIES = {
    "train_loss": Quantity("Train loss", "Train cross-entropy"),
    "test_loss": Quantity("Test loss", "Test cross-entropy"),
    "train_error": Quantity("Train error", "Train squared error"),
    "test_error": Quantity("Test error", "Test squared error"),
}
"""Column of ``Race.points`` -> quantity. Each is summed over pixels and averaged over images."""
