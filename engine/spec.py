"""What every experiment's settings have in common, and the codec that turns them into a link and back.

A ``Spec`` is the whole contract of an experiment: its fields carry bounds, defaults, units and one line of help, and
the widgets, the link and the exported script are all read off them.

The link's grammar uses only characters that a URL leaves unescaped (letters, digits and ``- . _ ~``)::

    steps=400                                a scalar; a bool is 0 or 1
    start=-1.5_2                             a tuple of scalars, joined by _
    lanes=sgd_lr_0.001~adam_lr_0.1           nested specs, joined by ~: the tag, then key and value by turns, all by _;
                                             ``link_keys`` says which key a field has there
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

LONGEST_LINK = 1_900
"""Characters of a spec's parameters in a URL. With the page's address a link stays below 2,000, which every browser,
mail client and chat carries. A spec that needs more is refused, and a longer value in a link is not read."""

# Parameters of one link that are looked at.
MOST_PARAMETERS = 60

# Problems of one link that are told one by one.
MOST_PROBLEMS = 5


S = TypeVar("S", bound="Spec")


class Spec(BaseModel):
    """Frozen settings of one experiment. Subclasses declare fields with bounds, defaults, titles and descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @model_validator(mode="after")
    def fits_in_a_link(self) -> Self:
        if (length := len(urlencode(encode(self)))) > LONGEST_LINK:
            raise ValueError(
                f"these settings make a link of {length:,} characters; at most {LONGEST_LINK:,} can be shared"
            )
        return self

    def but(self, **changes: Any) -> Self:
        """A copy with ``changes``, validated as a whole. Raises pydantic.ValidationError."""
        return type(self)(**{**dict(self), **changes})

    def only(self, kind: type[S]) -> S:
        """The settings of ``kind``, whose fields are all among this spec's."""
        return kind(**{name: getattr(self, name) for name in kind.model_fields})


def encode(spec: Spec) -> dict[str, str]:
    """The link's parameters for ``spec``: field name -> text, defaults left out. ``decode`` inverts it exactly."""
    return {name: _write(value) for name, value in _changed(spec)}


def decode(cls: type[S], params: Mapping[str, str]) -> tuple[S, list[str]]:
    """Read a link. Total on any input: never raises, and never returns a spec outside its bounds.

    Returns the spec and one sentence for each value that could not be used; see ``read`` and ``fit``.
    """
    values, problems = read((cls,), params)
    spec, unfit = fit(cls, values)
    return spec, shortened(problems + unfit)


def read(classes: Iterable[type[Spec]], params: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The values in a link, each validated by itself against the field of that name in the first of ``classes`` that
    has one; and one sentence for each that could not be used, whose field takes its default, alone."""
    problems: list[str] = []
    values: dict[str, Any] = {}
    owners = {name: cls for cls in reversed(list(classes)) for name in cls.model_fields}
    for name, text in list(params.items())[:MOST_PARAMETERS]:
        if name not in owners:
            problems.append(f"{_quoted(name)} is not a setting here and was left out.")
            continue
        try:
            if len(text) > LONGEST_LINK:
                raise ValueError(f"it has {len(text):,} characters, more than {LONGEST_LINK:,}")
            value, inner = _read(owners[name].model_fields[name].annotation, text)
            _alone(owners[name], name).validate_python(value)
        except ValueError as error:
            problems.append(unused(name, text, _reason(error)))
        else:
            problems += inner
            values[name] = value
    return values, problems


def unused(name: str, text: str, reason: str) -> str:
    """What a visitor is told of a value in a link that could not be used."""
    return f"{name} = {_quoted(text)} was not used: {reason}. The default stands instead."


def shortened(problems: list[str]) -> list[str]:
    """``problems`` with the number of the rest in place of all beyond ``MOST_PROBLEMS``."""
    rest = len(problems) - MOST_PROBLEMS
    return [*problems[:MOST_PROBLEMS], f"And {rest} more like these."] if rest > 0 else problems


@cache
def _alone(cls: type[Spec], name: str) -> TypeAdapter[Any]:
    """The rules of one field, without those on the spec as a whole."""
    info = cls.model_fields[name]
    rules: Any = Annotated[info.annotation, info]
    return TypeAdapter(rules)


def fit(cls: type[S], values: Mapping[str, Any]) -> tuple[S, list[str]]:
    """The spec with ``values``, each of which is fine by itself, and a sentence for what had to be given up.

    Where the values are too much together (a cost limit), the last one whose default mends it goes; where none does,
    all that do not fit with those before them.
    """
    try:
        return cls(**values), []
    except ValidationError as error:
        reason = _reason(error)
    for name in reversed(list(values)):
        with suppress(ValidationError):
            spec = cls(**{key: value for key, value in values.items() if key != name})
            return spec, [f"{name} went back to its default: {reason}."]
    kept: dict[str, Any] = {}
    for name, value in values.items():
        with suppress(ValidationError):
            cls(**kept, **{name: value})
            kept[name] = value
    given_up = ", ".join(name for name in values if name not in kept)
    return cls(**kept), [f"{given_up} went back to their defaults: {reason}."]


def _changed(spec: Spec) -> list[tuple[str, Any]]:
    """Fields that differ from their default, in declared order; a union's tag is written apart."""
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
        pairs = ((keys[name], _write(inner)) for name, inner in _changed(value))
        return "_".join((tag(type(value)), *(part for pair in pairs for part in pair)))
    if isinstance(value, tuple):
        return ("~" if any(isinstance(item, Spec) for item in value) else "_").join(map(_write, value))
    return str(value)


def tag(cls: type[Spec]) -> str:
    """What names ``cls`` inside a link: the one value of its first field, a ``Literal``."""
    first = next(iter(cls.model_fields.values()))
    return str(get_args(first.annotation)[0])


def link_keys(cls: type[Spec]) -> dict[str, str]:
    """Field name -> its key where ``cls`` stands inside another spec's link: ``"link"`` of the field's
    ``json_schema_extra``, else its name with - for _."""
    extras = {name: info.json_schema_extra for name, info in cls.model_fields.items()}
    return {
        name: str(extra.get("link", name) if isinstance(extra, dict) else name).replace("_", "-")
        for name, extra in extras.items()
    }


# How a scalar is written in a link: what it is called, its regular expression, and what reads it.
SCALARS: dict[type, tuple[str, str, Callable[[str], float]]] = {
    bool: ("0 or 1", "[01]", lambda text: text == "1"),
    int: ("a whole number", "-?[0-9]{1,12}", int),
    float: ("a number", r"-?([0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})([eE]-?[0-9]{1,4})?", float),
}


def _read(kind: Any, text: str) -> tuple[Any, list[str]]:
    """``text`` as a value of the annotation ``kind``, and the problems met inside it.

    Raises ValueError where it has another form; the message says what was expected.
    """
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _read(args[0], text)
    if origin in (Union, types.UnionType) and type(None) in args:
        return _read(next(arg for arg in args if arg is not type(None)), text)  # None is a default, so never written
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
        raise ValueError(f"expected {words}")
    if not math.isfinite(number := convert(text)):
        raise ValueError("the number is too large")
    return number, []


def members(kind: Any) -> tuple[type[Spec], ...]:
    """The spec classes that an annotation admits: one, a union's, or none where it is no spec."""
    if get_origin(kind) is Annotated:
        return members(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return tuple(cls for arg in get_args(kind) for cls in members(arg))
    return (kind,) if isinstance(kind, type) and issubclass(kind, Spec) else ()


def _read_specs(classes: tuple[type[Spec], ...], texts: list[str]) -> tuple[tuple[Spec, ...], list[str]]:
    """Nested specs. One of an unknown kind is left out; a bad field of a known one takes its default."""
    by_tag = {tag(cls): cls for cls in classes}
    specs: list[Spec] = []
    problems: list[str] = []
    for text in texts:
        name, *rest = text.split("_")
        if name not in by_tag:
            problems.append(f"{_quoted(name)} is not known here and was left out.")
            continue
        if len(rest) % 2:
            problems.append(f"{_quoted(text)}: a value is missing at its end; the last key was left out.")
        names = {key: field for field, key in link_keys(by_tag[name]).items()}
        pairs = {names.get(key, key): value for key, value in zip(rest[::2], rest[1::2], strict=False)}
        spec, inner = decode(by_tag[name], pairs)
        specs.append(spec)
        problems += [f"{name}: {problem}" for problem in inner]
    if texts and not specs:
        raise ValueError("nothing in it is known here")
    return tuple(specs), problems


def _quoted(text: str) -> str:
    """Untrusted text, short and in quotation marks, safe to show as plain text."""
    return repr(text if len(text) <= 40 else text[:39] + "…")


WORDS = {
    "greater_than": "it must be above {gt:g}",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than": "it must be below {lt:g}",
    "less_than_equal": "it must be at most {le:g}",
    "literal_error": "expected {expected}",
    "too_short": "at least {min_length} must be there",
    "too_long": "at most {max_length} can be taken",
    "string_too_long": "at most {max_length} characters can be read",
}
"""What is told where pydantic's own words speak to programmers, by its type of error."""


def reason(error: ValidationError) -> str:
    """The first thing that was wrong, as a clause for people."""
    first = error.errors(include_url=False, include_input=False)[0]
    if words := WORDS.get(first["type"]):
        return words.format(**first["ctx"])
    return first["msg"].removeprefix("Value error, ").rstrip(".")


def _reason(error: ValueError) -> str:
    return reason(error) if isinstance(error, ValidationError) else str(error)
