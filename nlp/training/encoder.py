"""A BERT encoder with mean pooling and a linear head.

Written out because on a CPU in bfloat16 the backward pass of torch's fused
attention takes a third of the time of a step; plain products take little.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

MASKED = -1e4
PAIR_FACTOR = 1_000_003
"""The entry of a pair is (first × factor + second) modulo the table's size; that of a token is its id."""


@dataclass(frozen=True)
class EncoderConfig:
    """Sizes of an encoder.

    Attributes
    ----------
    vocabulary, hidden, layers, heads, feed_forward, positions : int
    classes : int
        Outputs of the head.
    epsilon : float
        Epsilon of the layer normalisation.
    pairs : int
        Entries of the table of pairs, not fewer than `vocabulary`; 0 for none.
    """

    vocabulary: int
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    classes: int = 3
    epsilon: float = 1e-12
    pairs: int = 0


class Layer(nn.Module):
    """One transformer block with normalisation after each half (Devlin et al., 2019)."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.qkv = nn.Linear(config.hidden, 3 * config.hidden)
        self.attention_out = nn.Linear(config.hidden, config.hidden)
        self.attention_norm = nn.LayerNorm(config.hidden, config.epsilon)
        self.feed_in = nn.Linear(config.hidden, config.feed_forward)
        self.feed_out = nn.Linear(config.feed_forward, config.hidden)
        self.feed_norm = nn.LayerNorm(config.hidden, config.epsilon)

    def attend(self, x: Tensor, bias: Tensor) -> Tensor:
        """Self-attention of ``(batch, tokens, hidden)`` under a ``(batch, 1, tokens)`` bias."""
        batch, tokens, hidden = x.shape
        width = hidden // self.heads
        split = self.qkv(x).view(batch, tokens, 3, self.heads, width).permute(2, 0, 3, 1, 4)
        q, k, v = split.reshape(3, batch * self.heads, tokens, width)
        bias = bias.to(q.dtype).repeat_interleave(self.heads, 0)
        scores = torch.baddbmm(bias, q, k.transpose(1, 2), alpha=width**-0.5)
        mixed = torch.bmm(scores.softmax(-1).to(v.dtype), v)
        mixed = mixed.view(batch, self.heads, tokens, width).transpose(1, 2)
        attended: Tensor = self.attention_out(mixed.reshape(batch, tokens, hidden))
        return attended

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """``(batch, tokens, hidden)`` -> the same shape."""
        x = self.attention_norm(x + self.attend(x, bias))
        fed: Tensor = self.feed_norm(x + self.feed_out(functional.gelu(self.feed_in(x))))
        return fed


class Encoder(nn.Module):
    """Token ids to class logits.

    Parameters
    ----------
    config : EncoderConfig
    """

    pairs: Tensor

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.words = nn.Embedding(config.vocabulary, config.hidden)
        self.positions = nn.Embedding(config.positions, config.hidden)
        self.norm = nn.LayerNorm(config.hidden, config.epsilon)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.head = nn.Linear(config.hidden, config.classes)
        if config.pairs:
            self.register_buffer("pairs", torch.zeros(config.pairs))

    def states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Last hidden state of every token.

        Parameters
        ----------
        ids, mask : Tensor of shape (batch, tokens), int64
            The mask is 1 for a real token and 0 for padding.

        Returns
        -------
        Tensor of shape (batch, tokens, hidden)
        """
        x: Tensor = self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]])
        bias = ((1 - mask) * MASKED).unsqueeze(1)
        for layer in self.layers:
            x = layer(x, bias)
        return x

    def classify(self, states: Tensor, mask: Tensor) -> Tensor:
        """Logits ``(batch, classes)``, float32, from the mean of the states of real tokens."""
        weights = mask.unsqueeze(-1).float()
        mean = (states.float() * weights).sum(1) / weights.sum(1)
        return functional.linear(mean, self.head.weight, self.head.bias).float()

    def lean(self, ids: Tensor, mask: Tensor) -> Tensor | float:
        """What tokens and pairs of neighbours add to the logits, ``(batch, classes)``; 0 without a table.

        A linear model beside the network (Cheng et al., 2016): it remembers
        phrases, the network need not. See `nlp.training.pairs`.
        """
        if not self.config.pairs:
            return 0.0
        following = (ids[:, :-1] * PAIR_FACTOR + ids[:, 1:]) % self.config.pairs
        total = (self.pairs[ids] * mask).sum(1) + (self.pairs[following] * mask[:, 1:]).sum(1)
        leaning = total / (2 * mask.sum(1) - 1).sqrt()
        return leaning[:, None] * torch.linspace(-1, 1, self.config.classes)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Logits of shape ``(batch, classes)``, float32."""
        return self.classify(self.states(ids, mask), mask) + self.lean(ids, mask)
