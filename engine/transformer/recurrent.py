"""What came before transformers: encoders and decoders of recurrent cells, with and without attention.

Without attention, all that the decoder knows of the source is one vector: Cho et al. 2014, Learning phrase
representations using RNN encoder-decoder, https://arxiv.org/abs/1406.1078. Attention lets it look at all states of the
encoder: additive in Bahdanau, Cho & Bengio 2014, https://arxiv.org/abs/1409.0473, multiplicative in Luong, Pham &
Manning 2015, https://arxiv.org/abs/1508.04025. The convolutional encoder is after Gehring et al. 2016, A convolutional
encoder model for neural machine translation, https://arxiv.org/abs/1611.02344.

N is the number of sequences, T the number of tokens, S the number of tokens of the source, d the width.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from engine.nn import Convolution, GRUCell
from engine.nn.attention import Mask, Softmax
from engine.nn.recurrent import run
from engine.transformer.model import Architecture, Embedding, Model
from engine.transformer.tasks.vocabulary import PAD

Look = Literal["none", "additive", "multiplicative"]
"""How the decoder looks at the source."""

FILTER = 5
"""The number of letters that a convolution of the encoder sees at once."""


class RecurrentEncoder(nn.Module):
    """Reads the source from both ends: tokens [N, S] -> states [N, S, d]. Each direction has d / 2 units.

    What fills up a sequence stands behind it, so the second cell begins at the last token that counts.
    """

    def __init__(self, of: Architecture) -> None:
        super().__init__()
        self.embedding = Embedding(of, of.sources)
        self.ahead, self.back = GRUCell(of.width, of.width // 2), GRUCell(of.width, of.width // 2)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embedding(tokens)  # [N, S, d]
        places = mirrored(tokens.ne(PAD))[:, :, None]  # [N, S, 1]
        behind = run(self.back, x.gather(1, places.expand_as(x)))
        behind = behind.gather(1, places.expand_as(behind))
        return torch.cat([run(self.ahead, x), behind], 2)


def mirrored(counts: Tensor) -> Tensor:
    """The places [N, S] at which a sequence read from its end finds its tokens. counts: [N, S], whether a token counts.

    It is its own inverse. Tokens that do not count stay where they are.
    """
    lengths, places = counts.sum(1, keepdim=True), torch.arange(counts.shape[1], device=counts.device)
    return torch.where(places < lengths, lengths - 1 - places, places)


class ConvolutionalEncoder(nn.Module):
    """Reads the source through layers of convolutions with shortcuts: tokens [N, S] -> states [N, S, d].

    It knows places by sinusoids. Each layer sees ``FILTER`` tokens of the layer below; what fills up a sequence is 0.
    """

    def __init__(self, of: Architecture) -> None:
        super().__init__()
        self.embedding = Embedding(of, of.sources)
        self.layers = nn.ModuleList(
            Convolution(of.width, of.width, FILTER, padding=FILTER // 2) for _ in range(of.layers)
        )

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embedding(tokens).transpose(1, 2)  # [N, d, S]
        counts = tokens.ne(PAD)[:, None, :]  # [N, 1, S]
        for layer in self.layers:
            x = x + torch.tanh(layer(x * counts))
        states: Tensor = x.transpose(1, 2)
        return states


class Alignment(nn.Module):
    """One head that looks at the encoder's states, with a query from the decoder's.

    additive: the score of a query q and a key k is u tanh(q + k); otherwise it is q k.
    The modules q, k, v, scale, mask, softmax and z have no weights. They see the queries, keys, values, scores, masked
    scores, weights and contexts of all steps, [N, 1, ...], as those of ``engine.nn.Attention`` do. No score is scaled.
    """

    heads = 1

    def __init__(self, width: int, additive: bool) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)
        self.direction = nn.Linear(width, 1, bias=False) if additive else None
        self.projection = nn.Identity()
        self.q, self.k, self.v, self.z, self.scale = (nn.Identity() for _ in range(5))
        self.masking, self.weighing, self.mask, self.softmax = Mask(False), Softmax(), nn.Identity(), nn.Identity()

    def look(self, state: Tensor, keys: Tensor, memory: Tensor, padding: Tensor | None) -> list[Tensor]:
        """Queries, scores, masked scores, weights and contexts, [N, 1, T, ...], of decoder states [N, T, d]."""
        q = self.query(state)[:, None]  # [N, 1, T, d]
        if self.direction is None:
            scores = q @ keys.transpose(-1, -2)  # [N, 1, T, S]
        else:
            scores = self.direction(torch.tanh(q[..., None, :] + keys[..., None, :, :])).squeeze(-1)  # [N, 1, T, S]
        masked = self.masking(scores, padding)
        weights = self.weighing(masked)
        return [q, scores, masked, weights, weights @ memory[:, None]]

    def seen(self, keys: Tensor, memory: Tensor, found: list[Tensor]) -> Tensor:
        """Show all that was ``found`` to the modules without weights. Returns the contexts [N, T, d]."""
        q, scores, masked, weights, contexts = found
        self.q(q), self.k(keys), self.v(memory[:, None])
        self.scale(scores), self.mask(masked), self.softmax(weights)
        z: Tensor = self.z(contexts)
        return z.squeeze(1)

    def contributions(self, z: Tensor) -> Tensor:
        """What the head adds, [N, 1, T, d]: its context."""
        return z


class RecurrentDecoder(nn.Module):
    """tokens [N, T], states of the encoder [N, S, d] and their padding [N, S] -> hidden states [N, T, d].

    A step reads a token and the context of the step before, except with multiplicative attention, which looks after the
    step. Without attention, the context is the encoder's last state throughout. State and context together give the
    hidden state.
    """

    def __init__(self, of: Architecture, look: Look) -> None:
        super().__init__()
        self.embedding = Embedding(of, of.targets)
        self.begin = nn.Linear(of.width, of.width)
        self.alignment = None if look == "none" else Alignment(of.width, look == "additive")
        self.sequential = look == "additive"
        self.cell = GRUCell(of.width if look == "multiplicative" else 2 * of.width, of.width)
        self.states = nn.Identity()
        self.joined = nn.Linear(2 * of.width, of.width)

    def forward(self, tokens: Tensor, memory: Tensor, padding: Tensor | None) -> Tensor:
        x = self.embedding(tokens)  # [N, T, d]
        last = self.last(memory, padding)  # [N, d]
        state = torch.tanh(self.begin(last))
        if self.alignment is None:
            context = last[:, None].expand_as(x)
            states = run(self.cell, torch.cat([x, context], 2), state)
        elif not self.sequential:
            keys = self.alignment.key(memory)[:, None]  # [N, 1, S, d]
            states = run(self.cell, x, state)
            found = self.alignment.look(states, keys, memory, padding)
            context = self.alignment.seen(keys, memory, found)
        else:
            keys = self.alignment.key(memory)[:, None]
            kept, steps = [], []
            for token in x.unbind(1):
                steps.append(self.alignment.look(state[:, None], keys, memory, padding))
                state = self.cell(torch.cat([token, steps[-1][-1][:, 0, 0]], 1), state)
                kept.append(state)
            states = torch.stack(kept, 1)
            context = self.alignment.seen(keys, memory, [torch.cat(each, 2) for each in zip(*steps, strict=True)])
        hidden: Tensor = torch.tanh(self.joined(torch.cat([self.states(states), context], 2)))
        return hidden

    def last(self, memory: Tensor, padding: Tensor | None) -> Tensor:
        """What the encoder knows when it has read everything, [N, d].

        It is the first half of its state at the last token that counts, and the second half of that at the first token,
        where the second cell ends.
        """
        half = memory.shape[2] // 2
        ends = torch.full((len(memory),), memory.shape[1] - 1) if padding is None else (~padding).sum(1) - 1
        return torch.cat([memory[torch.arange(len(memory)), ends, :half], memory[:, 0, half:]], 1)


class RecurrentModel(Model):
    """A recurrent decoder after an encoder. convolutional: which encoder."""

    def __init__(self, of: Architecture, look: Look, convolutional: bool = False) -> None:
        super().__init__()
        self.architecture = of
        self.encoder = ConvolutionalEncoder(of) if convolutional else RecurrentEncoder(of)
        self.stack = RecurrentDecoder(of, look)
        self.transform = nn.Identity()
        self.unembedding = nn.Linear(of.width, of.targets, bias=False)
