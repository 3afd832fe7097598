import torch

from forecasting.gru import GRU


def test_the_encoder_returns_the_state_after_the_last_day() -> None:
    encoder = GRU(hidden=8)._encoder(5)
    behind = torch.randn(3, 14, 5)
    state = encoder(behind)
    assert state.shape == (3, 8)
    behind[:, 0] += 1.0
    assert not torch.equal(encoder(behind), state)
