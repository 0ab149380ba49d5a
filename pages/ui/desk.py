"""The experiment on a visitor's desk: one spec a page, kept in the session, mirrored in the address bar.

A script run begins with ``Desk(...)``, which takes the spec from the session, or from the address when that holds
something the page did not write (a link was opened, or Back was pressed). Widgets are drawn from the spec and change it
only through their callbacks, so that no value lives in two places; ``write_address`` ends the run.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

import streamlit as st
from pydantic import ValidationError

from engine.spec import Spec, decode, encode, reason

S = TypeVar("S", bound=Spec)
Path = tuple[str | int, ...]


@dataclass
class Memory:
    """What a session remembers of one page.

    written: the address parameters that belong to ``spec``.
    problems: what the visitor is to be told, a sentence each.
    drafts: what was entered at a path and the spec could not take, with the reason.
    answering: this run answers a widget, so the address in it may be one run behind and is no news.
    """

    spec: Any
    written: dict[str, str]
    problems: list[str]
    drafts: dict[Path, tuple[Any, str]] = field(default_factory=dict)
    answering: bool = False


class Desk(Generic[S]):
    """The spec of the page called ``name``."""

    def __init__(self, cls: type[S], name: str):
        self.name = name
        params = st.query_params.to_dict()
        memory = _memory(name)
        if memory is None or (not memory.answering and params != memory.written):
            spec, problems = decode(cls, params)
            memory = Memory(spec, params, problems)
            st.session_state[f"{name}/desk"] = memory
        memory.answering = False
        self.memory = memory

    @property
    def spec(self) -> S:
        return cast(S, self.memory.spec)

    @property
    def problems(self) -> list[str]:
        return self.memory.problems

    def draft(self, path: Path) -> tuple[Any, str] | None:
        return self.memory.drafts.get(path)

    def answer(self) -> None:
        """The callback of a widget that changes no setting."""
        self.memory.answering = True

    def change(self, path: Path, value: Any) -> None:
        """Set one setting. One that the spec refuses is kept as a draft, and the experiment stays as it was."""
        self.answer()
        try:
            self.memory.spec = _with(self.spec, path, value)
        except ValidationError as error:
            self.memory.drafts[path] = (value, reason(error))
        except (IndexError, AttributeError):
            return  # The widget of a lane that is gone: it was touched before the page was drawn anew.
        else:
            self.memory.drafts.pop(path, None)
            self.memory.problems = []

    def callback(self, make: Callable[..., S]) -> Callable[..., None]:
        """A callback that puts ``make(spec, ...)`` on the desk; a result that the spec refuses changes nothing."""

        def act(*args: Any) -> None:
            self.answer()
            try:
                self.memory.spec = make(self.spec, *args)
            except ValidationError as error:
                self.memory.problems = [f"Nothing was changed: {reason(error)}."]
            else:
                self.memory.drafts = {}
                self.memory.problems = []

        return act

    def widget(self, path: Path, shown: Any, kind: str) -> dict[str, Any]:
        """``key``, ``on_change`` and ``args`` of the widget for ``path``, which will show ``shown``.

        kind: tells two widgets for one setting apart, a slider and a box say.
        """
        key = f"{self.name}/{'.'.join(map(str, path))}/{kind}"
        draft = self.draft(path)
        st.session_state[key] = draft[0] if draft else shown
        return {"key": key, "on_change": self._take, "args": (path, key)}

    def _take(self, path: Path, key: str) -> None:
        if st.session_state[key] is None:  # A box was emptied: it shows its number again.
            self.answer()
        else:
            self.change(path, st.session_state[key])

    def write_address(self) -> None:
        """Let the address bar hold this experiment. To be called once, at the end of the page."""
        params = encode(self.spec)
        if params != st.query_params.to_dict():
            st.query_params.from_dict(params)
        self.memory.written = params
        self.memory.answering = False  # a fragment's run ends here too, and no Desk is made anew for the next


def link_of(name: str) -> dict[str, str]:
    """The address parameters under which the page called ``name`` was last left in this session."""
    memory = _memory(name)
    return dict(memory.written) if memory else {}


def _memory(name: str) -> Memory | None:
    memory: Memory | None = st.session_state.get(f"{name}/desk")
    return memory


def _with(spec: Any, path: Path, value: Any) -> Any:
    """A copy of ``spec`` with ``value`` at ``path``, validated.

    Raises pydantic.ValidationError for a value, IndexError or AttributeError for a path, that the spec does not take.
    """
    if not path:
        return value
    first, *rest = path
    if isinstance(spec, tuple):
        index = int(first)
        return (*spec[:index], _with(spec[index], tuple(rest), value), *spec[index + 1 :])
    return spec.but(**{str(first): _with(getattr(spec, str(first)), tuple(rest), value)})
