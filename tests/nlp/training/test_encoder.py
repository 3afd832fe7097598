import pytest
import torch
from torch import Tensor, nn

from nlp.training.encoder import Encoder, Layer


def reference_layer(layer: Layer, hidden: int, heads: int) -> nn.TransformerEncoderLayer:
    """torch's own post-norm block with the same weights."""
    block = nn.TransformerEncoderLayer(
        hidden, heads, layer.feed_in.out_features, 0.0, "gelu", layer.attention_norm.eps, batch_first=True
    )
    names = {
        "self_attn.in_proj_weight": layer.qkv.weight,
        "self_attn.in_proj_bias": layer.qkv.bias,
        "self_attn.out_proj": layer.attention_out,
        "linear1": layer.feed_in,
        "linear2": layer.feed_out,
        "norm1": layer.attention_norm,
        "norm2": layer.feed_norm,
    }
    state = {}
    for name, part in names.items():
        state |= (
            {name: part}
            if isinstance(part, Tensor)
            else {f"{name}.{k}": v for k, v in part.state_dict().items()}
        )
    block.load_state_dict(state)
    return block.train()  # the evaluation mode takes another, fused road


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    ids = torch.tensor([[0, 5, 7, 8, 2], [0, 6, 2, 1, 1]])
    return ids, (ids != 1).long()


def test_agrees_with_the_block_of_torch(encoder: Encoder, batch: tuple[Tensor, Tensor]) -> None:
    mask = batch[1]
    x = torch.randn(2, 5, 32)
    bias = ((1 - mask) * -1e4).unsqueeze(1)
    for layer in encoder.layers:
        expected = reference_layer(layer, 32, 4)(x, src_key_padding_mask=mask == 0)
        x = layer(x, bias)
        assert torch.allclose(x[mask == 1], expected[mask == 1], atol=1e-5)


def test_padding_changes_nothing(encoder: Encoder, batch: tuple[Tensor, Tensor]) -> None:
    ids, mask = batch
    alone = encoder(ids[1:, :3], mask[1:, :3])
    assert torch.allclose(encoder(ids, mask)[1], alone[0], atol=1e-5)


def test_order_of_tokens_matters(encoder: Encoder) -> None:
    ids = torch.tensor([[0, 5, 7, 2], [0, 7, 5, 2]])
    first, second = encoder(ids, torch.ones_like(ids))
    assert not torch.allclose(first, second, atol=1e-4)


def test_classifies_the_mean_of_real_tokens(encoder: Encoder, batch: tuple[Tensor, Tensor]) -> None:
    states = encoder.states(*batch)
    assert states.shape == (2, 5, 32)
    means = torch.stack([states[0].mean(0), states[1, :3].mean(0)])
    assert torch.allclose(encoder(*batch), encoder.head(means), atol=1e-6)
