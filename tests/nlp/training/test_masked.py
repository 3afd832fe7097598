import torch

from nlp.training.encoder import Encoder
from nlp.training.masked import Learner


def test_one_logit_for_each_piece(encoder: Encoder) -> None:
    assert Learner(encoder).guess(torch.randn(7, 32)).shape == (7, encoder.config.vocabulary)


def test_likely_is_the_piece_whose_embedding_lies_near(encoder: Encoder) -> None:
    learner = Learner(encoder)
    state = torch.randn(1, 32)
    before = learner.guess(state).argmax().item()
    other = (int(before) + 1) % encoder.config.vocabulary
    with torch.no_grad():
        encoder.words.weight[other] = 10 * learner.norm(torch.nn.functional.gelu(learner.transform(state)))
    assert learner.guess(state).argmax().item() == other


def test_guessing_teaches_the_encoder(encoder: Encoder) -> None:
    learner = Learner(encoder)
    ids = torch.tensor([[0, 5, 7, 2]])
    states = encoder.states(ids, torch.ones_like(ids))
    torch.nn.functional.cross_entropy(learner.guess(states[0]), ids[0]).backward()
    for name in ("words.weight", "layers.0.qkv.weight"):
        gradient = dict(encoder.named_parameters())[name].grad
        assert gradient is not None
        assert gradient.abs().sum() > 0
    assert encoder.head.weight.grad is None


def test_only_the_head_is_added(encoder: Encoder) -> None:
    names = {name for name in Learner(encoder).state_dict() if not name.startswith("encoder.")}
    assert names == {"transform.weight", "transform.bias", "norm.weight", "norm.bias", "bias"}
