"""A network from windows to quantiles: an encoder, a decoder over the days ahead, and a head."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from forecasting.windows import Batch

QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
MEDIAN = QUANTILES.index(0.5)
EMBEDDED = 4
NARROW = -2.0
LEAST_USUAL = 0.25
FARTHEST = 4.0


class Network(nn.Module):
    """Encoder and decoder (Cho et al., 2014): the state after the days behind starts a walk over those ahead.

    Parameters
    ----------
    encoder : Module
        From days behind (B, W, width) to a state (B, hidden).
    hidden : int
        Width of the state.
    width_ahead : int
        Columns of a day ahead.
    categories : sequence of int
        Number of categories of each static column of words; each is embedded (Guo & Berkhahn, 2016).
    """

    def __init__(self, encoder: nn.Module, hidden: int, width_ahead: int, categories: Sequence[int]) -> None:
        super().__init__()
        self.encoder = encoder
        self.embeddings = nn.ModuleList(nn.Embedding(count + 1, EMBEDDED) for count in categories)
        self.read = nn.Linear(hidden + width_ahead + EMBEDDED * len(categories), hidden)
        self.decoder = nn.GRU(hidden, hidden, batch_first=True)
        self.mix = nn.Linear(2 * hidden, hidden)
        self.head = QuantileHead(hidden)

    def forward(self, batch: Batch) -> Tensor:
        """Return the quantiles of each day ahead in levels, (B, h, Q), ascending."""
        h = batch.ahead.shape[1]
        state = self.encoder(batch.behind)  # (B, hidden)
        words = [embed(batch.codes[:, index]) for index, embed in enumerate(self.embeddings)]
        shared = torch.cat([state, *words], dim=1).unsqueeze(1).expand(-1, h, -1)  # (B, h, hidden + C)
        day = torch.relu(self.read(torch.cat([shared, batch.ahead], dim=2)))  # (B, h, hidden)
        walk, _ = self.decoder(day, state.unsqueeze(0).contiguous())  # (B, h, hidden)
        mixed = torch.relu(self.mix(torch.cat([day, walk], dim=2)))  # (B, h, hidden)
        quantiles: Tensor = self.head(mixed, batch.usual)
        return quantiles


class QuantileHead(nn.Module):
    """A median, and positive steps up and down from it, so that quantiles cannot cross.

    The median begins as what is usual on the weekday; the network learns the factor between the two.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.steps = nn.Linear(hidden, len(QUANTILES))
        nn.init.zeros_(self.steps.weight)
        nn.init.constant_(self.steps.bias, NARROW)
        nn.init.zeros_(self.steps.bias[MEDIAN])

    def forward(self, mixed: Tensor, usual: Tensor) -> Tensor:
        """Map (B, h, hidden) and the usual (B, h) to quantiles (B, h, Q)."""
        raw = self.steps(mixed)  # (B, h, Q)
        factor = raw[:, :, MEDIAN].clamp(-FARTHEST, FARTHEST).exp()
        median = (usual.clamp(min=LEAST_USUAL) * factor).unsqueeze(2)  # (B, h, 1)
        step = nn.functional.softplus(raw)
        up = median + step[:, :, MEDIAN + 1 :].cumsum(2)
        down = median - step[:, :, :MEDIAN].flip(2).cumsum(2).flip(2)
        return torch.cat([down, median, up], dim=2)


def pinball(quantiles: Tensor, batch: Batch) -> Tensor:
    """Return the mean pinball loss (Koenker & Bassett, 1978) in units of each series' mean."""
    wrong = batch.target.unsqueeze(2) - quantiles  # (B, h, Q)
    share = torch.tensor(QUANTILES)
    loss = torch.maximum(share * wrong, (share - 1) * wrong).mean(dim=2)
    return _mean(loss, batch)


def absolute(quantiles: Tensor, batch: Batch) -> float:
    """Return the mean absolute error of the median in units of each series' mean."""
    return float(_mean((batch.target - quantiles[:, :, MEDIAN].detach()).abs(), batch))


def _mean(loss: Tensor, batch: Batch) -> Tensor:
    return (loss * batch.weight).sum() / (batch.weight > 0).sum().clamp(min=1)
