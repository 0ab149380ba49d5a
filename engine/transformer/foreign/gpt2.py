"""GPT-2: decoders with LayerNorm before each branch, and learned positions.

Radford et al. 2019, Language models are unsupervised multitask learners. Its code stores matrices as the transposes of
those of ``nn.Linear``, with query, key and value side by side.
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
    Stored,
    Units,
    Words,
    layer,
)
from engine.transformer.foreign.files import checked_file, options
from engine.transformer.model import Architecture

if TYPE_CHECKING:
    from tokenizers import Tokenizer

OTHER_HEADS = ("score.", "classifier.", "qa_outputs.")
"""The beginnings of the names of heads that give something else than logits of tokens."""


class Gpt2(Family):
    """The config.json of a GPT-2."""

    label: ClassVar[str] = "GPT-2"
    prefix: ClassVar[str] = "transformer."
    # Old files have the causal mask too.
    ignored: ClassVar[re.Pattern[str]] = re.compile(
        r"h\.\d+\.attn\.(bias|masked_bias)|(score|classifier|qa_outputs|multiple_choice_head\.summary)\.(weight|bias)"
    )

    vocab_size: Words = 50_257
    n_positions: Units = 1024
    n_embd: Units = 768
    n_layer: Count = 12
    n_head: Count = 12
    n_inner: Units | None = None
    activation_function: ActivationName = "gelu_new"
    layer_norm_epsilon: Epsilon = 1e-5
    scale_attn_weights: Literal[True] = True
    scale_attn_by_inverse_layer_idx: Literal[False] = False
    add_cross_attention: Literal[False] = False

    def architecture(self, names: Collection[str]) -> Architecture:
        """A decoder. Without a matrix of its own for the logits, it has that of the embedding, if the config says so.

        A model that was trained for another task than the next token returns its hidden states.
        """
        own = "lm_head.weight" in names or (not self.tie_word_embeddings and self.made_for("HeadModel", "HeadsModel"))
        other = any(name.startswith(OTHER_HEADS) for name in names)
        return Architecture(
            "decoder",
            targets=self.vocab_size,
            layers=self.n_layer,
            width=self.n_embd,
            heads=self.n_head,
            feed_forward=self.n_inner or 4 * self.n_embd,
            tokens=self.n_positions,
            activation=ACTIVATION_NAMES[self.activation_function],
            positions="learned",
            tied=not own,
            eps=self.layer_norm_epsilon,
            predicts=own or (self.tie_word_embeddings and not other),
        )

    def stored(self, of: Architecture, names: Collection[str]) -> dict[str, Stored]:
        found = {
            "stack.embedding.words.weight": Stored("wte.weight"),
            "stack.embedding.places.weight": Stored("wpe.weight"),
            "unembedding.weight": Stored("lm_head.weight"),
            **layer("stack.norm", "ln_f"),
        }
        for number in range(of.layers):
            own, theirs = f"stack.blocks.{number}", f"h.{number}"
            found |= layer(f"{own}.attention.before", f"{theirs}.ln_1")
            for part, name in enumerate(("query", "key", "value")):
                found |= layer(f"{own}.attention.module.{name}", f"{theirs}.attn.c_attn", turned=True, part=part)
            found |= layer(f"{own}.attention.module.projection", f"{theirs}.attn.c_proj", turned=True)
            found |= layer(f"{own}.mlp.before", f"{theirs}.ln_2")
            found |= layer(f"{own}.mlp.module.0", f"{theirs}.mlp.c_fc", turned=True)
            found |= layer(f"{own}.mlp.module.2", f"{theirs}.mlp.c_proj", turned=True)
        return found

    @staticmethod
    def tokenizer(folder: Path) -> Tokenizer:
        """Byte-pair encoding from vocab.json and merges.txt."""
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers

        files = [str(checked_file(folder, name)) for name in ("vocab.json", "merges.txt")]
        found = Tokenizer(models.BPE.from_file(*files))
        prefix = options(folder).get("add_prefix_space") is True
        found.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
        found.decoder = decoders.ByteLevel()
        found.add_special_tokens([token for token in ("<|endoftext|>",) if found.token_to_id(token) is not None])
        return found
