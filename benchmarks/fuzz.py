"""No text raises anything but its own refusal: 100,000 formulas, numbers and links (about two minutes)."""

import random
from contextlib import suppress
from urllib.parse import parse_qsl, quote

from benchmarks._report import Figure, report
from engine.formula import parse_formula
from engine.numerals import read_number
from pages import race, residuals, surfaces
from pages.ui.page_state import opened

TEXTS = 100_000
PAGES = (race.PAGE, residuals.PAGE, surfaces.PAGE)
PARTS = [
    *"xyepi0123456789.+-*/^(), =|[]{}%√²³⁴⁻π×·−–‐٫٣х𝑥ｘ_~&;\"'\\\0\u200b\u202e\n",
    "sin", "sqrt", "log2", "lg", "atan2", "mod", "f(x, y)=", "x1", "1e", "e-3", "10^", "1/3", "lanes=",
    "adam_lr_0.1", "sgd", "newton", "locopropm_t_5", "steps=", "view=", "formula=", "surface=own", "start=1_2",
    "depth=", "utm_source=", "%2B", "%25", "&amp;", "seed=", "9999999999",
]  # fmt: skip


def main() -> None:
    draw = random.Random(13)
    failed = 0
    for number in range(TEXTS):
        text = "".join(draw.choice(PARTS) for _ in range(draw.randint(0, 25)))
        try:
            for read in (parse_formula, read_number):
                with suppress(ValueError):
                    read(text)
            query = text if number % 2 else quote(text, safe="=&")
            opened(PAGES[number % 3], dict(parse_qsl(query, keep_blank_values=True)))
        except Exception as error:
            failed += 1
            print(repr(text), type(error).__name__, error, flush=True)
    report(__file__, [Figure("texts that raised an error of another kind", failed, "", 0)], f"{TEXTS:,} texts.")


if __name__ == "__main__":
    main()
