"""Small models of Hugging Face's transformers with random weights, saved into a folder as that package saves them."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

# A torchvision that was built for another torch cannot be imported, and transformers imports any that it finds.
with pytest.MonkeyPatch.context() as patch:
    patch.setenv("HF_HUB_OFFLINE", "1")
    patch.setitem(sys.modules, "torchvision", None)
    import transformers
    from transformers import (
        BertConfig,
        BertForMaskedLM,
        BertForSequenceClassification,
        BertLMHeadModel,
        BertModel,
        BertTokenizer,
        GPT2Config,
        GPT2ForSequenceClassification,
        GPT2LMHeadModel,
        GPT2Model,
        GPT2Tokenizer,
        PreTrainedTokenizerFast,
    )
    from transformers.activations import ACT2FN

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

__all__ = [
    "ACT2FN",
    "BertForMaskedLM",
    "BertForSequenceClassification",
    "BertLMHeadModel",
    "BertModel",
    "BertTokenizer",
    "GPT2ForSequenceClassification",
    "GPT2LMHeadModel",
    "GPT2Model",
    "GPT2Tokenizer",
    "PreTrainedTokenizerFast",
]

WORDS = 300
TOKENS = 24

GPT2 = {
    "vocab_size": WORDS, "n_positions": TOKENS, "n_embd": 16, "n_layer": 3, "n_head": 4, "n_inner": 20,
    "bos_token_id": 0, "eos_token_id": 0,
}  # fmt: skip
BERT = {
    "vocab_size": WORDS, "max_position_embeddings": TOKENS, "hidden_size": 16, "num_hidden_layers": 3,
    "num_attention_heads": 4, "intermediate_size": 20,
}  # fmt: skip

SENTENCES = (
    "The cat sat on the mat, and the dog sat on the cat.",
    "A transformer reads all tokens at once; attention tells it where to look.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "momentum, moment, monument, document, argument",
)


def drawn(kind: Any, **changes: Any) -> Any:
    """A model of the class ``kind`` with random weights of a size at which every part matters."""
    bert = kind.__name__.startswith("Bert")
    config = (BertConfig if bert else GPT2Config)(**(BERT if bert else GPT2) | changes, attn_implementation="eager")
    model = kind(config).eval()
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) / max(weight.shape[-1], 4) ** 0.5)
    return model


def byte_level() -> Tokenizer:
    """Byte-pair encoding of bytes, as in GPT-2."""
    found = Tokenizer(models.BPE())
    found.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    found.train_from_iterator(SENTENCES, trainer)
    return found


def word_pieces() -> Tokenizer:
    """WordPiece, as in BERT."""
    found = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    found.normalizer = normalizers.BertNormalizer()
    found.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    found.train_from_iterator(
        SENTENCES, trainers.WordPieceTrainer(vocab_size=150, special_tokens=special, show_progress=False)
    )
    found.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", special_tokens=[(token, found.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    )
    found.decoder = decoders.WordPiece()
    return found


def saved(model: Any, folder: Path, **options: Any) -> Path:
    """Save a model and a tokenizer of its family into ``folder``."""
    model.save_pretrained(folder, **options)
    tokenizer = word_pieces() if model.config.model_type == "bert" else byte_level()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def change(folder: Path, name: str = "config.json", **entries: Any) -> None:
    """Change entries of a JSON file."""
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))
