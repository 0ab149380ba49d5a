"""The state of a page in a session: the active view and the visitor's settings. The address bar mirrors both.

A script run begins with ``PageState(page)``. It takes the settings from the session. If the address differs from the
one that the page wrote (a link was opened, or Back was pressed), it takes them from the address. Widgets are drawn from
the settings and change them only through callbacks, so that no value is stored twice. ``write_address`` ends the run.

The page keeps the raw values of the fields of all its views. Only the active view's settings are validated as a whole
and written into the address, so values that belong to another view can never make them invalid.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from pydantic import ValidationError

from engine.experiment import Preset
from engine.links import is_cut, mended
from engine.numerals import read_number
from engine.refusals import reason
from engine.spec import Spec, encode, fit, read, shortened, unused
from pages.ui.guide import PROSE, Guide, read_guide, slug
from pages.ui.views import Page, View

Path = tuple[str | int, ...]
"""The place of a setting in the spec: field names and indices into tuples, outermost first."""

VIEW = "view"
"""The parameter of the address that names the view."""


@dataclass
class Memory:
    """The state that is kept between two runs of the script.

    values: field -> value, for all views of the page. settings: the active view's, made from them.
    written: the address parameters of ``settings``.
    problems: sentences for the visitor on values that could not be used.
    drafts: path -> a value that the visitor entered there and the settings refused, with the reason.
    answering: this run answers a widget, so its URL may be old: ignore it.
    guide: what guides the visitor, such as a preset's question.
    """

    view: View
    values: dict[str, Any]
    settings: Spec
    written: dict[str, str]
    problems: list[str]
    drafts: dict[Path, tuple[Any, str]] = field(default_factory=dict)
    answering: bool = False
    guide: Guide = field(default_factory=Guide)


def opened(page: Page, params: Mapping[str, str]) -> Memory:
    """The state of ``page`` after a visitor opens a link with ``params``. Never raises, whatever the link holds."""
    values = mended(params, PROSE)
    guide, problems = read_guide(values, page.presets)
    if is_cut(params, PROSE):
        problems.append("The link seems to have lost its end. Its last setting may be incomplete.")
    view = page.views[0]
    if (key := values.pop(VIEW, view.key)) != view.key:
        try:
            view = page.view(key)
        except KeyError:
            problems.append(unused(VIEW, key, f"expected one of {', '.join(view.key for view in page.views)}"))
    kinds = [view.settings, *(other.settings for other in page.views)]
    kept, unreadable = read(kinds, values)
    settings, unfit = fit(view.settings, _own(view, kept) or view.opening)
    return Memory(view, kept, settings, dict(params), shortened(problems + unreadable + unfit), guide=guide)


def address(page: Page, memory: Memory) -> dict[str, str]:
    """The address parameters of the active view, its settings and the guidance."""
    chosen = {} if memory.view.key == page.views[0].key else {VIEW: memory.view.key}
    return chosen | memory.guide.params() | _settings(memory.view, memory.settings)


def _settings(view: View, settings: Spec) -> dict[str, str]:
    """The address parameters of ``settings``: none if the view opens with them, else at least one."""
    if settings == view.start():
        return {}
    return encode(settings) or encode(settings, next(iter(view.opening)))


def _own(view: View, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in view.settings.model_fields}


class PageState:
    """The state of ``page`` in this session."""

    def __init__(self, page: Page) -> None:
        self.page, self.name = page, page.address
        params = st.query_params.to_dict()
        memory = _memory(page.address)
        if memory is None or (not memory.answering and params != memory.written):
            memory = opened(page, params)
            st.session_state[_key(page.address)] = memory
        memory.answering = False
        self.memory = memory
        self.bar: Any = None  # the container beside the title
        self.words: Any = None  # the container of the guidance above the stage, once it is drawn
        self.said: Any = None  # the container of the finding, beside the choice of view

    @property
    def view(self) -> View:
        return self.memory.view

    @property
    def settings(self) -> Any:
        """The active view's settings."""
        return self.memory.settings

    @property
    def spec(self) -> Any:
        """The settings of the active view's experiment alone."""
        return self.memory.settings.only(self.view.experiment.spec)

    @property
    def problems(self) -> list[str]:
        return self.memory.problems

    @property
    def guide(self) -> Guide:
        return self.memory.guide

    def guide_by(self, **changes: str) -> None:
        """Change the guidance. The names are those of the fields of ``Guide``."""
        self.answer()
        self.memory.guide = self.guide.but(**changes)

    def begin(self, preset: Preset[Any], said: str = "") -> None:
        """Show the experiment of ``preset``, and let it guide the visitor. said: as in ``Guide``."""
        self.start_from(preset.view, dict(preset.spec) | dict(preset.shown))
        self.guide_by(lesson=slug(preset), ask="", said=said if preset.question else "", told="")

    def shows(self, preset: Preset[Any]) -> bool:
        """Whether the page shows the experiment of ``preset``."""
        kind, settings = type(preset.spec), self.settings
        if preset.view not in ("", self.view.key) or not kind.model_fields.keys() <= type(settings).model_fields.keys():
            return False
        return bool(settings.only(kind) == preset.spec)

    def draft(self, path: Path) -> tuple[Any, str] | None:
        return self.memory.drafts.get(path)

    def answer(self) -> None:
        """The callback of a widget that changes no setting."""
        self.memory.answering = True

    def change(self, path: Path, value: Any, typed: str | None = None) -> None:
        """Set one setting. A refused value is kept as a draft, and the experiment stays as it was.

        typed: the text that the visitor entered for ``value``, if the widget is a box for text.
        """
        self.answer()
        try:
            self._take_on(_with(self.settings, path, value))
        except ValidationError as error:
            self.memory.drafts[path] = (value if typed is None else typed, reason(error))
        except (IndexError, AttributeError):
            return  # The lane is gone: its widget was used before the page was drawn again without it.
        else:
            self.memory.drafts.pop(path, None)
            self.memory.problems = []

    def callback(self, make: Callable[..., Mapping[str, Any]]) -> Callable[..., None]:
        """A callback that sets the fields in ``make(settings, ...)``, or says why they were refused and sets none."""

        def act(*args: Any) -> None:
            self.answer()
            try:
                self.set(**make(self.settings, *args))
            except ValueError as error:
                self.memory.problems = [f"Nothing was changed: {reason(error)}."]

        return act

    def set(self, **changes: Any) -> None:
        """Set several fields of the active view at once. Raises pydantic.ValidationError if they are refused."""
        self._take_on(self.settings.but(**changes))
        self.memory.drafts, self.memory.problems = {}, []

    def show(self, key: str) -> None:
        """Change to another view. Fields that both views have keep their values, unless all are the defaults."""
        self.answer()
        self.memory.view = self.page.view(key)
        self._fit()
        if not encode(self.settings):
            self.memory.settings = self.view.start()

    def start_from(self, view: str, values: Mapping[str, Any]) -> None:
        """Forget all settings except ``values``, and show ``view``. If ``view`` is "", the active view stays."""
        self.answer()
        if view:
            self.memory.view = self.page.view(view)
        self.memory.values = dict(values)
        self._fit()

    def _fit(self) -> None:
        view = self.memory.view
        self.memory.settings, self.memory.problems = fit(view.settings, _own(view, self.memory.values))
        self.memory.drafts = {}

    def _take_on(self, settings: Spec) -> None:
        """Make ``settings`` the active view's. From now on the page keeps their values, not those of the link."""
        self.memory.settings = settings
        self.memory.values |= dict(settings)

    def enter(self, path: Path, text: str, whole: bool) -> None:
        """Set one number from a ``text`` that the visitor typed. whole: whether it must be a whole number."""
        try:
            self.change(path, read_number(text, whole), text)
        except ValueError as error:
            self.answer()
            self.memory.drafts[path] = (text, reason(error))

    def widget(self, path: Path, shown: Any, kind: str) -> dict[str, Any]:
        """``key`` and ``on_change`` of the widget for ``path``, which will show ``shown``.

        kind: distinguishes two widgets for one setting, such as a slider and a box.
        """
        key = self.key(path, kind)
        draft = self.draft(path)
        st.session_state[key] = draft[0] if draft else shown
        return {"key": key, "on_change": lambda: self.change(path, st.session_state[key])}

    def key(self, path: Path, kind: str) -> str:
        return f"{self.name}/{'.'.join(map(str, path))}/{kind}"

    def write_address(self) -> None:
        """Write this view and its settings into the address bar. Call it once, at the end of a run."""
        params = address(self.page, self.memory)
        if params != st.query_params.to_dict():
            st.query_params.from_dict(params)
        self.memory.written = params
        self.memory.answering = False  # reset it here too: a fragment's run makes no new PageState


def link_of(name: str) -> dict[str, str]:
    """The address parameters that the page called ``name`` last had in this session."""
    memory = _memory(name)
    return dict(memory.written) if memory else {}


def _key(name: str) -> str:
    return f"{name}/state"


def _memory(name: str) -> Memory | None:
    memory: Memory | None = st.session_state.get(_key(name))
    return memory


def _with(spec: Any, path: Path, value: Any) -> Any:
    """A copy of ``spec`` with ``value`` at ``path``, validated.

    Raises pydantic.ValidationError if the value is refused, and IndexError or AttributeError if there is no such path.
    """
    if not path:
        return value
    first, *rest = path
    if isinstance(spec, tuple):
        index = int(first)
        return (*spec[:index], _with(spec[index], tuple(rest), value), *spec[index + 1 :])
    return spec.but(**{str(first): _with(getattr(spec, str(first)), tuple(rest), value)})
