"""The experiment on a visitor's desk: one spec a page, kept in the session, mirrored in the address bar.

A script run begins with ``Desk(...)``, which takes the spec from the session, or from the address when that holds
something the page did not write (a link was opened, or Back was pressed). Widgets are drawn from the spec and change it
only through their callbacks, so that no value lives in two places; ``write_address`` ends the run.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import streamlit as st
from pydantic import ValidationError

from engine.spec import Spec, decode, encode

S = TypeVar("S", bound=Spec)
Path = tuple[str | int, ...]


class Desk(Generic[S]):
    """The spec of the page called ``name``."""

    def __init__(self, cls: type[S], name: str):
        self.name = name
        memory = st.session_state
        params = st.query_params.to_dict()
        # After a callback the address may still be one run behind; it is then no news.
        changed_here = memory.pop(self._key("changed"), False)
        if self._key("spec") not in memory or (not changed_here and params != memory[self._key("written")]):
            spec, memory[self._key("problems")] = decode(cls, params)
            memory[self._key("drafts")] = {}
            self._store(spec)
            memory[self._key("written")] = params
        elif changed_here:
            memory[self._key("problems")] = []

    def _key(self, what: str) -> str:
        return f"{self.name}/{what}"

    def _store(self, spec: S) -> None:
        st.session_state[self._key("spec")] = spec

    @property
    def spec(self) -> S:
        spec: S = st.session_state[self._key("spec")]
        return spec

    @property
    def problems(self) -> list[str]:
        """What was wrong with the link that was opened, a sentence each."""
        problems: list[str] = st.session_state.get(self._key("problems"), [])
        return problems

    def draft(self, path: Path) -> tuple[Any, str] | None:
        """What the visitor entered at ``path`` and the spec could not take, with the reason."""
        draft: tuple[Any, str] | None = st.session_state[self._key("drafts")].get(path)
        return draft

    def replace(self, spec: S) -> None:
        """Put another experiment on the desk. For callbacks."""
        st.session_state[self._key("changed")] = True
        st.session_state[self._key("drafts")] = {}
        self._store(spec)

    def change(self, path: Path, value: Any) -> None:
        """Set one setting. One that the spec refuses is kept as a draft, and the experiment stays as it was."""
        st.session_state[self._key("changed")] = True
        drafts = st.session_state[self._key("drafts")]
        try:
            self._store(_with(self.spec, path, value))
            drafts.pop(path, None)
        except ValidationError as error:
            message = error.errors(include_url=False, include_context=False)[0]["msg"].removeprefix("Value error, ")
            drafts[path] = (value, message)

    def widget(self, path: Path, shown: Any, kind: str) -> dict[str, Any]:
        """``key``, ``on_change`` and ``args`` of the widget for ``path``, which will show ``shown``.

        kind: tells two widgets for one setting apart, a slider and a box say.
        """
        key = self._key(f"{'.'.join(map(str, path))}/{kind}")
        draft = self.draft(path)
        st.session_state[key] = draft[0] if draft else shown
        return {"key": key, "on_change": self._take, "args": (path, key)}

    def _take(self, path: Path, key: str) -> None:
        self.change(path, st.session_state[key])

    def callback(self, make: Callable[..., S]) -> Callable[..., None]:
        """A callback that puts ``make(spec, ...)`` on the desk; a result that the spec refuses changes nothing."""

        def act(*args: Any) -> None:
            try:
                self.replace(make(self.spec, *args))
            except ValidationError as error:
                st.session_state[self._key("changed")] = True
                message = error.errors(include_url=False, include_context=False)[0]["msg"]
                st.session_state[self._key("problems")] = [message.removeprefix("Value error, ")]

        return act

    def write_address(self) -> None:
        """Let the address bar hold this experiment. To be called once, at the end of the page."""
        params = encode(self.spec)
        if params != st.query_params.to_dict():
            st.query_params.from_dict(params)
        st.session_state[self._key("written")] = params


def link_of(name: str) -> dict[str, str]:
    """The address parameters under which the page called ``name`` was last left in this session."""
    return dict(st.session_state.get(f"{name}/written", {}))


def _with(spec: Any, path: Path, value: Any) -> Any:
    """A copy of ``spec`` with ``value`` at ``path``, validated. Raises pydantic.ValidationError."""
    if not path:
        return value
    first, *rest = path
    if isinstance(spec, tuple):
        index = int(first)
        return (*spec[:index], _with(spec[index], tuple(rest), value), *spec[index + 1 :])
    return spec.but(**{str(first): _with(getattr(spec, str(first)), tuple(rest), value)})
