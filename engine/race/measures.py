"""What lanes are compared by, and at equal values of what."""

from dataclasses import dataclass

from engine.fields import Quantity


@dataclass(frozen=True)
class Axis(Quantity):
    """What is equal for all lanes when their losses are compared.

    word: its unit, one of it. amount: its unit in the plural, in a sentence. by: how lanes are then compared, in words.
    about: what is fair in this comparison, and what is not.
    """

    word: str
    amount: str
    by: str
    about: str


AXES = {
    "epoch": Axis(
        "Epoch",
        "Epoch",
        "epoch",
        "epochs",
        "per epoch",
        "All optimizers have seen the same images equally often. How long their steps took does not count here.",
    ),
    "seconds": Axis(
        "Seconds",
        "Seconds of training",
        "second",
        "s",
        "by the clock",
        "The time is that of the median optimizer. Quick ones had finished all epochs before: the table says how many "
        "seconds and epochs each had.",
    ),
    "gradients": Axis(
        "Operations",
        "Operations, in gradients of a batch",
        "gradient",
        "gradients",
        "at equal compute",
        "All optimizers have done the same number of operations. The unit is what the loss and its gradient take for "
        "one batch.",
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
