import numpy as np
import onnxruntime
import pytest
import torch

from nlp.aspect_spans import DISTANCES
from nlp.training.aspect_graph import build_judge, build_reader
from nlp.training.aspect_net import WIDTH, AspectNet
from nlp.training.batches import collate
from nlp.training.encoder import Encoder, EncoderConfig
from nlp.training.gains import find_gains

ROWS = [[0, 5, 7, 9, 2], [0, 6, 2]]


@pytest.fixture
def net(config: EncoderConfig) -> AspectNet:
    torch.manual_seed(3)
    return AspectNet(Encoder(config), 4).eval()


@pytest.mark.parametrize(("quantised", "tolerance"), [(False, 1e-4), (True, 0.15)])
def test_the_reader_says_what_the_network_says(net: AspectNet, quantised: bool, tolerance: float) -> None:
    ids, mask = collate(ROWS)
    gains = find_gains(net, ROWS) if quantised else None
    session = onnxruntime.InferenceSession(build_reader(net, 24, gains).SerializeToString())
    marks, edges = session.run(["marks", "edges"], {"ids": ids.numpy(), "mask": mask.numpy()})
    with torch.no_grad():
        said = net(ids, mask)
    real = mask.bool().numpy()
    for found, expected in zip((marks, edges), said, strict=True):
        expected = expected.flatten(2).numpy()
        assert found.shape == expected.shape
        assert np.abs(found - expected)[real].max() < tolerance


def test_the_judge_says_what_the_head_of_pairs_says(net: AspectNet) -> None:
    session = onnxruntime.InferenceSession(build_judge(net).SerializeToString())
    spans = np.random.default_rng(0).normal(size=(2, 6, WIDTH)).astype(np.float32)
    has = np.array([[True, True, False], [True, False, True]]).repeat(2, 1)
    distance = np.arange(6) % DISTANCES
    inputs = {"aspects": spans[0], "opinions": spans[1], "distance": distance}
    (found,) = session.run(None, inputs | {"has_aspect": has[0][:, None], "has_opinion": has[1][:, None]})
    with torch.no_grad():
        ends = [
            torch.where(torch.tensor(has[kind])[:, None], torch.tensor(spans[kind]), net.pairs.nothing[kind])
            for kind in (0, 1)
        ]
        expected = net.pairs(*ends, torch.tensor(distance)).numpy()
    assert np.abs(found - expected).max() < 1e-4
