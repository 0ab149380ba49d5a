"""Draw the guidance of a page: the presets, the question before a result, and the explanation after it."""

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Literal

import streamlit as st

from engine.experiment import Preset, Question
from engine.fields import changes
from pages.ui.controls import plain
from pages.ui.guide import SKIPPED, read_mark, read_question, slug, write_mark, write_question
from pages.ui.page_state import PageState

Kind = Literal["primary", "secondary", "tertiary"]

STEP = (
    r"(?<![\w.,/-])(?:(?<=\bstep )|(?<=\bin )(?=\d+(?:[,;]|\\?\.(?!\d)|$))|(?=\d+ (?P<word>step|epoch)s?\b))"
    r"(?P<step>\d+)"
)
"""The number of a step in a sentence: "in 37 steps", "diverged at step 9", "Adam in 105;"."""

MOST_CHANGES = 4
"""The most changed settings that are named."""


def choose_preset(state: PageState) -> None:
    """Draw a pill for each preset. Below them comes the question, or what to look for, of the preset that is shown."""
    presets = {preset.title: preset for preset in state.page.presets}
    if presets:
        key = f"{state.name}/preset"
        shown = lesson(state)
        st.session_state[key] = shown.title if shown else None

        def chosen() -> None:
            if title := st.session_state[key]:
                state.begin(presets[title])
            elif shown and not state.guide.lesson:
                state.begin(shown)  # its settings happened to be shown, and now its question is asked
            else:
                state.guide_by(lesson="", said="", told="")  # a second click on a pill leaves the experiment as it is

        st.pills("Presets", list(presets), label_visibility="collapsed", key=key, on_change=chosen)


def lesson(state: PageState) -> Preset[Any] | None:
    """The preset that guides the visitor: the one that was chosen, or else the one whose settings are shown."""
    presets = {slug(preset): preset for preset in state.page.presets}
    if chosen := presets.get(state.guide.lesson):
        return chosen
    return next((preset for preset in presets.values() if state.shows(preset)), None)


def question(state: PageState) -> tuple[Question[Any], str] | None:
    """The question of the page with its explanation: a teacher's, or that of the chosen preset while it is shown."""
    if state.guide.ask:
        return read_question(state.guide.ask)
    preset = lesson(state)
    if preset and preset.question and state.guide.lesson and state.shows(preset):
        return preset.question, preset.look_for
    return None


def waits(state: PageState) -> bool:
    """Whether the page asks for a prediction, and so must not show the result yet."""
    asked = question(state)
    return asked is not None and not _answered(state, asked[0])


def tells(state: PageState) -> bool:
    """Whether the page may say in words what came: there is no question, or the visitor has compared or skipped."""
    return question(state) is None or bool(state.guide.told) or state.guide.said == SKIPPED


def _answered(state: PageState, asked: Question[Any]) -> bool:
    said = state.guide.said
    if said == SKIPPED:
        return True
    return bool(read_mark(said)) if asked.beside else said.isdecimal() and int(said) < len(asked.answers)


def mark(state: PageState) -> tuple[float, float] | None:
    """The mark that the visitor has set as a prediction; None if the page asks for no mark, or if none is set."""
    asked = question(state)
    return read_mark(state.guide.said) if asked and asked[0].beside else None


def marking(state: PageState) -> Callable[[float, float], None] | None:
    """The function that takes the mark which the visitor sets on the picture; None if the page waits for no mark."""
    asked = question(state)
    if not asked or not asked[0].beside or _answered(state, asked[0]):
        return None
    return lambda x, y: state.guide_by(said=write_mark(x, y))


def guidance(state: PageState, result: Any = None) -> None:
    """Draw the step at which the visitor is: predict, play or explain. result: None while there is none."""
    asked, preset = question(state), lesson(state)
    names = state.view.names(result) if result is not None and state.view.names else ()
    if asked and state.guide.said != SKIPPED:
        with st.container(border=True, key="lab-question"):
            _ask(state, *asked, result, names)
            if preset and state.guide.told and not state.guide.ask:
                _offer(state, preset)
    elif asked and state.guide.ask:
        _explain(state, plain(asked[1]))
    elif preset:
        explains = not preset.question or state.guide.said or not state.guide.lesson
        if explains:
            _explain(state, named(preset.look_for, names, keys=True))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if not state.shows(preset):
                _changed(state, preset)
            if explains:
                _offer(state, preset)
    elif state.page.about:
        st.caption(state.page.about)


def _ask(state: PageState, asked: Question[Any], why: str, result: Any, names: Sequence[str]) -> None:
    text = plain if state.guide.ask else str
    if not _answered(state, asked):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            how = " Click there, or use the arrow keys and Enter on the map." if asked.beside else ""
            st.markdown(f"**Predict:** {text(asked.ask)}{how}", width="stretch" if asked.beside else "content")
            with st.container(horizontal=True, gap="small", width="content"):  # the answers stay together
                for number, answer in enumerate(asked.answers):
                    _step(state, text(answer), f"answer-{number}", said=str(number))
                _step(state, "Skip", "skip", "tertiary", said=SKIPPED)
        return
    place = mark(state)
    number = -1 if place else int(state.guide.said)
    yours = "" if place else text(asked.answers[number])
    if not state.guide.told:
        said = "Your mark is set." if place else f"You said **{yours}**."
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"{text(asked.ask)} {said} Watch what happens, then compare.", width="content")
            _step(state, "Compare", "tell", "primary", told="1")
        return
    if place and asked.beside:
        far = asked.beside(result, place) if result is not None else ""
        _explain(state, named(f"{plain(far)} {why}", names, keys=True))
        return
    if result is None and not state.guide.ask:
        _explain(state, f"You said **{yours}**. The answer comes here when the run has ended. {text(why)}")
        return
    right = asked.right(result)
    came = (
        ", and so it was." if right == number else f". It was **{text(asked.answers[right])}**." if right >= 0 else "."
    )
    _explain(state, f"You said **{yours}**{came} {named(text(why), names, keys=True)}")


def _explain(state: PageState, text: str) -> None:
    """Draw an explanation, Markdown that may hold HTML. A phone shows its first lines, and the rest on demand."""
    with st.container(key="lab-fold"):
        st.markdown(text, unsafe_allow_html=True)
        # Another lesson makes another element, so its text is folded again.
        box = '<input type="checkbox" aria-label="Read the whole text">'
        st.html(f'<label class="lab-unfold" data-of="{state.guide.lesson}">{box}</label>')


def _step(state: PageState, label: str, key: str, kind: Kind = "secondary", **changes: str) -> None:
    """Draw a button that changes the guidance."""
    st.button(label, type=kind, key=f"{state.name}/{key}", on_click=state.guide_by, kwargs=changes)


def _offer(state: PageState, preset: Preset[Any]) -> None:
    """Draw a button for each advice of the explanation that is not followed yet. One advice replaces another."""
    advised = {name: getattr(preset.spec, name) for changes in preset.tries.values() for name in changes}
    if not advised or not advised.keys() <= type(state.settings).model_fields.keys():
        return
    with st.container(horizontal=True, gap="small", width="content", key="lab-tries"):
        for number, (label, changes) in enumerate(preset.tries.items()):
            wanted = advised | dict(changes)
            if any(getattr(state.settings, name) != value for name, value in wanted.items()):
                follow = state.callback(lambda _, wanted=wanted: wanted)
                st.button(label, key=f"{state.name}/try-{number}", on_click=follow)


def _changed(state: PageState, preset: Preset[Any]) -> None:
    """Say which settings were changed since the preset was chosen, and offer to go back."""
    kind = type(preset.spec)
    now = {name: getattr(state.settings, name, getattr(preset.spec, name)) for name in kind.model_fields}
    said = changes(kind.model_fields, dict(preset.spec), now)
    more = f" and {len(said) - MOST_CHANGES} more" if len(said) > MOST_CHANGES else ""
    if said:
        st.caption(plain(f"Changed: {', '.join(said[:MOST_CHANGES])}{more}."), width="content")
    st.button("Reset", type="tertiary", key=f"{state.name}/reset", on_click=state.begin, args=(preset, SKIPPED))


def named(text: str, names: Sequence[str], keys: bool = False) -> str:
    """``text`` in Markdown, in which names and numbers lead to the picture when they are pointed at.

    Each of ``names`` lights up the path of the same name. The number of a step shows the picture at that step, if the
    picture has names. keys: the Tab key reaches both too.
    """
    spelled = {plain(name): name for name in names} | {name: name for name in names}
    if not spelled:
        return text
    longest_first = "|".join(re.escape(name) for name in sorted(spelled, key=len, reverse=True))
    reached = " tabindex=0" if keys else ""

    def lead(found: re.Match[str]) -> str:
        if found["name"]:
            return f'<span class="lab-called"{reached}>{escape(spelled[found["name"]])}</span>'
        word = found["word"] or "step"
        return (
            f'<span class="lab-called" data-step="{found["step"]}" data-word="{word}"{reached}>{found["step"]}</span>'
        )

    return re.sub(rf"(?<!\w)(?P<name>{longest_first})(?!\w)|{STEP}", lead, text)


def compose(state: PageState) -> None:
    """Draw the form with which a teacher writes a question into the link."""
    st.caption("Ask your class before they see the result. The question becomes a part of the link.")
    names = {name: f"{state.name}/ask-{name}" for name in ("ask", "a", "b", "c", "d", "why")}
    with st.form(f"{state.name}/ask", border=False, enter_to_submit=False):
        st.text_input("Question", key=names["ask"], max_chars=200)
        for letter in "abcd":
            st.text_input(f"Answer {letter.upper()}", key=names[letter], max_chars=80)
        right = st.selectbox("Right answer", ["None", "A", "B", "C", "D"], key=f"{state.name}/ask-right")
        st.text_input("Explanation", key=names["why"], max_chars=300)
        sent = st.form_submit_button("Put it into the link", on_click=state.answer)
    if sent:
        given = {letter: st.session_state[names[letter]].strip() for letter in "abcd"}
        answers = {letter: answer for letter, answer in given.items() if answer}
        at = list(answers).index(right.lower()) if right.lower() in answers else -1
        try:
            text = write_question(
                st.session_state[names["ask"]], list(answers.values()), at, st.session_state[names["why"]]
            )
        except ValueError as error:
            st.error(plain(f"The question cannot be used: {error}."))
        else:
            state.guide_by(ask=text, said="", told="")
            st.rerun()
    if state.guide.ask:
        _step(state, "Remove the question", "unask", ask="", said="", told="")
