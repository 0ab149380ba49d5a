"""The CMU Pronouncing Dictionary, from a folder or downloaded: how English words are said.

Carnegie Mellon University, http://www.speech.cs.cmu.edu/cgi-bin/cmudict. Its licence, BSD with two clauses, asks that a
product of it carries its notice; it stands beside the models that were trained with it.
"""

import hashlib
import os
import re
from functools import cache
from pathlib import Path

from engine.data.images import DataUnavailable
from engine.data.mnist import FOLDER, PATIENCE

NAME = "cmudict.dict"
MIRROR = f"https://raw.githubusercontent.com/cmusphinx/cmudict/master/{NAME}"
SHA256 = "81917843c7f44ce2b094ac63873c2c7a4cf802040792c455ba3ca406891c3d22"

ADVICE = f"Set {FOLDER} to a folder that holds cmudict/{NAME}, or choose another task."

LEAST, MOST = 2, 16
"""The fewest and the most letters of a word."""

ENTRY = re.compile(r"([a-z]+)(?:\(\d+\))? ([A-Z0-9 ]+)")
"""A line of the file: a word of the letters a to z, the number of a further pronunciation, and the phonemes."""

Words = dict[str, tuple[tuple[str, ...], ...]]
"""A word -> its pronunciations, the most common first. A pronunciation is a sequence of phonemes such as "AH"."""


@cache
def load_words() -> Words:
    """The dictionary, see ``parsed``. It is read once in a process.

    Raises DataUnavailable, and tries again at the next call.
    """
    return parsed(_text())


def parsed(text: str) -> Words:
    """All words of ``LEAST`` to ``MOST`` letters a to z, in the order of the file ``text``. Stress is left out."""
    words: dict[str, dict[tuple[str, ...], None]] = {}
    for line in text.splitlines():
        entry = ENTRY.fullmatch(line.partition("#")[0].strip())
        if entry and LEAST <= len(entry[1]) <= MOST:
            words.setdefault(entry[1], {})[tuple(re.sub(r"\d", "", entry[2]).split())] = None
    return {word: tuple(said) for word, said in words.items()}


def _text() -> str:
    """The file, from the folder that ``FOLDER`` names, or else from pooch's cache or a download."""
    root = os.environ.get(FOLDER)
    try:
        data = (Path(root) / "cmudict" / NAME).read_bytes() if root else _fetched().read_bytes()
    except OSError as error:
        raise DataUnavailable(f"The pronouncing dictionary is not available: {error}. {ADVICE}") from error
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise DataUnavailable(f"{NAME} is damaged, or of another version than the models were trained with. {ADVICE}")
    return data.decode()


def _fetched() -> Path:
    try:
        import pooch
    except ImportError as error:
        raise DataUnavailable(f"A download needs the package pooch, which is not installed. {ADVICE}") from error
    fetch = pooch.HTTPDownloader(timeout=PATIENCE)
    try:
        return Path(pooch.retrieve(MIRROR, f"sha256:{SHA256}", NAME, pooch.os_cache("gradient-lab"), downloader=fetch))
    except ValueError as error:  # the checksum is another one
        raise DataUnavailable(f"The download of {NAME} is of another version. {ADVICE}") from error
