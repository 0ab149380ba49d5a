"""The pronouncing dictionary is read from a folder, and what is wrong with it is said."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.data import DataUnavailable, cmudict
from engine.data.mnist import FOLDER

FILE = """\
'bout B AW1 T
a AH0
abbe AE1 B IY0
abbe(2) AE0 B EY1
abbe(3) AE2 B IY2
abigail AE1 B AH0 G EY2 L # a name
a-b EY1 B IY1
zzzzzzzzzzzzzzzzz Z
"""


@pytest.fixture(autouse=True)
def unread() -> Iterator[None]:
    cmudict.load_words.cache_clear()
    yield
    cmudict.load_words.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cmudict").mkdir()
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setattr(cmudict, "SHA256", hashlib.sha256(FILE.encode()).hexdigest())
    return tmp_path / "cmudict" / cmudict.NAME


def test_words_of_plain_letters_are_read_with_all_their_pronunciations(folder: Path) -> None:
    folder.write_text(FILE)
    assert cmudict.load_words() == {
        "abbe": (("AE", "B", "IY"), ("AE", "B", "EY")),  # the third differs in stress only
        "abigail": (("AE", "B", "AH", "G", "EY", "L"),),
    }


def test_another_version_and_a_missing_file_are_named(folder: Path) -> None:
    with pytest.raises(DataUnavailable, match=r"not available.*Set GRADIENT_LAB_DATA to a folder that holds cmudict"):
        cmudict.load_words()
    folder.write_text(FILE + "abide AH0 B AY1 D\n")
    with pytest.raises(DataUnavailable, match="damaged, or of another version"):
        cmudict.load_words()
