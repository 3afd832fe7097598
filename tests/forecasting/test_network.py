import pytest
import torch
from torch import Tensor, nn

from forecasting.network import LEAST_USUAL, MEDIAN, QUANTILES, Network, QuantileHead, absolute, pinball
from forecasting.windows import Batch


class Last(nn.Module):
    def forward(self, behind: Tensor) -> Tensor:
        return behind[:, -1]


def batch(b: int = 5, h: int = 3, width: int = 8) -> Batch:
    torch.manual_seed(0)
    codes = torch.tensor([[0], [1], [2], [1], [2]])[:b]
    ahead, rest = torch.randn(b, h, 4), (torch.rand(b, h), torch.rand(b, h), torch.ones(b, h))
    return Batch(torch.randn(b, 6, width), ahead, codes, *rest)


def test_the_untrained_network_says_what_is_usual() -> None:
    made = batch()
    quantiles = Network(Last(), 8, 4, [2])(made)
    assert quantiles.shape == (5, 3, len(QUANTILES))
    assert torch.equal(quantiles[:, :, MEDIAN], made.usual.clamp(min=LEAST_USUAL))


def test_quantiles_never_cross() -> None:
    head = QuantileHead(8)
    nn.init.normal_(head.steps.weight, std=20.0)
    assert (head(torch.randn(50, 3, 8), torch.rand(50, 3)).diff(dim=2) >= 0).all()


def test_each_day_ahead_hears_of_the_days_before_it_and_of_the_words() -> None:
    made, network = batch(), Network(Last(), 8, 4, [2])
    nn.init.normal_(network.head.steps.weight)
    before = network(made)
    made.ahead[:, 1] += 1.0
    moved = (network(made) - before).abs().amax(dim=(0, 2))
    assert (moved > 0).tolist() == [False, True, True]
    made.codes[0] = 2
    assert not torch.equal(network(made)[0], before[0])


def test_pinball_is_least_at_the_quantiles() -> None:
    made = batch(b=1, h=1)
    many = torch.linspace(0, 1, 2001)
    target = Batch(made.behind, made.ahead, made.codes, many[None], many[None], torch.ones(1, 2001))
    right = torch.tensor(QUANTILES).expand(1, 2001, -1)
    best = float(pinball(right, target))
    assert all(float(pinball(right + shift, target)) > best for shift in (-0.05, 0.05))


def test_unknown_days_count_nothing_and_large_series_more() -> None:
    made = batch(b=2, h=1)
    made.weight[:] = torch.tensor([[3.0], [0.0]])
    made.target[1] = 100.0
    made.target[0] = made.usual[0] + 0.5
    quantiles = made.usual.unsqueeze(2).expand(-1, -1, len(QUANTILES))
    assert absolute(quantiles, made) == pytest.approx(3 * 0.5)
    assert float(pinball(quantiles, made)) == pytest.approx(3 * 0.5 * sum(QUANTILES) / len(QUANTILES))
