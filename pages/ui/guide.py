"""The guidance on a page: a preset or a teacher's question, what the visitor predicted, and the mode for a class.

A preset is three steps: predict, play, explain. The address holds the guidance, so a link leads to the same step::

    lesson=saddle-escape     the preset whose text is shown, also while its settings are changed
    ask=Question~*One~Two~Why   a question of a teacher; * marks the right answer, the last part explains
    said=1                   the number of the answer that was predicted, from 0; said=skip after a skipped question;
                             said=0.5_-2 for a mark that was set at (0.5, -2)
    told=1                   the explanation is shown
    present=1                large texts and charts, without the sidebar
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.experiment import Preset, Question
from engine.numerals import read_number, write_number

PROSE = ("ask",)
"""The parameters that hold sentences."""

SKIPPED = "skip"
FARTHEST = 1e6
"""The largest coordinate of a mark."""

LONGEST = 1_000
"""The most characters of a teacher's question with its answers and its explanation."""


@dataclass(frozen=True)
class Guide:
    """What guides the visitor. Each field is the text of the address parameter of the same name; "" if it is absent."""

    lesson: str = ""
    ask: str = ""
    said: str = ""
    told: str = ""
    present: str = ""

    def params(self) -> dict[str, str]:
        return {name: text for name, text in vars(self).items() if text}

    def but(self, **changes: str) -> "Guide":
        return replace(self, **changes)


def read_guide(params: dict[str, str], presets: Sequence[Preset[Any]]) -> tuple[Guide, list[str]]:
    """Take the guidance out of the parameters of an address. Returns it with a sentence for each part that is lost."""
    found = {name: params.pop(name) for name in vars(Guide()) if name in params}
    problems = []
    if found.get("lesson", "") not in {"", *map(slug, presets)}:
        problems.append("The link names a lesson that does not exist. The experiment is shown without it.")
        found.pop("lesson")
    try:
        if "ask" in found:
            read_question(found["ask"])
    except ValueError as error:
        problems.append(f"The question of the link is not shown: {error}.")
        found.pop("ask")
    if found.get("said", "") not in {"", SKIPPED, "0", "1", "2", "3"} and not read_mark(found["said"]):
        found.pop("said")
    for switch in ("told", "present"):
        if found.get(switch) != "1":
            found.pop(switch, None)
    return Guide(**found), problems


def write_mark(x: float, y: float) -> str:
    """The text of ``said`` for a mark that was set at (x, y)."""
    return f"{write_number(x)}_{write_number(y)}"


def read_mark(said: str) -> tuple[float, float] | None:
    """The mark that ``write_mark`` wrote; None if ``said`` is something else."""
    try:
        x, y = (float(read_number(part)) for part in said.split("_"))
    except ValueError:
        return None
    return (x, y) if max(abs(x), abs(y)) <= FARTHEST else None


def slug(preset: Preset[Any]) -> str:
    """The name of a preset in links."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in preset.title.lower()).split())


def read_question(text: str) -> tuple[Question[Any], str]:
    """The question that a teacher wrote into a link, and its explanation. Raises ValueError with a reason.

    At most one answer is marked with * as the right one. Without a mark there is no right answer, as for an opinion.
    """
    if len(text) > LONGEST:
        raise ValueError(f"it has {len(text)} characters, more than {LONGEST}")
    ask, *answers, why = [part.strip() for part in text.split("~")] if "~" in text else ["", ""]
    right = [number for number, answer in enumerate(answers) if answer.startswith("*")]
    answers = [answer.removeprefix("*").strip() for answer in answers]
    if not ask or not 2 <= len(answers) <= 4 or not all(answers):
        raise ValueError("it needs a question, two to four answers and an explanation, with ~ between them")
    if len(right) > 1:
        raise ValueError("more than one answer is marked as right")
    return Question(ask, tuple(answers), lambda _: right[0] if right else -1), why


def write_question(ask: str, answers: Sequence[str], right: int, why: str) -> str:
    """The text that ``read_question`` reads. Raises ValueError with a reason. right: the number of an answer, or -1."""
    parts = [ask, *("*" * (number == right) + answer.lstrip("* ") for number, answer in enumerate(answers)), why]
    text = "~".join(part.replace("~", "-").strip() for part in parts)
    read_question(text)
    return text
