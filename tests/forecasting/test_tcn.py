import pytest
import torch

from forecasting.tcn import TCN


@pytest.mark.parametrize("window", [3, 14, 56])
def test_the_last_day_sees_the_whole_window(window: int) -> None:
    encoder = TCN(hidden=8, window=window)._encoder(5)
    behind = torch.randn(9, window, 5, requires_grad=True)
    state = encoder(behind)
    assert state.shape == (9, 8)
    (grad,) = torch.autograd.grad(state.sum(), behind)
    assert grad.abs().sum(dim=(0, 2)).gt(0).all()


def test_no_day_sees_a_later_one() -> None:
    encoder = TCN(hidden=8, window=14)._encoder(5)
    behind = torch.randn(1, 14, 5)
    before = encoder.blocks(behind.transpose(1, 2))
    behind[:, 9] += 1.0
    moved = (encoder.blocks(behind.transpose(1, 2)) - before).abs().sum(dim=(0, 1)) > 0
    assert not moved[:9].any()
    assert moved[9:].any()
