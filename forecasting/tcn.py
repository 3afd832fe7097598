"""Temporal convolutions."""

import torch
from torch import Tensor, nn

from forecasting.neural import NeuralForecaster

KERNEL = 3


class TCN(NeuralForecaster):
    """Read the days behind with dilated causal convolutions (Bai, Kolter & Koltun, 2018); all else is shared.

    See `forecasting.neural.NeuralForecaster` for the parameters.
    """

    def _encoder(self, width: int) -> nn.Module:
        return _Encoder(width, self.hidden, self.window)


class _Encoder(nn.Module):
    """Blocks whose dilation doubles until the last day sees the whole window."""

    def __init__(self, width: int, hidden: int, window: int) -> None:
        super().__init__()
        blocks = [_Block(width, hidden, 1)]
        seen = 1 + (KERNEL - 1)
        while seen < window:
            dilation = 2 ** len(blocks)
            blocks.append(_Block(hidden, hidden, dilation))
            seen += (KERNEL - 1) * dilation
        self.blocks = nn.Sequential(*blocks)

    def forward(self, behind: Tensor) -> Tensor:
        """Map (B, W, width) to what the last day sees, (B, hidden)."""
        seen: Tensor = self.blocks(behind.transpose(1, 2))  # (B, hidden, W)
        return seen[:, :, -1]


class _Block(nn.Module):
    def __init__(self, width: int, hidden: int, dilation: int) -> None:
        super().__init__()
        self.before = (KERNEL - 1) * dilation
        self.convolve = nn.Conv1d(width, hidden, KERNEL, dilation=dilation)
        self.carry: nn.Module = nn.Conv1d(width, hidden, 1) if width != hidden else nn.Identity()

    def forward(self, days: Tensor) -> Tensor:
        """Map (B, width, W) to (B, hidden, W); no day sees a later one."""
        seen = torch.relu(self.convolve(nn.functional.pad(days, (self.before, 0))))
        carried: Tensor = self.carry(days)
        return seen + carried
