"""What flows through a model, down to the last number, and what changes if a part of a transformer is edited.

The method of edits is activation patching, https://arxiv.org/abs/2404.15255. Names of parts begin with the stack:
"stack" for the tokens' own, "encoder" for the source's.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor, nn

from engine.nn.attention import Attention, Rotary
from engine.nn.capture import Capture, capture
from engine.transformer.model import Embedding, Model, Sublayer, Transformer
from engine.transformer.recurrent import Alignment

POINTS = ("q", "k", "v", "scale", "mask", "softmax", "z")
"""The parts of an attention that are watched."""

NORMS = ("before", "after", "norm")
"""The names of LayerNorms in the model."""

WATCHED = (Embedding, Sublayer, nn.LayerNorm)

Part = TypeVar("Part", bound=nn.Module)
Hook = Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]


@dataclass(frozen=True)
class AttentionTrace:
    """One attention. T tokens look at S tokens, and the heads have the width d.

    q: [N, heads, T, d]. k, v: [N, heads, S, d]. With rotary positions q and k are turned already.
    raw, scaled, masked: the scores q k, the scores / sqrt(d), and these with -inf where a token may not look, each
        [N, heads, T, S]. weights: their softmax.
    z: each head's output, weights v, [N, heads, T, d].
    added: what each head adds to the output, z W_O, [N, heads, T, width]. bias: what the projection adds besides, or 0.
    """

    q: Tensor
    k: Tensor
    v: Tensor
    raw: Tensor
    scaled: Tensor
    masked: Tensor
    weights: Tensor
    z: Tensor
    added: Tensor
    bias: Tensor


@dataclass(frozen=True)
class Trace:
    """Everything that a model computes for tokens [N, T] and, if it reads one, a source [N, S].

    tokens, source: the input. embedded: stack -> the residual stream x at its start, [N, T, width].
    attentions: name of a sub-layer -> its attention, in the order of computation, such as "stack.0.attention",
        "stack.0.cross", "encoder.1.attention".
    added: name of a sub-layer -> what it adds to x, [N, T, width]. "stack.0.mlp" is an MLP's.
    stream: name of a sub-layer -> x after it. With LayerNorm before the branches x is ``embedded`` plus all ``added``.
    norms: name -> the input and the output of a LayerNorm. hidden: stack -> its states after the last LayerNorm.
    logits: [N, T, targets]. If the model does not predict, they are its hidden states [N, T, width].

    A recurrent model has one attention, "stack.alignment", if any: one head with d = width, whose scores are not
    scaled. ``added``, ``stream`` and ``norms`` are empty.
    """

    tokens: Tensor
    source: Tensor | None
    embedded: dict[str, Tensor]
    attentions: dict[str, AttentionTrace]
    added: dict[str, Tensor]
    stream: dict[str, Tensor]
    norms: dict[str, tuple[Tensor, Tensor]]
    hidden: dict[str, Tensor]
    logits: Tensor


@dataclass(frozen=True)
class Edit:
    """What is changed in a model before it is traced. Nothing, by default. Names are those of ``Trace.attentions``.

    scale: whether scores are divided by sqrt(d).
    masks: name -> which pairs may not look at each other, true for these, [T, S]. It replaces the mask.
    gates: (name, head) -> the factor on what the head adds, from 0, without the head, to 1.
    uniform: the heads (name, head) that look at all tokens which they may see alike.
    averaged: the heads (name, head) whose output is its mean over all tokens of the batch.
    positions: whether the model is told the places of tokens.
    """

    scale: bool = True
    masks: Mapping[str, Tensor] = field(default_factory=dict)
    gates: Mapping[tuple[str, int], float] = field(default_factory=dict)
    uniform: frozenset[tuple[str, int]] = frozenset()
    averaged: frozenset[tuple[str, int]] = frozenset()
    positions: bool = True


def trace(model: Model, tokens: Tensor, source: Tensor | None = None, edit: Edit | None = None) -> Trace:
    """Run ``model`` on tokens [N, T], and a source [N, S] if it reads one, and keep everything. See ``Trace``.

    The model is used without dropout, is not changed, and may be traced by several threads at once.
    Raises ValueError if the input has the wrong form or unknown tokens, or if ``edit`` names a part that does not
    exist, or has a mask of the wrong form or a gate outside 0 to 1.
    """
    check(model, tokens, source)
    own = shared(model).eval()
    parts = {name: module for name, module in own.named_modules() if isinstance(module, Attention | Alignment)}
    if edit is not None:
        apply(edit, own, parts)
    watched: dict[str, nn.Module] = {
        name: module for name, module in own.named_modules() if isinstance(module, WATCHED)
    }
    watched |= {name: module for name, module in own.named_children() if name in ("encoder", "stack")}
    watched |= {f"{name}.module": each.module for name, each in watched.items() if isinstance(each, Sublayer)}
    watched |= {f"{name}.{point}": getattr(each, point) for name, each in parts.items() for point in POINTS}
    logits: list[Tensor] = []

    def run() -> Tensor:
        logits.append(own(tokens, source))
        return logits[0].sum()

    return arranged(tokens, source, parts, capture(watched, run), logits[0].detach())


def check(model: Model, tokens: Tensor, source: Tensor | None) -> None:
    """Raise ValueError if ``model`` cannot read this input."""
    of = model.architecture
    if (source is None) != (model.encoder is None):
        raise ValueError("this model reads no source" if model.encoder is None else "this model needs a source")
    for name, given, words in (("text", tokens, of.targets), ("source", source, of.sources)):
        if given is None:
            continue
        if given.ndim != 2 or given.dtype not in (torch.int64, torch.int32):
            raise ValueError(f"the {name} must be token numbers, N x T, but it is {form(given)} of {given.dtype}")
        if given.numel() == 0:
            raise ValueError(f"the {name} is empty")
        if of.tokens and given.shape[1] > of.tokens:
            raise ValueError(f"the {name} has {given.shape[1]} tokens, but the model reads at most {of.tokens}")
        if given.min() < 0 or given.max() >= words:
            raise ValueError(f"the {name} has a token outside 0 to {words - 1}")
    if source is not None and len(source) != len(tokens):
        raise ValueError(f"there are {len(tokens)} texts, but {len(source)} sources")


def form(tensor: Tensor) -> str:
    """The shape in words: "3 x 5"."""
    return " x ".join(map(str, tensor.shape))


def shared(part: Part) -> Part:
    """A copy of ``part`` whose modules and hooks are its own. Its weights are the same tensors.

    ``copy.deepcopy`` takes longer than a forward pass. Here only the dictionaries of each module are copied.
    """
    own = copy.copy(part)
    for name, value in vars(part).items():
        if isinstance(value, dict):
            vars(own)[name] = value.copy()
    for name, child in part.named_children():
        own.add_module(name, shared(child))
    return own


def short(name: str) -> str:
    """The name of a part in a trace: "stack.blocks.0.attention.module" -> "stack.0.attention"."""
    return name.replace("blocks.", "").removesuffix(".module")


def arranged(
    tokens: Tensor, source: Tensor | None, parts: Mapping[str, Attention | Alignment], seen: Capture, logits: Tensor
) -> Trace:
    """The trace of what was ``seen``. parts: the attentions by their names in the model."""
    inputs = {name: value.detach() for name, value in seen.inputs.items()}
    outputs = {name: value.detach() for name, value in seen.outputs.items()}
    stacks = [name.removesuffix(".embedding") for name in outputs if name.endswith(".embedding")]
    sublayers = [name.removesuffix(".module") for name in outputs if name.endswith(".module")]
    return Trace(
        tokens,
        source,
        {name: outputs[f"{name}.embedding"] for name in stacks},
        {short(name): attention_trace(name, each, inputs, outputs) for name, each in parts.items()},
        {short(name): outputs[f"{name}.module"] for name in sublayers},
        {short(name): outputs[name] for name in sublayers},
        {short(name): (inputs[name], outputs[name]) for name in outputs if name.split(".")[-1] in NORMS},
        {name: outputs[name] for name in stacks},
        logits,
    )


def attention_trace(
    name: str, attention: Attention | Alignment, inputs: Mapping[str, Tensor], outputs: Mapping[str, Tensor]
) -> AttentionTrace:
    """The trace of one attention, from the inputs and outputs of its parts."""
    projection, z = attention.projection, outputs[f"{name}.z"]
    bias = projection.bias if isinstance(projection, nn.Linear) else None
    return AttentionTrace(
        outputs[f"{name}.q"],
        outputs[f"{name}.k"],
        outputs[f"{name}.v"],
        inputs[f"{name}.scale"],
        outputs[f"{name}.scale"],
        outputs[f"{name}.mask"],
        outputs[f"{name}.softmax"],
        z,
        attention.contributions(z).detach(),
        torch.zeros(()) if bias is None else bias.detach(),
    )


def apply(edit: Edit, model: Model, parts: Mapping[str, Attention | Alignment]) -> None:
    """Change ``model``, which is a copy, as ``edit`` says. parts: its attentions. Raises ValueError."""
    if not isinstance(model, Transformer):
        raise ValueError("only a transformer can be edited")
    named = {short(name): each for name, each in parts.items()}
    for name, head in [*((name, 0) for name in edit.masks), *edit.gates, *edit.uniform, *edit.averaged]:
        if name not in named:
            raise ValueError(f"there is no attention {name}; there are {', '.join(named)}")
        if not 0 <= head < named[name].heads:
            raise ValueError(f"{name} has no head {head}; its heads are 0 to {named[name].heads - 1}")
    for (name, head), factor in edit.gates.items():
        if not 0 <= factor <= 1:
            raise ValueError(f"the gate of head {head} of {name} must be from 0 to 1, but it is {factor:g}")
    for name, each in named.items():
        if not edit.scale:
            each.scale.register_forward_hook(lambda _, inputs, __: inputs[0])
        if name in edit.masks:
            each.mask.register_forward_hook(remasked(edit.masks[name]))
        alike = [head for other, head in edit.uniform if other == name]
        if alike:
            each.softmax.register_forward_hook(evened(alike))
        flat = [head for other, head in edit.averaged if other == name]
        if flat:
            each.z.register_forward_hook(averaged(flat))
        gates = {head: factor for (other, head), factor in edit.gates.items() if other == name}
        if gates:
            each.z.register_forward_hook(gated(gates))
        if not edit.positions and isinstance(each.q, Rotary):
            each.q.register_forward_hook(lambda _, inputs, __: inputs[0])
            each.k.register_forward_hook(lambda _, inputs, __: inputs[0])
    if not edit.positions:
        for module in model.modules():
            if isinstance(module, Embedding):
                module.places.register_forward_hook(lambda _, __, output: torch.zeros_like(output))


def remasked(hidden: Tensor) -> Hook:
    """Mask the pairs ``hidden`` [T, S] instead of the others."""

    def hook(_: nn.Module, inputs: tuple[Tensor, ...], __: Tensor) -> Tensor:
        wanted = inputs[0][0, 0]
        if hidden.shape != wanted.shape or hidden.dtype != torch.bool:
            given = f"{form(hidden)} of {hidden.dtype}"
            raise ValueError(f"the mask must be {form(wanted)} of booleans for this input, but it is {given}")
        return inputs[0].masked_fill(hidden, -torch.inf)

    return hook


def evened(heads: Sequence[int]) -> Hook:
    """Let the ``heads`` look alike at all tokens that they may see."""

    def hook(_: nn.Module, inputs: tuple[Tensor, ...], weights: Tensor) -> Tensor:
        seen = (inputs[0] > -torch.inf).to(weights.dtype)
        even = seen / seen.sum(-1, keepdim=True).clamp(min=1)
        return weights.index_copy(1, torch.tensor(heads, device=weights.device), even[:, heads])

    return hook


def averaged(heads: Sequence[int]) -> Hook:
    """Replace what the ``heads`` put out by its mean over all tokens of the batch."""

    def hook(_: nn.Module, __: tuple[Tensor, ...], z: Tensor) -> Tensor:
        mean = z.mean((0, 2), keepdim=True).expand_as(z)
        return z.index_copy(1, torch.tensor(heads, device=z.device), mean[:, heads])

    return hook


def gated(gates: Mapping[int, float]) -> Hook:
    """Multiply what the heads put out. gates: head -> factor."""

    def hook(_: nn.Module, __: tuple[Tensor, ...], z: Tensor) -> Tensor:
        factors = torch.ones_like(z[0, :, 0, 0])
        factors[list(gates)] = torch.tensor(list(gates.values()), dtype=z.dtype, device=z.device)
        return z * factors[:, None, None]

    return hook
