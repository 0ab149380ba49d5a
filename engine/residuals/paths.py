"""How much of a gradient came by the shortcuts and how much through the branches. The split is exact.

A residual network of L spans is a sum over 2^L paths: at each span the gradient comes back by the shortcut or through
the branch (Veit, Wilber & Belongie 2016, Residual networks behave like ensembles of relatively shallow networks,
https://arxiv.org/abs/1605.06431). Let S_l and B_l be the transposed Jacobians of the shortcut and of the branch at the
batch's own activations. The gradient at span l is (S_l + B_l) ... (S_L + B_L) g. Let g_l[k] be the sum of those terms
of the product that contain k branches. One backward pass computes all of them, without following each path:

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
    """The gradient of the loss at each state between spans, split by the way it came.

    Index l of an array is the input of span l + 1; the last index is the trunk's output. Shares are signed and sum to
    1. They are NaN where the gradient is zero.

    samples: how many samples' gradients are split.
    norm: ||g_l||, all samples together, [spans + 1].
    shortcut: <S_l g_l+1, g_l> / ||g_l||^2, the share that came by the shortcut of span l + 1, [spans]. The rest came
        through its branch.
    lengths: <g_l[k], g_l> / ||g_l||^2, the share of the paths through k branches, [spans + 1, spans + 1]. Each row sums
        to 1. NaN where fewer than k branches follow.
    sizes: ||g_l[k]|| / ||g_l||, [spans + 1, spans + 1], larger than the share where paths cancel one another. NaN where
        fewer than k branches follow.
    """

    spec: StackSpec
    samples: int
    norm: Array
    shortcut: Array
    lengths: Array
    sizes: Array

    @property
    def finite(self) -> bool:
        """Whether there is a gradient to split."""
        return bool(np.isfinite(self.shortcut).all())

    def mean_length(self) -> Array:
        """The mean number of branches on a path, weighted by the paths' shares, [spans + 1]."""
        return np.asarray(np.where(self._reached(), self.lengths, 0.0) @ np.arange(self.lengths.shape[1]))

    def longest(self) -> int:
        """The largest number of branches for which a share is at least a thousandth, or at most minus a thousandth."""
        counts = np.nonzero((np.abs(self.lengths) >= 1e-3).any(0))[0]
        return int(counts[-1]) if len(counts) else self.lengths.shape[1] - 1

    def table(self) -> pd.DataFrame:
        """One row for each place and each path length that can reach it."""
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
        """Which path lengths can reach each place, [spans + 1, spans + 1]."""
        return np.tri(len(self.norm), dtype=bool)[::-1]


def highway(spec: StackSpec) -> Highway:
    """The residual twin's gradients at the start of training, split.

    It takes the whole batch, or as many of its samples as ``MOST_PATHS`` allows. Raises ValueError if that is not two.
    """
    samples = path_samples(spec)
    if samples < 2:
        raise ValueError(
            f"The paths of two samples take {path_work(spec, 2):.2g} operations, and {MOST_PATHS:.2g} are allowed: "
            "choose less depth or width."
        )
    _, residual = build(spec)
    inputs, labels = batch(spec)
    return split(spec, residual, inputs[:samples], labels[:samples])


def split(spec: StackSpec, network: Network, inputs: Tensor, labels: Tensor) -> Highway:
    """The gradients of ``network`` for a batch, split."""
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
    """The gradient at each place between spans by path length, and the part of it that came by the next shortcut.

    Returns g_l[k] as a stack [path lengths, N, units] for each place, the trunk's output last; a stack sums to dL/dh_l.
    Returns also, for each place but the last, S_l g_l+1, [N, units].
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
        # Each way gets its own copy of the input, so that autograd keeps their gradients apart.
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
