"""The tokens of foreign models against the tokenizers of Hugging Face's transformers on the same folder."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.transformer import trace
from engine.transformer.foreign import read
from tests.engine.transformer.hugging_face import (
    SENTENCES,
    BertForMaskedLM,
    BertTokenizer,
    GPT2LMHeadModel,
    GPT2Tokenizer,
    PreTrainedTokenizerFast,
    byte_level,
    drawn,
    saved,
    word_pieces,
)

TEXTS = (
    *SENTENCES,
    "An unseen monumental word, with  two spaces\tand a tab.",
    "Café naïve, 東京 and 😀; שלום עולם, مرحبا",
    "the <|endoftext|> cat [MASK] sat [SEP]",
    " ",
)

BOTH = pytest.mark.parametrize("kind", [GPT2LMHeadModel, BertForMaskedLM])


def ids(tokenizer: Any, text: str) -> list[int]:
    found: list[int] = tokenizer(text)["input_ids"]
    return found


@BOTH
def test_tokens_are_those_of_transformers(kind: Any, tmp_path: Path) -> None:
    found = read(saved(drawn(kind), tmp_path))
    theirs = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    for text in TEXTS:
        assert found.encode(text).tolist() == [ids(theirs, text)]


@pytest.mark.parametrize("lower", [None, True, False])
def test_a_bert_without_tokenizer_json_is_read_from_its_vocabulary(lower: bool | None, tmp_path: Path) -> None:
    saved(drawn(BertForMaskedLM), tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    numbers = word_pieces().get_vocab()
    (tmp_path / "vocab.txt").write_text("\n".join(sorted(numbers, key=numbers.__getitem__)) + "\n", encoding="utf-8")
    if lower is not None:
        (tmp_path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": lower}))
    found, theirs = read(tmp_path), BertTokenizer.from_pretrained(tmp_path)
    for text in TEXTS:
        assert found.encode(text).tolist() == [ids(theirs, text)]


@pytest.mark.parametrize("prefix", [None, True, False])
def test_a_gpt2_without_tokenizer_json_is_read_from_its_merges(prefix: bool | None, tmp_path: Path) -> None:
    saved(drawn(GPT2LMHeadModel), tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    byte_level().model.save(str(tmp_path))
    if prefix is not None:
        (tmp_path / "tokenizer_config.json").write_text(json.dumps({"add_prefix_space": prefix}))
    found, theirs = read(tmp_path), GPT2Tokenizer.from_pretrained(tmp_path)
    for text in TEXTS:
        assert found.encode(text).tolist() == [ids(theirs, text)]


def test_bytes_become_the_same_text_again(tmp_path: Path) -> None:
    found = read(saved(drawn(GPT2LMHeadModel), tmp_path))
    for text in TEXTS:
        assert found.decode(found.encode(text)[0]) == text


@BOTH
def test_each_token_can_be_shown_by_itself(kind: Any, tmp_path: Path) -> None:
    found = read(saved(drawn(kind), tmp_path))
    for text in TEXTS:
        tokens = found.encode(text)[0]
        pieces = found.pieces(tokens)
        assert len(pieces) == len(tokens)
        assert all(pieces) and not any("\N{REPLACEMENT CHARACTER}" in piece for piece in pieces)
    cat = found.pieces(found.encode("the cat documents")[0])
    assert "cat" in {piece.strip() for piece in cat}
    if kind is BertForMaskedLM:
        assert cat[0] == "[CLS]" and cat[-1] == "[SEP]"
        assert any(piece.startswith("##") for piece in cat)
    else:
        assert "".join(cat) == "the cat documents"


def test_a_token_that_only_the_model_has_has_no_text(tmp_path: Path) -> None:
    """Many models have more rows than their tokenizers have tokens."""
    found = read(saved(drawn(BertForMaskedLM), tmp_path))
    assert found.pieces(torch.tensor([299])) == ("",)


def test_a_token_that_the_model_does_not_have_is_refused(tmp_path: Path) -> None:
    found = read(saved(drawn(BertForMaskedLM, vocab_size=40), tmp_path))
    with pytest.raises(ValueError, match=r"the tokenizer knows .* but the model does not"):
        found.encode("the cat sat")


@BOTH
def test_texts_that_cannot_be_read_are_refused(kind: Any, tmp_path: Path) -> None:
    found = read(saved(drawn(kind), tmp_path))
    with pytest.raises(ValueError, match="the text has 100,001 characters; at most 100,000"):
        found.encode("a" * 100_001)
    with pytest.raises(ValueError, match="not Unicode"):
        found.encode("half a pair: \ud83d")
    with pytest.raises(ValueError, match=r"the text has \d+ tokens, but the model reads at most 24"):
        trace(found.model, found.encode("the cat " * 30))


def test_padding_and_truncation_of_the_file_are_not_used(tmp_path: Path) -> None:
    saved(drawn(GPT2LMHeadModel), tmp_path)
    tokenizer = byte_level()
    plain = tokenizer.encode("the cat sat").ids
    tokenizer.enable_padding(length=20)
    tokenizer.enable_truncation(2)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert read(tmp_path).encode("the cat sat").tolist() == [plain]
