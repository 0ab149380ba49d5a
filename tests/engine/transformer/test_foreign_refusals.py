"""Folders that are no model, or a damaged or hostile one: a clear error each, and nothing is unpickled."""

import json
import pickle
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.transformer.foreign import ModelUnavailable, read
from tests.engine.transformer.hugging_face import (
    BertForMaskedLM,
    GPT2LMHeadModel,
    change,
    drawn,
    saved,
)

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
WTE, QKV = "transformer.wte.weight", "transformer.h.0.attn.c_attn.weight"


@pytest.fixture
def gpt2(tmp_path: Path) -> Path:
    return saved(drawn(GPT2LMHeadModel), tmp_path / "mine")


@pytest.fixture
def bert(tmp_path: Path) -> Path:
    return saved(drawn(BertForMaskedLM), tmp_path / "mine")


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    return saved(drawn(GPT2LMHeadModel), tmp_path / "mine", max_shard_size="8KB")


def refused(folder: Path, message: str) -> None:
    """The message names the model and the reason, but not where the folder is."""
    with pytest.raises(ModelUnavailable, match=message) as caught:
        read(folder)
    assert str(caught.value).startswith(f"The model '{folder.name}' cannot be read: ")
    assert str(folder.parent) not in str(caught.value)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "absent", "it has no config.json")
    refused(tmp_path, "it has no config.json")
    (tmp_path / "config.json").mkdir()
    refused(tmp_path, "it has no config.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe{}", "config.json is not UTF-8 text"),
        (b"{", "config.json is not JSON"),
        (b"[" * 100_000, "config.json is not JSON"),
        (b'{"n_embd": ' + b"9" * 5000 + b"}", "config.json is not JSON"),
        (b"[]", "config.json is not a JSON object"),
        (b"{}", "its model_type is 'None'; bert, gpt2 can be read"),
        (b'{"model_type": "llama"}', "its model_type is 'llama'"),
        (b'{"model_type": ["gpt2"]}', "its model_type is "),
        (b" " * (2**25 + 1), "config.json has more than 33,554,432 bytes"),
    ],
    ids=["UTF-16", "cut", "deep", "digits", "list", "empty", "unknown", "no-name", "large"],
)
def test_a_config_that_is_none_is_refused(content: bytes, message: str, gpt2: Path) -> None:
    (gpt2 / "config.json").write_bytes(content)
    refused(gpt2, message)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"n_embd": 10**12}, "n_embd = '1000000000000': it must be at most 65536"),
        ({"n_layer": 10**6}, "n_layer = '1000000': it must be at most 256"),
        ({"vocab_size": -1}, "vocab_size = '-1': it must be at least 1"),
        ({"n_head": 4.5}, "n_head = '4.5': "),
        ({"n_head": True}, "n_head = 'True': "),
        ({"n_head": "4"}, "n_head = '4': "),
        ({"n_head": 3}, "config.json does not fit together: 3 heads do not divide 16 units"),
        ({"layer_norm_epsilon": float("nan")}, "layer_norm_epsilon = 'nan': "),
        ({"layer_norm_epsilon": 0}, "layer_norm_epsilon = '0': it must be above 0"),
        (
            {"activation_function": "quick_gelu"},
            "activation_function = 'quick_gelu': the lab knows the activations gelu,",
        ),
        ({"activation_function": "x" * 1000}, "activation_function = 'x{79}…'"),
        ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx = 'True': expected False"),
        ({"scale_attn_weights": False}, "scale_attn_weights = 'False': expected True"),
        ({"add_cross_attention": True}, "add_cross_attention = 'True': expected False"),
        ({"pruned_heads": {"0": [1]}}, "pruned_heads = .*: the lab cannot compute such a model"),
        ({"quantization_config": {"bits": 8}}, "quantization_config = .*: the lab cannot compute such a model"),
        ({"auto_map": {"AutoModel": "code.Model"}}, "auto_map = .*: the lab cannot compute such a model"),
        ({"n_embd": 32_768, "n_layer": 200, "n_inner": 65_536}, "weights; at most 2,000,000,000 are read"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_settings_that_cannot_be_computed_are_refused(entry: dict[str, Any], message: str, gpt2: Path) -> None:
    """The last one would need 7 TB, so it fails in another way unless it is refused before memory is taken."""
    change(gpt2, **entry)
    refused(gpt2, message)


def test_relative_positions_are_refused(bert: Path) -> None:
    change(bert, position_embedding_type="relative_key")
    refused(bert, "position_embedding_type = 'relative_key': expected 'absolute'")


class Opened:
    """Unpickling this would create a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "checkpoint.ckpt"])
def test_a_pickle_is_never_read(name: str, gpt2: Path, tmp_path: Path) -> None:
    (gpt2 / WEIGHTS).unlink()
    (gpt2 / name).write_bytes(pickle.dumps(Opened(tmp_path / "touched")))
    refused(gpt2, f"only in '{name}', and a pickled file can run any code .* save_pretrained")
    (gpt2 / name).rename(gpt2 / WEIGHTS)
    refused(gpt2, "model.safetensors is damaged, or is not a safetensors file")
    assert not (tmp_path / "touched").exists()


def test_a_model_without_weights_is_refused(gpt2: Path) -> None:
    (gpt2 / WEIGHTS).unlink()
    refused(gpt2, "it has no model.safetensors")


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:7],
        lambda whole: whole[:100],
        lambda whole: whole[:-1],
        lambda whole: whole + b"\0",
        lambda whole: struct.pack("<Q", 2**62) + whole[8:],
        lambda whole: whole[:8] + b"\xff" * 50 + whole[58:],
    ],
    ids=["empty", "length", "header", "cut", "longer", "absurd-length", "header-not-JSON"],
)
def test_a_damaged_file_of_weights_is_refused(damage: Callable[[bytes], bytes], gpt2: Path) -> None:
    (gpt2 / WEIGHTS).write_bytes(damage((gpt2 / WEIGHTS).read_bytes()))
    refused(gpt2, "model.safetensors is damaged, or is not a safetensors file")


def rewritten(folder: Path, **changes: torch.Tensor | None) -> None:
    """Replace, add or, with None, remove tensors."""
    found = load_file(folder / WEIGHTS) | changes
    save_file({name: value for name, value in found.items() if value is not None}, folder / WEIGHTS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({WTE: None}, r"its files lack 'wte.weight'"),
        ({"transformer.h.3.ln_1.weight": torch.ones(16)}, "tensors that a GPT-2 does not have: 'h.3.ln_1.weight'"),
        ({"evil": torch.ones(1)}, "tensors that a GPT-2 does not have: 'evil'"),
        ({QKV: torch.ones(48, 16)}, r"c_attn.weight' has the shape \(48, 16\), but config.json says \(16, 48\)"),
        ({WTE: torch.ones(10**6, 16)}, r"has the shape \(1000000, 16\), but config.json says \(300, 16\)"),
        ({WTE: torch.ones(300, 16, dtype=torch.int8)}, "has numbers of the type 'I8'"),
        ({WTE: torch.full((300, 16), torch.nan)}, "has numbers that are not finite"),
        ({WTE: torch.full((300, 16), 1e300, dtype=torch.float64)}, "has numbers that are not finite in float32"),
        ({"wte.weight": torch.ones(300, 16)}, "wte.weight' appears twice"),
    ],
    ids=["missing", "fourth-block", "unknown", "turned", "large", "integers", "nan", "overflow", "twice"],
)
def test_tensors_that_do_not_fit_are_named(changes: dict[str, Any], message: str, gpt2: Path) -> None:
    rewritten(gpt2, **changes)
    refused(gpt2, message)


def test_of_many_missing_tensors_some_are_named(gpt2: Path) -> None:
    change(gpt2, n_layer=5)
    refused(gpt2, r"its files lack ('h\.3\.[\w.]+', ){4}'h\.3\.[\w.]+' and 19 more")


def test_a_head_that_is_neither_stored_nor_tied_is_missing(gpt2: Path) -> None:
    change(gpt2, tie_word_embeddings=False)
    refused(gpt2, "its files lack 'lm_head.weight'")


def test_a_bert_for_masked_words_needs_its_head(bert: Path) -> None:
    names = [name for name in load_file(bert / WEIGHTS) if name.startswith("cls.")]
    rewritten(bert, **dict.fromkeys(names))
    refused(bert, "its files lack 'cls.predictions.bias'")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../other.safetensors", "which is not the name of a safetensors file"),
        ("/other.safetensors", "which is not the name of a safetensors file"),
        ("..\\other.safetensors", "which is not the name of a safetensors file"),
        ("pytorch_model.bin", "which is not the name of a safetensors file"),
        ("absent.safetensors", "names 'absent.safetensors', which does not exist"),
        (7, "has no weight_map from tensors to files"),
    ],
)
def test_an_index_leads_nowhere_else(name: str | int, message: str, parts: Path) -> None:
    save_file({WTE: torch.ones(300, 16)}, parts.parent / "other.safetensors")
    places = json.loads((parts / INDEX).read_text())["weight_map"]
    change(parts, INDEX, weight_map=places | {WTE: name})
    refused(parts, message)


@pytest.mark.parametrize("weight_map", [{}, [], None, "model-00001-of-00003.safetensors"])
def test_an_index_without_files_is_refused(weight_map: object, parts: Path) -> None:
    change(parts, INDEX, weight_map=weight_map)
    refused(parts, "has no weight_map from tensors to files")


def test_an_index_of_too_many_files_is_refused(parts: Path) -> None:
    change(parts, INDEX, weight_map={str(number): f"{number}.safetensors" for number in range(1001)})
    refused(parts, "names 1,001 files; at most 1,000 are read")


@pytest.mark.parametrize("content", ["", "{", "{}", '{"model": {"type": "BPE"}}', "[]"])
def test_a_damaged_tokenizer_is_refused(content: str, gpt2: Path) -> None:
    (gpt2 / "tokenizer.json").write_text(content)
    refused(gpt2, "its tokenizer is damaged")


def test_a_tokenizer_that_fails_while_it_encodes_is_refused(bert: Path) -> None:
    template = json.loads((bert / "tokenizer.json").read_text())["post_processor"]
    change(bert, "tokenizer.json", post_processor=template | {"special_tokens": {}})
    found = read(bert)
    with pytest.raises(ModelUnavailable, match="its tokenizer is damaged"):
        found.encode("the cat")


def test_a_model_without_tokenizer_names_the_files_that_it_needs(gpt2: Path) -> None:
    (gpt2 / "tokenizer.json").unlink()
    refused(gpt2, "it has no tokenizer.json, and it has no vocab.json")
    (gpt2 / "vocab.json").write_text("[]")
    refused(gpt2, "it has no tokenizer.json, and it has no merges.txt")
    (gpt2 / "merges.txt").write_text("a b c d\n")
    refused(gpt2, "its tokenizer is damaged")


def test_a_vocabulary_without_special_tokens_is_refused(bert: Path) -> None:
    (bert / "tokenizer.json").unlink()
    refused(bert, "it has no tokenizer.json, and it has no vocab.txt")
    (bert / "vocab.txt").write_text("[PAD]\n[UNK]\nthe\ncat\n")
    refused(bert, r"vocab.txt has no \[CLS\], \[SEP\]")
    (bert / "vocab.txt").write_bytes(b"\xff\xfe\n")
    refused(bert, "its tokenizer is damaged")


@pytest.mark.parametrize("package", ["safetensors", "tokenizers"])
def test_an_absent_package_is_named(package: str, gpt2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    refused(gpt2, f"the package {package} is not installed")
