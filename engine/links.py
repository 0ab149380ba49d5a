"""Undo what mail and chat programs do to links: they wrap them, encode them again, and add parameters and marks."""

import re
from collections.abc import Collection, Mapping
from html import unescape
from urllib.parse import parse_qsl, unquote

ADDED = re.compile(
    r"(utm|mtm|pk|hsa|oly|vero)_\w+|(fb|g|dc|msclk|y|tt|tw)clid|msclkid|dclid|[gw]braid|gclsrc|igshi?d?|li_fat_id|"
    r"mc_[ce]id|mkt_tok|_?_hs(enc|mi|tc|sc|fp)|_g[al]|gad_\w+|srsltid|mibextid|isappinstalled|_x_tr_\w+|si|spm|"
    r"from|ref|ref_src|referrer|embed|embed_options",
    re.IGNORECASE,
)
"""Names of parameters that other programs add to links. No setting has such a name."""

LAYERS = 3
"""How often a link may have been percent-encoded again."""


CUT = re.compile(r"(%[0-9A-Fa-f]?|…|\.\.\.|[eE]-0?)$")
"""The end of a link that lost its last characters: half of an encoded sign, or half of an exponent."""

SEPARATORS = str.maketrans(dict.fromkeys("～∼˜", "~"))


def mended(params: Mapping[str, str], prose: Collection[str] = ()) -> dict[str, str]:
    """The parameters of the link as it was shared, from those of the link as it arrived. Never raises.

    prose: names of parameters that hold sentences. These may contain any sign, so they are taken as they came.
    """
    found: dict[str, str] = {}
    for name, value in params.items():
        if name in prose:
            found[name] = value
        elif value:
            text = _plain(f"{name}={value}", LAYERS)
            found |= parse_qsl(text.replace("+", "%2B"), keep_blank_values=True) if "&" in text else [_pair(text)]
        else:
            found |= _encoded(name)
    own = {name.removeprefix("amp;"): value for name, value in found.items()}
    own = {name: value for name, value in own.items() if not ADDED.fullmatch(name)}
    return own | {name: _without_marks(value) for name, value in list(own.items())[-1:] if name not in prose}


def is_cut(params: Mapping[str, str], prose: Collection[str] = ()) -> bool:
    """Whether the link seems to have lost its end. prose: as for ``mended``."""
    last = list(params.items())[-1:]
    return any(CUT.search(value or name) for name, value in last if name not in prose)


def _encoded(text: str) -> dict[str, str]:
    """Parameters whose signs = and & were encoded too. The layer that shows them is a query, in which + is a space."""
    for layers in range(LAYERS + 1):
        layer = _plain(text, layers)
        if "=" in layer:
            pairs = parse_qsl(layer, keep_blank_values=True)
            return {name: _plain(value, LAYERS - layers) for name, value in pairs}
    return dict([_pair(_plain(text, LAYERS))])


def _pair(text: str) -> tuple[str, str]:
    first, _, rest = text.partition("=")
    return first, rest


def _plain(text: str, layers: int) -> str:
    """``text`` without line breaks, and without the indentation or the quotation marks after each break.

    layers: the most times that it is decoded.
    """
    text = re.sub(r"\s*[\r\n]+[\s>]*|[\u200b\u00ad\ufeff]|%[0-9A-Fa-f]?$", "", text)
    for _ in range(layers):
        if not re.search("%[0-9A-Fa-f]{2}", text):
            break
        text = unquote(text)
    return (unescape(text) if "&amp;" in text else text).translate(SEPARATORS)


def _without_marks(value: str) -> str:
    """``value`` without the marks of the sentence that ended with the link. A bracket stays if ``value`` opens it."""
    while value and (value[-1] in ".,;:!?>'\"»”’…*|。，；：！？؟" or (value[-1] in ")]}" and _surplus(value))):
        value = value[:-1]
    return value


def _surplus(value: str) -> bool:
    opening = {")": "(", "]": "[", "}": "{"}[value[-1]]
    return value.count(value[-1]) > value.count(opening)
