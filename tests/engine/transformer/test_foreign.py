"""Foreign models against Hugging Face's transformers: the same logits, attentions, hidden states and tokens."""

import socket
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.nn import ACTIVATIONS
from engine.transformer import Transformer, trace
from engine.transformer.foreign import Foreign, foreign_models, load_foreign, read
from engine.transformer.foreign.family import ACTIVATION_NAMES
from tests.engine.transformer.hugging_face import (
    ACT2FN,
    WORDS,
    BertForMaskedLM,
    BertForSequenceClassification,
    BertLMHeadModel,
    BertModel,
    GPT2ForSequenceClassification,
    GPT2LMHeadModel,
    GPT2Model,
    change,
    drawn,
    saved,
)

BOTH = pytest.mark.parametrize("kind", [GPT2LMHeadModel, BertForMaskedLM])


def tokens(count: int = 17, rows: int = 2) -> Tensor:
    return torch.randint(0, WORDS, (rows, count), generator=torch.Generator().manual_seed(count))


def close(found: Tensor, wanted: Tensor, within: float) -> None:
    torch.testing.assert_close(found, wanted.detach(), rtol=within, atol=within)


def agree(model: Transformer, other: Any, within: float) -> None:
    """All attentions, all states of the residual stream and the last ones are those of ``other``."""
    text = tokens()
    found = trace(model, text)
    theirs = other(text, output_attentions=True, output_hidden_states=True)
    layers = range(model.architecture.layers)
    assert len(theirs.attentions) == len(layers)
    for layer in layers:
        close(found.attentions[f"stack.{layer}.attention"].weights, theirs.attentions[layer], within)
    stream = [found.embedded["stack"], *(found.stream[f"stack.{layer}.mlp"] for layer in layers)]
    for own, state in zip([*stream[:-1], found.hidden["stack"]], theirs.hidden_states, strict=True):
        close(own, state, within)
    if "logits" in theirs and model.architecture.predicts:
        assert theirs.logits.shape == (*text.shape, WORDS)
        close(found.logits, theirs.logits, within)
    else:
        close(found.logits, theirs.hidden_states[-1], within)


VARIANTS = [
    pytest.param(GPT2LMHeadModel, {}, id="gpt2"),
    pytest.param(GPT2LMHeadModel, {"tie_word_embeddings": False, "n_inner": None}, id="gpt2-untied"),
    pytest.param(GPT2LMHeadModel, {"activation_function": "relu", "layer_norm_epsilon": 0.1}, id="gpt2-relu"),
    pytest.param(GPT2LMHeadModel, {"n_head": 1, "n_layer": 1}, id="gpt2-one-head"),
    pytest.param(GPT2Model, {"tie_word_embeddings": False}, id="gpt2-without-head"),
    pytest.param(GPT2ForSequenceClassification, {"pad_token_id": 0}, id="gpt2-for-classes"),
    pytest.param(BertForMaskedLM, {}, id="bert"),
    pytest.param(BertForMaskedLM, {"tie_word_embeddings": False}, id="bert-untied"),
    pytest.param(BertForMaskedLM, {"hidden_act": "gelu_new", "layer_norm_eps": 0.1}, id="bert-gelu-new"),
    pytest.param(BertForMaskedLM, {"type_vocab_size": 1}, id="bert-one-part"),
    pytest.param(BertLMHeadModel, {"is_decoder": True}, id="bert-decoder"),
    pytest.param(BertModel, {}, id="bert-without-head"),
    pytest.param(BertForSequenceClassification, {}, id="bert-for-classes"),
]


@pytest.mark.parametrize(("kind", "changes"), VARIANTS)
def test_a_trace_is_what_transformers_computes(kind: Any, changes: dict[str, Any], tmp_path: Path) -> None:
    """In float32 to 1e-5, and, since both have the same weights, in float64 to 1e-12."""
    other = drawn(kind, **changes)
    model = read(saved(other, tmp_path)).model
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert not model.training
    agree(model, other, 1e-5)
    agree(model.double(), other.double(), 1e-12)


@BOTH
def test_a_model_in_parts_is_the_same_model(kind: Any, tmp_path: Path) -> None:
    other = drawn(kind)
    saved(other, tmp_path, max_shard_size="8KB")
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 2
    agree(read(tmp_path).model, other, 1e-5)


@BOTH
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_types_of_numbers_are_read_as_float32(kind: Any, dtype: torch.dtype, tmp_path: Path) -> None:
    other = drawn(kind).to(dtype)
    agree(read(saved(other, tmp_path)).model, other.float(), 1e-5)


def test_a_gpt2_without_prefix_predicts_by_its_embedding(tmp_path: Path) -> None:
    """The first published files of GPT-2 are those of a model without a head, and have masks as tensors."""
    other = drawn(GPT2LMHeadModel)
    saved(other, tmp_path)
    old = {
        name.removeprefix("transformer."): value for name, value in load_file(tmp_path / "model.safetensors").items()
    }
    old["h.0.attn.bias"] = torch.ones(1, 1, 24, 24).tril()
    save_file(old, tmp_path / "model.safetensors")
    found = read(tmp_path)
    assert found.left_out == ("h.0.attn.bias",)
    assert found.model.unembedding.weight is found.model.stack.embedding.words.weight
    agree(found.model, other, 1e-5)


def test_a_bert_with_old_names_is_the_same_model(tmp_path: Path) -> None:
    other = drawn(BertForMaskedLM)
    saved(other, tmp_path)
    old = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value
        for name, value in load_file(tmp_path / "model.safetensors").items()
    }
    save_file(old, tmp_path / "model.safetensors")
    agree(read(tmp_path).model, other, 1e-5)


def test_a_head_that_differs_from_the_embedding_is_kept_although_the_config_ties_them(tmp_path: Path) -> None:
    other = drawn(GPT2LMHeadModel, tie_word_embeddings=False)
    change(saved(other, tmp_path), tie_word_embeddings=True)
    agree(read(tmp_path).model, other, 1e-5)


def test_heads_for_other_tasks_are_named_as_left_out(tmp_path: Path) -> None:
    classes = read(saved(drawn(BertForSequenceClassification), tmp_path / "classes"))
    assert set(classes.left_out) == {
        "bert.pooler.dense.bias", "bert.pooler.dense.weight", "classifier.bias", "classifier.weight",
    }  # fmt: skip
    assert read(saved(drawn(BertForMaskedLM), tmp_path / "words")).left_out == ()


@pytest.mark.parametrize("name", ACTIVATION_NAMES)
def test_activations_have_hugging_faces_names(name: str) -> None:
    z = torch.linspace(-6, 6, 241, dtype=torch.float64)
    # Its gelu_fast has a constant with ten digits.
    torch.testing.assert_close(ACTIVATIONS[ACTIVATION_NAMES[name]].f(z), ACT2FN[name](z), rtol=1e-9, atol=1e-9)


def test_only_the_named_folder_offers_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADIENT_LAB_MODELS", raising=False)
    assert foreign_models() == ()
    for name, kind in (("small-gpt2", GPT2LMHeadModel), ("small-bert", BertForMaskedLM)):
        saved(drawn(kind), tmp_path / "models" / name)
    saved(drawn(GPT2LMHeadModel), tmp_path / "elsewhere")
    (tmp_path / "models" / "notes").mkdir()
    monkeypatch.setenv("GRADIENT_LAB_MODELS", str(tmp_path / "models"))
    assert foreign_models() == ("small-bert", "small-gpt2")
    found = load_foreign("small-bert")
    assert (found.name, found.family) == ("small-bert", "bert")
    for path in ("../elsewhere", str(tmp_path / "elsewhere"), "notes", ""):
        with pytest.raises(ValueError, match="There is no model"):
            load_foreign(path)
    monkeypatch.setenv("GRADIENT_LAB_MODELS", str(tmp_path / "models" / "small-gpt2"))
    assert foreign_models() == ("small-gpt2",)
    assert load_foreign("small-gpt2").family == "gpt2"
    monkeypatch.setenv("GRADIENT_LAB_MODELS", str(tmp_path / "absent"))
    with pytest.raises(ValueError, match="GRADIENT_LAB_MODELS names no folder"):
        foreign_models()


@BOTH
def test_reading_a_model_opens_no_connection(kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a connection was opened")

    saved(drawn(kind), tmp_path)
    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    found: Foreign = read(tmp_path)
    trace(found.model, found.encode("The cat sat."))
