"""The base class of all settings, and the codec that writes settings as a link and reads them again.

A ``Spec`` is the whole contract of an experiment. Its fields carry bounds, defaults, units and one line of help. The
widgets, the link and the exported script are derived from these fields.

The grammar of a link uses only characters that a URL leaves unescaped (letters, digits and ``- . _ ~``)::

    steps=400                                a scalar; a bool is 0 or 1
    start=-1.5_2                             a tuple of scalars, joined by _
    lanes=sgd_lr_0.001~adam_lr_0.1           nested specs, joined by ~. Each is TAG_KEY_VALUE_KEY_VALUE and so on.
                                             ``link_keys`` gives the key of a field. In the value of a choice, each _
                                             is written as -.
"""

import math
import re
import types
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from typing import Annotated, Any, Self, TypeVar, Union, get_args, get_origin
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator

from engine.fields import choices
from engine.numerals import read_number
from engine.refusals import quoted, reason

LONGEST_LINK = 1_900
"""The most characters that a spec's parameters may have in a URL.

The whole link, with the page's address, then has fewer than 2,000 characters. Every browser, mail client and chat
program accepts such a link. A spec that needs more is refused, and a longer value in a link is not read.
"""

# The most parameters that are read from one link.
MOST_PARAMETERS = 60

# The most problems of one link that are reported one by one.
MOST_PROBLEMS = 5


S = TypeVar("S", bound="Spec")


class Spec(BaseModel):
    """Frozen settings of an experiment. A subclass declares fields with bounds, defaults, titles and descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @model_validator(mode="after")
    def fits_in_a_link(self) -> Self:
        if (length := len(urlencode(encode(self)))) > LONGEST_LINK:
            raise ValueError(
                f"these settings need a link of {length:,} characters, but a link has at most {LONGEST_LINK:,}"
            )
        return self

    def but(self, **changes: Any) -> Self:
        """Return a copy with ``changes``. The copy is validated as a whole. Raises pydantic.ValidationError."""
        return type(self)(**{**dict(self), **changes})

    def only(self, kind: type[S]) -> S:
        """Copy these settings into a ``kind``. This spec must have all fields of ``kind``."""
        return kind(**{name: getattr(self, name) for name in kind.model_fields})


def encode(spec: Spec, *always: str) -> dict[str, str]:
    """The parameters of a link to ``spec``, without defaults: field name -> text. ``decode`` restores it exactly.

    always: fields that are written even if they have their default.
    """
    return {name: _write(getattr(spec, name)) for name in (*always, *(name for name, _ in _changed(spec)))}


def decode(cls: type[S], params: Mapping[str, str]) -> tuple[S, list[str]]:
    """Read a link. Any input gives a spec within its bounds, and none raises an exception.

    Returns the spec and one sentence for each value that could not be used. See ``read``, ``fit`` and ``shortened``.
    """
    values, problems = read((cls,), params)
    spec, unfit = fit(cls, values)
    return spec, shortened(problems + unfit)


def read(classes: Iterable[type[Spec]], params: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Read the values of a link, and validate each value alone.

    A value belongs to the first of ``classes`` that has a field of the same name. Returns the valid values, and one
    sentence for each value that could not be used. Only the field of that value then takes its default.
    """
    problems: list[str] = []
    values: dict[str, Any] = {}
    owners = {name: cls for cls in reversed(list(classes)) for name in cls.model_fields}
    for name, text in list(params.items())[:MOST_PARAMETERS]:
        if name not in owners:
            problems.append(f"{quoted(name)} is not a setting here and was left out.")
            continue
        try:
            if len(text) > LONGEST_LINK:
                raise ValueError(f"it has {len(text):,} characters, more than {LONGEST_LINK:,}")
            value, inner = _read(owners[name].model_fields[name].annotation, text)
            _alone(owners[name], name).validate_python(value)
        except ValueError as error:
            problems.append(unused(name, text, reason(error)))
        else:
            problems += inner
            values[name] = value
    return values, problems


def unused(name: str, text: str, reason: str) -> str:
    """Say in a sentence for the visitor that a value of the link could not be used."""
    return f"{name} = {quoted(text)} was not used: {reason}. The default is used instead."


def shortened(problems: list[str]) -> list[str]:
    """Return the first ``MOST_PROBLEMS`` of ``problems``, and one sentence with the number of the others."""
    rest = len(problems) - MOST_PROBLEMS
    return [*problems[:MOST_PROBLEMS], f"And {rest} more like these."] if rest > 0 else problems


@cache
def _alone(cls: type[Spec], name: str) -> TypeAdapter[Any]:
    """The validation rules of one field, without the rules for the spec as a whole."""
    info = cls.model_fields[name]
    rules: Any = Annotated[info.annotation, info]
    return TypeAdapter(rules)


def fit(cls: type[S], values: Mapping[str, Any]) -> tuple[S, list[str]]:
    """Build a spec from ``values``. Each value alone is valid, but together they may not be, as with a cost limit.

    Then one value goes back to its default: the last one where that makes the spec valid. If there is no such value,
    the values are tried in order, and each value that is not valid together with the earlier ones goes back to its
    default. Returns the spec, and a sentence about the values that went back.
    """
    try:
        return cls(**values), []
    except ValidationError as error:
        why = reason(error)
    for name in reversed(list(values)):
        with suppress(ValidationError):
            spec = cls(**{key: value for key, value in values.items() if key != name})
            return spec, [f"{name} went back to its default: {why}."]
    kept: dict[str, Any] = {}
    for name, value in values.items():
        with suppress(ValidationError):
            cls(**kept, **{name: value})
            kept[name] = value
    given_up = ", ".join(name for name in values if name not in kept)
    return cls(**kept), [f"{given_up} went back to their defaults: {why}."]


def _changed(spec: Spec) -> list[tuple[str, Any]]:
    """The fields that differ from their default, in declared order. A tag equals its default: ``_write`` adds it."""
    return [
        (name, getattr(spec, name))
        for name, info in type(spec).model_fields.items()
        if getattr(spec, name) != info.get_default(call_default_factory=True)
    ]


def _write(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.6g}".replace("e+", "e")
    if isinstance(value, Spec):
        keys = link_keys(type(value))
        pairs = ((keys[name], _part(inner)) for name, inner in _changed(value))
        return "_".join((tag(type(value)), *(part for pair in pairs for part in pair)))
    if isinstance(value, tuple):
        return ("~" if any(isinstance(item, Spec) for item in value) else "_").join(map(_write, value))
    return str(value)


def _part(value: Any) -> str:
    """A value inside a nested spec."""
    return value.replace("_", "-") if isinstance(value, str) else _write(value)


def tag(cls: type[Spec]) -> str:
    """The name of ``cls`` inside a link: the only value of its first field, which is a ``Literal``."""
    first = next(iter(cls.model_fields.values()))
    return str(get_args(first.annotation)[0])


def link_keys(cls: type[Spec]) -> dict[str, str]:
    """The key of each field of ``cls`` in a link, where ``cls`` is a part of another spec: field name -> key.

    The key is ``"link"`` of the field's ``json_schema_extra``, or else the field's name. In the key, each _ is
    written as -.
    """
    extras = {name: info.json_schema_extra for name, info in cls.model_fields.items()}
    return {
        name: str(extra.get("link", name) if isinstance(extra, dict) else name).replace("_", "-")
        for name, extra in extras.items()
    }


# How a scalar is written in a link: its description, its regular expression, and the function that reads it.
SCALARS: dict[type, tuple[str, str, Callable[[str], float]]] = {
    bool: ("0 or 1", "[01]", lambda text: text == "1"),
    int: ("a whole number", "-?[0-9]{1,12}", int),
    float: ("a number", r"-?([0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})([eE]-?[0-9]{1,4})?", float),
}


def _read(kind: Any, text: str) -> tuple[Any, list[str]]:
    """Read ``text`` as a value of the annotation ``kind``. Returns the value and the problems found inside it.

    Raises ValueError if ``text`` has another form. The message says what was expected.
    """
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _read(args[0], text)
    if origin in (Union, types.UnionType) and type(None) in args:
        # None is always a default, and links leave out defaults.
        return _read(next(arg for arg in args if arg is not type(None)), text)
    if origin is tuple and args[-1] is Ellipsis and text == "":
        return (), []
    if origin is tuple and members(args[0]):
        return _read_specs(members(args[0]), text.split("~"))
    if origin is tuple:
        parts = text.split("_")
        if args[-1] is not Ellipsis and len(parts) != len(args):
            raise ValueError(f"expected {len(args)} values joined by _")
        kinds = args[:1] * len(parts) if args[-1] is Ellipsis else args
        return tuple(_read(inner, part)[0] for inner, part in zip(kinds, parts, strict=True)), []
    if kind not in SCALARS:
        return text, []
    words, form, convert = SCALARS[kind]
    if not re.fullmatch(form, text):
        if kind is float and "," in text and text.isascii():
            with suppress(ValueError):
                return read_number(text), []  # typed by a person, with a decimal comma
        raise ValueError(f"expected {words}")
    if not math.isfinite(number := convert(text)):
        raise ValueError("the number is too large")
    return number, []


def members(kind: Any) -> tuple[type[Spec], ...]:
    """The spec classes that an annotation allows: one class, all classes of a union, or none if it is no spec."""
    if get_origin(kind) is Annotated:
        return members(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return tuple(cls for arg in get_args(kind) for cls in members(arg))
    return (kind,) if isinstance(kind, type) and issubclass(kind, Spec) else ()


def _read_specs(classes: tuple[type[Spec], ...], texts: list[str]) -> tuple[tuple[Spec, ...], list[str]]:
    """Read nested specs. A spec of an unknown kind is left out. A bad field of a known spec takes its default."""
    by_tag = {tag(cls): cls for cls in classes}
    specs: list[Spec] = []
    problems: list[str] = []
    for text in texts:
        name, *rest = text.split("_")
        if name not in by_tag:
            problems.append(f"{quoted(name)} is not known here and was left out.")
            continue
        if len(rest) % 2:
            problems.append(f"{quoted(text)} has no value after its last key, so this key was left out.")
        names = {key: field for field, key in link_keys(by_tag[name]).items()}
        twice = sorted({key for key in rest[::2] if rest[::2].count(key) > 1})
        if twice:
            problems.append(f"{quoted(text)} has more than one {twice[0]}; the last is used.")
        pairs = {
            names.get(key, key): _chosen(by_tag[name], names.get(key, key), value)
            for key, value in zip(rest[::2], rest[1::2], strict=False)
        }
        spec, inner = decode(by_tag[name], pairs)
        specs.append(spec)
        problems += [f"{name}: {problem}" for problem in inner]
    if texts and not specs:
        raise ValueError("nothing in it is known here")
    return tuple(specs), problems


def _chosen(cls: type[Spec], name: str, text: str) -> str:
    """The key of a choice that ``_part`` wrote; any other text is returned as it is."""
    options = choices(cls.model_fields[name]) if name in cls.model_fields else {}
    key = text.replace("-", "_")
    return key if key in options and text not in options else text
