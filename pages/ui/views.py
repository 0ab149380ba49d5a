"""The description of a page: its title, its views and its presets. ``pages.ui.page`` draws the frame around them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.experiment import Experiment, Preset
from engine.spec import Spec


@dataclass(frozen=True)
class View:
    """One view of a page. A page shows one view at a time.

    key: its name in links. title: its name in the choice of views.
    experiment: the experiment that it shows.
    settings: the experiment's spec, with added fields for how the result is drawn. By default only the spec.
    opening: field -> value, the settings that a link without settings shows. By default they are the spec's defaults. A
        view whose point these defaults do not show has others here.
    finding: (state, result) -> one sentence on what is to be seen, with numbers that the engine computed.
    names: result -> the names of its paths. In texts they light up the path of the same name.
    draw: called with (state, result), it draws the result. For long work: (state, result so far, the job's status).
    controls: draws the sidebar. By default the sidebar has a control for every field of the spec.
    also: draws a part below the result. It is called even if the experiment was refused.
    task: state -> the job of long work.
    """

    key: str
    title: str
    experiment: Experiment[Any, Any]
    draw: Callable[..., None]
    settings: type[Spec] = field(default=Spec)
    controls: Callable[..., None] | None = None
    also: Callable[..., None] | None = None
    task: Callable[..., Any] | None = None
    finding: Callable[..., str] | None = None
    names: Callable[..., Sequence[str]] | None = None
    opening: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.settings is Spec:
            object.__setattr__(self, "settings", self.experiment.spec)

    def start(self) -> Spec:
        """The settings with which the view opens."""
        return self.settings(**self.opening)


@dataclass(frozen=True)
class Page:
    """A topic's page.

    address: the page's path, and the name of its state. title: its heading.
    views: an address without ``view`` shows the first one.
    about: what a newcomer needs to know to read the pictures. It is shown while no preset explains what is seen.
    presets: experiments worth seeing. chooser: draws them; by default each is a pill.
    stage: draws everything below the presets, and returns the result or None while there is none. By default it draws
        the choice of view, the view, and the take-away menu.
    """

    address: str
    title: str
    views: Sequence[View]
    presets: Sequence[Preset[Any]] = ()
    chooser: Callable[..., None] | None = None
    stage: Callable[..., Any] | None = None
    about: str = ""

    def view(self, key: str) -> View:
        """The view called ``key``. Raises KeyError if there is none."""
        return {view.key: view for view in self.views}[key]
