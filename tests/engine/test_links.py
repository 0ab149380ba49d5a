"""A link that came through a mail or a chat program gives the experiment that was shared."""

from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.links import is_cut, mended
from engine.race.spec import RaceSpec
from engine.spec import encode
from engine.surfaces import DescentSpec

SHARED = {
    "surface": "own",
    "formula": "sin(x)*(x + 2)^2",
    "steps": "40",
    "lanes": "sgd_lr_0.1~adam_lr_0.2",
    "start": "-1_2",
}


def arrived(query: str) -> dict[str, str]:
    """The parameters as a server reads them."""
    return mended(dict(parse_qsl(query, keep_blank_values=True)))


@pytest.mark.parametrize(
    "added",
    ["utm_medium=oembed", "utm_source=x&utm_campaign=y", "fbclid=IwAR0", "gclid=1", "gbraid=1", "msclkid=2", "mc_cid=1",
     "igsh=a", "_ga=2.1", "si=abc", "ref=mail", "embed=true", "UTM_Medium=x",
     "mibextid=a", "gad_source=1", "from=singlemessage&isappinstalled=0", "_x_tr_sl=de"],
)  # fmt: skip
def test_what_other_programs_add_is_ignored(added: str) -> None:
    assert arrived(f"{urlencode(SHARED)}&{added}") == SHARED
    assert arrived(f"{added}&{urlencode(SHARED)}") == SHARED


def test_a_link_that_was_encoded_again_is_decoded() -> None:
    twice = urlencode({name: quote(value, safe="") for name, value in SHARED.items()})
    assert arrived(twice) == SHARED
    once = quote(urlencode(SHARED, quote_via=quote), safe="")
    assert arrived(once) == arrived(quote(once, safe="")) == SHARED
    assert arrived(urlencode(SHARED).replace("&", "&amp;")) == SHARED


@pytest.mark.parametrize("wrap", ["%0A", "%0D%0A", "%0D%0A%3E%20", "%0A%20%20"])
def test_a_link_that_was_wrapped_is_joined(wrap: str) -> None:
    query = urlencode(SHARED)
    place = query.index("adam") + 2
    assert arrived(query[:place] + wrap + query[place:]) == SHARED


@pytest.mark.parametrize("mark", [".", ",", ").", ">", "!", "”", "?", "…", "。", "؟", "**"])
def test_the_marks_of_the_sentence_around_a_link_are_not_part_of_it(mark: str) -> None:
    assert arrived(urlencode(SHARED) + quote(mark)) == SHARED
    formula = {"surface": "own", "formula": "x + sin(y)"}
    assert arrived(urlencode(formula) + quote(mark)) == formula


def test_an_escape_that_was_cut_is_dropped() -> None:
    assert arrived("surface=own&formula=x%5E2%2By%5") == {"surface": "own", "formula": "x^2+y"}
    assert arrived("surface=own&formula=x%5E2%") == {"surface": "own", "formula": "x^2"}


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=30), max_size=5))
def test_any_parameters_are_read_without_an_error(params: dict[str, str]) -> None:
    assert all(isinstance(value, str) for value in mended(params).values())


@pytest.mark.parametrize(
    "spec", [DescentSpec(surface="own", formula="x^2 + y*(x - 1)", start=(1e-5, 2)), RaceSpec(images=300, look=False)]
)
def test_a_link_that_arrived_whole_is_not_changed(spec: DescentSpec | RaceSpec) -> None:
    assert mended(encode(spec)) == encode(spec)


@pytest.mark.parametrize("formula", ["x * y", "x^2 / 2 + y", "max(x , y)", "abs(x) + max(x, y)^2"])
def test_spaces_of_a_formula_survive_a_second_encoding(formula: str) -> None:
    shared = SHARED | {"formula": formula}
    assert arrived(quote(urlencode(shared), safe="")) == shared


@pytest.mark.parametrize("tilde", "～∼˜")
def test_a_sign_that_looks_like_a_tilde_is_one(tilde: str) -> None:
    assert arrived(urlencode(SHARED).replace("~", quote(tilde))) == SHARED


@pytest.mark.parametrize("end", ["x^2%", "x^2%2", "30…", "30...", "sgd_lr_1e-", "adam_lr_1e-0"])
def test_a_link_without_its_end_is_recognized(end: str) -> None:
    assert is_cut({"steps": "3", "lanes": end})
    assert not is_cut({"lanes": end, "steps": "3"})


@pytest.mark.parametrize("whole", ["adam_lr_1e-05", "x^2", "x%2", "30."])
def test_a_whole_link_is_not_called_cut(whole: str) -> None:
    assert is_cut({"lanes": whole}) == (whole == "x%2")


def test_a_sentence_in_a_link_keeps_all_its_signs() -> None:
    asked = "Is Adam faster than SGD & Newton?~Yes~No~50 %..."
    assert mended(dict(parse_qsl(urlencode({"ask": asked}))), ["ask"]) == {"ask": asked}
    assert not is_cut({"ask": asked}, ["ask"]) and is_cut({"ask": asked})
