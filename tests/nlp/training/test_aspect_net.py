import pytest
import torch

from nlp.aspect_spans import DISTANCES
from nlp.training.aspect_net import WIDTH, AspectNet
from nlp.training.batches import collate
from nlp.training.encoder import Encoder, EncoderConfig

CATEGORIES = 2


@pytest.fixture
def net(config: EncoderConfig) -> AspectNet:
    torch.manual_seed(3)
    return AspectNet(Encoder(config), CATEGORIES)


def test_every_token_gets_marks_and_edges(net: AspectNet) -> None:
    ids, mask = collate([[0, 8, 9, 5, 2]] * 3)
    tags, edges = net(ids, mask)
    assert tags.shape == (3, 5, 2, 5)
    assert edges.shape == (3, 5, 4, WIDTH)


def test_a_span_is_its_two_ends_or_nothing(net: AspectNet) -> None:
    edges = torch.randn(2, 5, 4, WIDTH)
    found = net.pairs.spans(edges, 1, [(1, 2, 4), None])
    assert torch.equal(found[0], edges[1, 2, 2] + edges[1, 4, 3])
    assert torch.equal(found[1], net.pairs.nothing[1])


def test_distance_matters_to_a_pair(net: AspectNet) -> None:
    spans = torch.ones(DISTANCES, WIDTH)
    logits = net.pairs(spans, spans, torch.arange(DISTANCES))
    assert logits.shape == (DISTANCES, 1 + 3 + CATEGORIES)
    assert len({tuple(row) for row in logits.tolist()}) == DISTANCES
