"""What a page is: its title, its views and its presets. ``pages.ui.page`` draws the frame around them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.experiment import Experiment, Preset
from engine.spec import Spec


@dataclass(frozen=True)
class View:
    """What a page shows at a time.

    key: in links. title: on the switch.
    experiment: what is computed. settings: its spec with the fields that say how it is looked at; the spec by default.
    draw: (state, result) -> nothing; draws the stage. For long work (state, result so far, the job's status).
    controls: draws the sidebar; every field of the experiment's spec by default.
    also: draws what stands below, whatever became of the result.
    task: state -> the panel of long work. recorded: spec -> a result that ships with the lab, or None.
    """

    key: str
    title: str
    experiment: Experiment[Any, Any]
    draw: Callable[..., None]
    settings: type[Spec] = field(default=Spec)
    controls: Callable[..., None] | None = None
    also: Callable[..., None] | None = None
    task: Callable[..., Any] | None = None
    recorded: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        if self.settings is Spec:
            object.__setattr__(self, "settings", self.experiment.spec)


@dataclass(frozen=True)
class Page:
    """A topic's page.

    address: the page's path, and the name of its state. title: its heading.
    views: the first is the one that an address without ``view`` shows.
    presets: experiments worth seeing. chooser: draws them, where a pill for each is not enough.
    stage: draws all below them, where a page wants another order than switch, view, take-away.
    """

    address: str
    title: str
    views: Sequence[View]
    presets: Sequence[Preset[Any]] = ()
    chooser: Callable[..., None] | None = None
    stage: Callable[..., None] | None = None

    def view(self, key: str) -> View:
        """The view called ``key``. Raises KeyError where there is none."""
        return {view.key: view for view in self.views}[key]
