"""Guess hidden tokens while learning the labels (masked language modelling, Devlin et al., 2019)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from nlp.training.encoder import Encoder


class Learner(nn.Module):
    """An encoder with a second head that guesses hidden tokens; only the encoder is kept.

    Parameters
    ----------
    encoder : Encoder
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        hidden = encoder.config.hidden
        self.encoder = encoder
        self.transform = nn.Linear(hidden, hidden)
        self.norm = nn.LayerNorm(hidden, encoder.config.epsilon)
        self.bias = nn.Parameter(encoder.words.weight.new_zeros(encoder.config.vocabulary))

    def guess(self, states: Tensor) -> Tensor:
        """Token logits ``(n, vocabulary)`` of hidden states ``(n, hidden)``.

        The output matrix is the input embedding (Press & Wolf, 2017).
        """
        x = self.norm(functional.gelu(self.transform(states)))
        return functional.linear(x, self.encoder.words.weight, self.bias)
