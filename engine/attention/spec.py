"""The settings of what is looked at: a model, a text, a head and one of its weights."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.fields import Choice
from engine.spec import Spec
from engine.transformer import SHIPPED, load
from engine.transformer.model import Model
from engine.transformer.tasks import Task

MODELS = {name: model.label for name, model in SHIPPED.items() if model.spec.kind == "transformer"}
"""The models that can be chosen, and their labels."""

PARTS = {"stack": "The text at itself", "cross": "The text at its source", "encoder": "The source at itself"}
"""Which tokens look at which."""

LONGEST_TEXT = 64


class HeadsSpec(Spec):
    """A model, a text, and the weight of a head that is taken apart."""

    model: Annotated[str, Choice(MODELS, "model")] = Field(
        "induction", title="Model", description="Trained by this lab; it ships with it"
    )
    step: int = Field(
        0, ge=0, le=20_000, title="After", description="Steps of training; 0 for the trained model",
        json_schema_extra={"unit": "steps"},
    )  # fmt: skip
    text: str = Field("", max_length=LONGEST_TEXT, title="Text", description="What the model reads. Empty: an example")
    part: Annotated[str, Choice(PARTS, "attention")] = Field(
        "stack", title="Who looks", description="Which tokens look at which"
    )
    layer: int = Field(2, ge=1, le=6, title="Layer", description="Counted from the input")
    head: int = Field(1, ge=1, le=16, title="Head", description="Heads of a layer work side by side")
    query: int = Field(
        0, ge=0, le=LONGEST_TEXT + 2, title="Token that looks", description="Its place; 0 for the last one"
    )
    key: int = Field(
        0, ge=0, le=LONGEST_TEXT + 2, title="Token looked at", description="Its place; 0 for the one with most weight"
    )

    @model_validator(mode="after")
    def is_there(self) -> Self:
        shipped, task, kept = SHIPPED[self.model], self.task(), SHIPPED[self.model].steps
        if self.step not in (0, *kept):
            raise ValueError(f"this model is kept after {', '.join(map(str, kept))} steps")
        if self.part != "stack" and task.sources is None:
            raise ValueError("this model reads no source, so its text can only look at itself")
        if self.layer > shipped.spec.layers:
            raise ValueError(f"this model has {shipped.spec.layers} {'layers' if shipped.spec.layers > 1 else 'layer'}")
        if self.head > shipped.spec.heads:
            raise ValueError(f"a layer of this model has {shipped.spec.heads} heads")
        if self.text:
            task.read(self.text)
        return self

    def task(self) -> Task:
        """What the model has learned."""
        return SHIPPED[self.model].spec.chosen()

    def trained(self) -> Model:
        """The model. Nobody may change it."""
        return load(self.model, self.step or None)

    def kept(self) -> int:
        """The number of steps after which the model is shown."""
        return self.step or SHIPPED[self.model].steps[-1]

    def shown(self) -> str:
        """The text that the model reads: the visitor's, or the first example of the task."""
        return self.text or self.task().tries[0]
