"""BERT: encoders with LayerNorm after each sum, learned positions, and texts of two parts.

Devlin et al. 2019, https://arxiv.org/abs/1810.04805. All tokens of a traced text belong to its first part.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from engine.transformer.foreign.family import (
    ACTIVATION_NAMES,
    ActivationName,
    Count,
    Epsilon,
    Family,
    ModelUnavailable,
    Stored,
    Units,
    Words,
    layer,
)
from engine.transformer.foreign.files import checked_file, options
from engine.transformer.model import Architecture

if TYPE_CHECKING:
    from tokenizers import Tokenizer

HEAD = "cls.predictions"
DECODER = f"{HEAD}.decoder.weight"

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


class Bert(Family):
    """The config.json of a BERT."""

    label: ClassVar[str] = "BERT"
    prefix: ClassVar[str] = "bert."
    ignored: ClassVar[re.Pattern[str]] = re.compile(
        r"embeddings\.(position_ids|token_type_ids)|cls\.predictions\.(decoder\.)?bias"
        r"|(pooler\.dense|cls\.seq_relationship|classifier|qa_outputs)\.(weight|bias)"
    )

    vocab_size: Words = 30_522
    hidden_size: Units = 768
    num_hidden_layers: Count = 12
    num_attention_heads: Count = 12
    intermediate_size: Units = 3072
    hidden_act: ActivationName = "gelu"
    max_position_embeddings: Units = 512
    type_vocab_size: Count = 2
    layer_norm_eps: Epsilon = 1e-12
    is_decoder: bool = False
    position_embedding_type: Literal["absolute"] | None = None
    add_cross_attention: Literal[False] = False

    def architecture(self, names: Collection[str]) -> Architecture:
        """An encoder, or a decoder if the config says so. Without a head for tokens it returns its hidden states."""
        head = any(name.startswith(HEAD) for name in names) or self.made_for("MaskedLM", "PreTraining", "LMHeadModel")
        return Architecture(
            "decoder" if self.is_decoder else "encoder",
            targets=self.vocab_size,
            layers=self.num_hidden_layers,
            width=self.hidden_size,
            heads=self.num_attention_heads,
            feed_forward=self.intermediate_size,
            tokens=self.max_position_embeddings,
            activation=ACTIVATION_NAMES[self.hidden_act],
            layer_norm="post",
            positions="learned",
            tied=self.tie_word_embeddings and DECODER not in names,
            segments=self.type_vocab_size,
            normalized=True,
            transform=head,
            eps=self.layer_norm_eps,
            predicts=head,
        )

    def stored(self, of: Architecture, names: Collection[str]) -> dict[str, Stored]:
        # A file may have the bias of the logits under two names. The decoder's is the one that is used.
        bias = f"{HEAD}.decoder.bias"
        found = {
            "stack.embedding.words.weight": Stored("embeddings.word_embeddings.weight"),
            "stack.embedding.places.weight": Stored("embeddings.position_embeddings.weight"),
            "stack.embedding.segments.weight": Stored("embeddings.token_type_embeddings.weight"),
            **layer("stack.embedding.norm", "embeddings.LayerNorm"),
            **layer("transform.0", f"{HEAD}.transform.dense"),
            **layer("transform.2", f"{HEAD}.transform.LayerNorm"),
            "unembedding.weight": Stored(DECODER),
            "unembedding.bias": Stored(bias if bias in names else f"{HEAD}.bias"),
        }
        for number in range(of.layers):
            own, theirs = f"stack.blocks.{number}", f"encoder.layer.{number}"
            for name in ("query", "key", "value"):
                found |= layer(f"{own}.attention.module.{name}", f"{theirs}.attention.self.{name}")
            found |= layer(f"{own}.attention.module.projection", f"{theirs}.attention.output.dense")
            found |= layer(f"{own}.attention.after", f"{theirs}.attention.output.LayerNorm")
            found |= layer(f"{own}.mlp.module.0", f"{theirs}.intermediate.dense")
            found |= layer(f"{own}.mlp.module.2", f"{theirs}.output.dense")
            found |= layer(f"{own}.mlp.after", f"{theirs}.output.LayerNorm")
        return found

    @classmethod
    def canonical(cls, name: str) -> str:
        """The name of a tensor without the prefix. Old files call LayerNorm's weight gamma and its bias beta."""
        new = re.sub(r"LayerNorm\.gamma$", "LayerNorm.weight", super().canonical(name))
        return re.sub(r"LayerNorm\.beta$", "LayerNorm.bias", new)

    @staticmethod
    def tokenizer(folder: Path) -> Tokenizer:
        """WordPiece from vocab.txt. Letters are lower-cased unless tokenizer_config.json says that they are not."""
        from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

        found = Tokenizer(models.WordPiece.from_file(str(checked_file(folder, "vocab.txt")), unk_token="[UNK]"))
        numbers = {token: found.token_to_id(token) for token in SPECIAL}
        absent = [token for token in ("[UNK]", "[CLS]", "[SEP]") if numbers[token] is None]
        if absent:
            raise ModelUnavailable(f"vocab.txt has no {', '.join(absent)}")
        said = options(folder)
        accents = said.get("strip_accents")
        found.normalizer = normalizers.BertNormalizer(
            handle_chinese_chars=said.get("tokenize_chinese_chars") is not False,
            strip_accents=accents if isinstance(accents, bool) else None,
            lowercase=said.get("do_lower_case") is not False,
        )
        found.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        found.post_processor = processors.TemplateProcessing(
            "[CLS] $A [SEP]", special_tokens=[(token, numbers[token]) for token in ("[CLS]", "[SEP]")]
        )
        found.decoder = decoders.WordPiece()
        found.add_special_tokens([token for token, number in numbers.items() if number is not None])
        return found
