"""Split a gradient, exactly, into the part that came along the shortcuts and the part that came through the branches.

A residual network of L spans is a sum over 2^L paths. At each span, a path takes the shortcut or the branch (Veit,
Wilber & Belongie 2016, Residual networks behave like ensembles of relatively shallow networks,
https://arxiv.org/abs/1605.06431). Let h_l be the input of span l + 1, and h_L the trunk's output. Let S_l and B_l be
the transposed Jacobians of the shortcut and of the branch of this span, at the activations of the batch. The gradient
at h_l is (S_l + B_l) ... (S_L-1 + B_L-1) g, where g is the gradient at h_L. Let g_l[k] be the sum of the terms of this
product that contain exactly k branches. One backward pass computes all g_l[k], without following each path:

    g_l[k] = S_l g_l+1[k] + B_l g_l+1[k - 1],    sum over k of g_l[k] = dL/dh_l.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.residuals.spec import MOST_PATHS, path_samples, path_work
from engine.signals import Network, StackSpec, batch, build

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Highway:
    """The gradient of the loss at each position between spans, split by the paths along which it came back.

    Index l of an array is the input of span l + 1; the last index is the trunk's output. Shares may be negative. They
    sum to 1 at each state. They are NaN if the gradient at the state is zero.

    samples: the number of samples whose gradients are split.
    norm: ||g_l||, all samples together, [spans + 1].
    shortcut: <S_l g_l+1, g_l> / ||g_l||^2, the share that came along the shortcut of span l + 1, [spans]. The rest came
        through the branch of this span.
    lengths: <g_l[k], g_l> / ||g_l||^2, the share that came along paths through exactly k branches, [spans + 1,
        spans + 1]. Each row sums to 1. An entry is NaN if fewer than k branches follow.
    sizes: ||g_l[k]|| / ||g_l||, [spans + 1, spans + 1]. If paths cancel one another, this is larger than the share. An
        entry is NaN if fewer than k branches follow.
    """

    spec: StackSpec
    samples: int
    norm: Array
    shortcut: Array
    lengths: Array
    sizes: Array

    @property
    def finite(self) -> bool:
        """Whether the gradient at each span's input is finite and not zero, so that it can be split."""
        return bool(np.isfinite(self.shortcut).all())

    def mean_length(self) -> Array:
        """The mean number of branches on a path to each state, weighted by the paths' shares, [spans + 1]."""
        return np.asarray(np.where(self._reached(), self.lengths, 0.0) @ np.arange(self.lengths.shape[1]))

    def longest(self) -> int:
        """The largest number of branches whose share is at least 0.001 in absolute value at some state.

        It is the number of spans if no share is so large.
        """
        counts = np.nonzero((np.abs(self.lengths) >= 1e-3).any(0))[0]
        return int(counts[-1]) if len(counts) else self.lengths.shape[1] - 1

    def table(self) -> pd.DataFrame:
        """One row for each place between spans and each number of branches that a path to this place can have."""
        places, counts = np.nonzero(self._reached())
        return pd.DataFrame(
            {
                "place": places,
                "branches": counts,
                "share": self.lengths[places, counts],
                "size": self.sizes[places, counts],
            }
        )

    def _reached(self) -> NDArray[np.bool_]:
        """Whether a path through k branches can lead to place l, indexed [l, k], [spans + 1, spans + 1]."""
        return np.tri(len(self.norm), dtype=bool)[::-1]


def highway(spec: StackSpec) -> Highway:
    """Split the residual twin's gradients at the start of training.

    The gradients are those of the whole batch, or of as many of its samples as ``MOST_PATHS`` allows. Raises ValueError
    if it allows fewer than two samples.
    """
    samples = path_samples(spec)
    if samples < 2:
        raise ValueError(
            f"The paths of two samples take {path_work(spec, 2):.2g} operations, but at most {MOST_PATHS:.2g} are "
            "allowed. Choose less depth or width."
        )
    _, residual = build(spec)
    inputs, labels = batch(spec)
    return split(spec, residual, inputs[:samples], labels[:samples])


def split(spec: StackSpec, network: Network, inputs: Tensor, labels: Tensor) -> Highway:
    """Split the gradients of ``network`` for a batch."""
    pieces, shortcuts = by_length(network, inputs, labels)
    spans = len(pieces) - 1
    norm, by_shortcut = np.zeros(spans + 1), np.zeros(spans)
    lengths, sizes = np.full((spans + 1, spans + 1), np.nan), np.full((spans + 1, spans + 1), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        for place, stack in enumerate(pieces):
            flat = stack.flatten(1).double()
            whole = flat.sum(0)
            square = np.float64(whole.square().sum())
            norm[place] = np.sqrt(square)
            lengths[place, : len(flat)] = (flat @ whole).numpy() / square
            sizes[place, : len(flat)] = flat.norm(dim=1).numpy() / norm[place]
            if place < spans:
                by_shortcut[place] = float(shortcuts[place].flatten().double() @ whole) / square
    return Highway(spec, len(inputs), norm, by_shortcut, lengths, sizes)


def by_length(network: Network, inputs: Tensor, labels: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Split the gradient at each place between spans by path length, and find its part along the next shortcut.

    Returns two lists. The first has one stack [path lengths, N, units] for each place, and the trunk's output is last.
    The stack of place l contains all g_l[k], and their sum is dL/dh_l. The second list has S_l g_l+1, [N, units], for
    each place except the last.
    """
    with torch.no_grad():
        entered = [network.stem(inputs)]
        for span in network.spans:
            entered.append(span(entered[-1]))
    last = entered[-1].requires_grad_()
    loss = nn.functional.cross_entropy(network.logits(last), labels)
    stack = torch.autograd.grad(loss, last)[0].unsqueeze(0)
    pieces, shortcuts = [stack], []
    for rows, span in zip(reversed(entered[:-1]), reversed(network.spans), strict=True):
        # The branch and the shortcut get one copy of the input each, so that autograd keeps their gradients apart.
        by_branch, by_shortcut = rows.clone().requires_grad_(), rows.clone().requires_grad_()
        out = span.join(by_shortcut, span.branch(by_branch))
        through, along = torch.autograd.grad(
            out, (by_branch, by_shortcut), stack, is_grads_batched=True, allow_unused=True, materialize_grads=True
        )
        if span.shortcut is None:
            along = torch.zeros_like(through)
        absent = torch.zeros_like(along[:1])
        stack = torch.cat([along, absent]) + torch.cat([absent, through])
        pieces.append(stack)
        shortcuts.append(along.sum(0))
    return pieces[::-1], shortcuts[::-1]
