"""Gated recurrent units."""

from torch import Tensor, nn

from forecasting.neural import NeuralForecaster


class GRU(NeuralForecaster):
    """Read the days behind with gated recurrent units (Cho et al., 2014); all else is shared.

    See `forecasting.neural.NeuralForecaster` for the parameters.
    """

    def _encoder(self, width: int) -> nn.Module:
        return _Encoder(width, self.hidden, batch_first=True)


class _Encoder(nn.GRU):
    def forward(self, behind: Tensor) -> Tensor:  # type: ignore[override]
        """Map (B, W, width) to the state after the last day, (B, hidden)."""
        _, state = super().forward(behind)
        return state[-1]
