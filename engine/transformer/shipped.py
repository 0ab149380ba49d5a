"""The trained models that ship with the lab. ``python -m engine.transformer NAME`` makes one again.

Weights are kept in half precision. A model is read from its rounded weights, so these are the model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from engine.transformer.architectures import KINDS
from engine.transformer.model import Model
from engine.transformer.training_spec import LearnSpec

FOLDER = Path(__file__).parent / "weights"
"""The files: NAME-STEP.safetensors, and NAME.json.gz with the events of the training."""

MOST_BYTES = 20_000_000
"""The most that all files may take."""


@dataclass(frozen=True)
class Shipped:
    """A trained model. spec: how it is trained. steps: after which steps its weights are kept; the last is the model's.

    label, about: its name, and what it is for, in a sentence.
    """

    label: str
    about: str
    spec: LearnSpec
    steps: tuple[int, ...]


INDUCTION = LearnSpec()
LETTERS = LearnSpec(
    task="reverse", layers=1, heads=4, feed_forward=128, positions="sinusoidal", enlarged=True, bias=True, spread=0,
    batch=128, steps=1_500, every=250, lr=0.002, fall="cosine", weight_decay=0.01,
)  # fmt: skip
DATES = LETTERS.but(task="dates", steps=1_200, every=100)
SOUNDS = LETTERS.but(
    task="sounds", layers=2, width=128, feed_forward=256, batch=256, steps=3_300, every=300, lr=0.0025, warmup=330
)

RIVALS: Mapping[str, Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "dates": {
            "recurrent": (70, 1_130), "additive": (66, 770), "multiplicative": (72, 1_160),
            "convolutional": (72, 1_400),
        },
        "sounds": {"additive": (188, 3_100)},
    }
)  # fmt: skip
"""Models of other kinds with as many weights as the transformer, to 3 %, and as much time to train: task -> kind ->
width, steps. ``benchmarks/rival_seconds.py`` measures the times of their steps."""


def rival(transformer: LearnSpec, kind: str, width: int, steps: int) -> "Shipped":
    """A model of another ``kind`` for the task of ``transformer``."""
    spec = transformer.but(kind=kind, width=width, heads=1, steps=steps, every=steps // 10)
    label = f"{transformer.chosen().label}: {KINDS[kind].label.lower()}"
    return Shipped(
        label, f"{KINDS[kind].about} As many weights as the transformer, trained for as long.", spec, (steps,)
    )


SHIPPED: Mapping[str, Shipped] = MappingProxyType(
    {
        "induction": Shipped(
            "Induction", "Finds an earlier copy and continues it.", INDUCTION, tuple(range(0, 301, 25))
        ),
        "one_layer": Shipped(
            "Induction, one layer",
            "One layer cannot learn induction, whatever the time.",
            INDUCTION.but(layers=1, every=300),
            (300,),
        ),
        "copy": Shipped("Copy letters", "Copies letters.", LETTERS.but(task="copy", steps=750), (750,)),
        "reverse": Shipped("Reverse letters", "Reverses letters.", LETTERS, (250, 1_500)),
        "sort": Shipped("Sort letters", "Sorts letters.", LETTERS.but(task="sort"), (250, 1_500)),
        "dates": Shipped("Dates", "Reads dates. After 100 steps it errs often.", DATES, (100, 200, 1_200)),
        "ambiguous": Shipped(
            "Dates, ambiguous",
            "Reads dates of which some can be read in two ways.",
            DATES.but(task="ambiguous"),
            (100, 1_200),
        ),
        "sounds": Shipped(
            "Words to sounds", "Says how words sound. The early ones err often.", SOUNDS, (300, 900, 3_300)
        ),
        **{
            f"{name}_{kind}": rival(spec, kind, width, steps)
            for name, spec in (("dates", DATES), ("sounds", SOUNDS))
            for kind, (width, steps) in RIVALS[name].items()
        },
    }
)
"""All shipped models by name."""


def path_of(name: str, step: int) -> Path:
    """The file of a model's weights."""
    return FOLDER / f"{name}-{step}.safetensors"


def rounded(model: Model) -> bytes:
    """The weights of ``model`` in half precision, as a file of safetensors."""
    from safetensors import torch as tensors

    return tensors.save({name: weight.detach().half().contiguous() for name, weight in model.state_dict().items()})


def filled_in(spec: LearnSpec, data: bytes, whose: str) -> Model:
    """The model of ``spec`` with the weights in ``data``, for use, in float32.

    Raises ValueError if ``data`` are no such file, or hold the weights of another model.
    """
    from safetensors import SafetensorError
    from safetensors import torch as tensors

    model = spec.model()
    try:
        weights = tensors.load(data)
        model.load_state_dict({name: weight.float() for name, weight in weights.items()})
    except (SafetensorError, RuntimeError, ValueError) as error:
        problem = str(error).strip().splitlines()[0]
        raise ValueError(f"the weights of {whose} are damaged, or belong to another model: {problem}") from error
    return model.eval()


@cache
def load(name: str, step: int | None = None) -> Model:
    """A shipped model after a number of steps, its last by default. It is read once; nobody may change it.

    Raises ValueError if there is no such model or step, or if its file is damaged.
    """
    if name not in SHIPPED:
        raise ValueError(f"there is no model {name}; there are {', '.join(SHIPPED)}")
    kept = SHIPPED[name].steps
    step = kept[-1] if step is None else step
    if step not in kept:
        raise ValueError(f"{name} is kept after the steps {', '.join(map(str, kept))}, not after {step}")
    return filled_in(SHIPPED[name].spec, path_of(name, step).read_bytes(), f"{name} after {step} steps")
