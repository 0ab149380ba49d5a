"""Types of settings, and what a field declares about itself: options, labels, bounds, help."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import core_schema


def six_digits(value: float) -> float:
    """Round a setting to six significant digits, so that links are short and exact. No result is rounded here."""
    return float(f"{value:.6g}")


Real = Annotated[float, Field(allow_inf_nan=False), AfterValidator(six_digits)]
"""A finite setting, rounded to six significant digits."""


@dataclass(frozen=True)
class Quantity:
    """A quantity that can be drawn. label: its name in a choice. title: its name at the axis."""

    label: str
    title: str


@dataclass(frozen=True)
class Choice:
    """Marks a ``str`` field as a key of ``options``: ``Annotated[str, Choice(ACTIVATIONS, "activation")]``.

    options: key -> the label shown, or a record that has a ``label``. The widget offers these options, and every other
        key is refused. A new entry is therefore offered wherever the field is used.
    noun: the word for one option in the error message.
    """

    options: Mapping[str, Any]
    noun: str = "choice"

    def labels(self) -> dict[str, str]:
        """Return key -> label."""
        return {key: entry if isinstance(entry, str) else str(entry.label) for key, entry in self.options.items()}

    def check(self, key: str) -> str:
        if key not in self.options:
            raise ValueError(f"the {self.noun} must be one of {', '.join(self.options)}")
        return key

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))


def choices(info: FieldInfo) -> dict[str, str]:
    """The options of a choice field, key -> label. Empty for any other field."""
    for rule in info.metadata:
        if isinstance(rule, Choice):
            return rule.labels()
    return {}


def describe(info: FieldInfo) -> str:
    """The field's line of help with its unit, as it is shown beside the widget."""
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    unit = extra.get("unit")
    return f"{info.description or ''}{f' Unit: {unit}.' if unit else ''}".strip()


def bounds(info: FieldInfo) -> tuple[float, float]:
    """The least and greatest value of a number field. An open bound is moved inwards by a negligible amount."""
    low, high = -1e6, 1e6
    for rule in info.metadata:
        low = getattr(rule, "ge", low)
        high = getattr(rule, "le", high)
        if hasattr(rule, "gt"):
            low = rule.gt + 1e-12 if rule.gt == 0 else rule.gt * (1 + 1e-6)
        if hasattr(rule, "lt"):
            high = rule.lt * (1 - 1e-6)
    return float(low), float(high)


def widget(info: FieldInfo) -> str:
    """The widget that the field asks for: ``"draw"`` of its json_schema_extra, or "box" by default.

    "slider" is for a number, and "log-slider" for a number whose values span decades. "segmented" shows all options of
    a choice side by side. A "box" is typed into, or opens a list of options.
    """
    extra = info.json_schema_extra
    return str(extra.get("draw", "box")) if isinstance(extra, dict) else "box"


def changes(fields: Mapping[str, FieldInfo], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs between two sets of settings, as "Title old → new". A setting with parts gives its title."""
    said = []
    for name, info in fields.items():
        if before[name] != after[name]:
            title = info.title or name.replace("_", " ")
            old, new = (_shown(info, values[name]) for values in (before, after))
            said.append(f"{title} {old} → {new}" if old and new else title)
    return said


def _shown(info: FieldInfo, value: Any) -> str:
    """A setting's value in a few letters; "" if it has parts or is not set."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return choices(info).get(str(value), str(value)[:40]) if isinstance(value, str | int) else ""
