import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nlp.training.base import BaseModelError, dequantise, encoder_weights, read_packed
from nlp.training.encoder import Encoder

HIDDEN, FEED, LAYERS = 32, 64, 3
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "好"]


def pack(scale: float, levels: list[int]) -> bytes:
    """One block: levels -8 to 7, the first sixteen in the low halves."""
    raised = [level + 8 for level in levels]
    return np.float16(scale).tobytes() + bytes(
        a | b << 4 for a, b in zip(raised[:16], raised[16:], strict=True)
    )


def packed_tensor(rows: int, columns: int, level: int) -> tuple[int, bytes]:
    return 1, pack(0.5, [level] * 32) * (rows * columns // 32)


def plain_tensor(size: int, value: float) -> tuple[int, bytes]:
    return 0, np.full(size, value, np.float32).tobytes()


def tensors() -> dict[str, tuple[int, bytes]]:
    found = {
        "emb.word": (1, b"".join(pack(1.0, [i] * 32) for i in range(len(PIECES)))),
        "emb.pos": (0, np.arange(8 * HIDDEN, dtype=np.float32).tobytes()),
        "emb.type": plain_tensor(2 * HIDDEN, 0.25),
        "emb.ln.w": plain_tensor(HIDDEN, 1.0),
        "emb.ln.b": plain_tensor(HIDDEN, 0.0),
    }
    shapes = {"q": (HIDDEN, HIDDEN), "k": (HIDDEN, HIDDEN), "v": (HIDDEN, HIDDEN), "ao": (HIDDEN, HIDDEN)}
    shapes |= {"fi": (FEED, HIDDEN), "fo": (HIDDEN, FEED)}
    for layer in range(LAYERS):
        for place, (name, (rows, columns)) in enumerate(shapes.items()):
            found[f"l{layer}.{name}.w"] = packed_tensor(rows, columns, layer)
            found[f"l{layer}.{name}.b"] = plain_tensor(rows, 10.0 * layer + place)
        for name in ("aln", "oln"):
            found[f"l{layer}.{name}.w"] = plain_tensor(HIDDEN, 1.0)
            found[f"l{layer}.{name}.b"] = plain_tensor(HIDDEN, 0.0)
    return found


def packed_file(path: Path, magic: bytes = b"E5S1") -> Path:
    header = struct.pack("<4sI7ifi", magic, 1, HIDDEN, LAYERS, 4, FEED, len(PIECES), 8, 2, 1e-12, 32)
    encoded = [piece.encode() for piece in PIECES]
    bounds = np.cumsum([0, *map(len, encoded)]).astype(np.uint32).tobytes()
    pieces = struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, encoded))) + bounds
    pieces += np.zeros(len(PIECES), np.float32).tobytes() + b"".join(encoded)
    normalisation = struct.pack("<iI", 1, 9) + b"123456789"
    found = tensors()
    size = sum(2 + len(name) + 21 for name in found)
    start = len(header) + len(pieces) + len(normalisation) + 4 + size
    directory, body = struct.pack("<i", len(found)), b""
    for name, (is_packed, raw) in found.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", is_packed, 0, start + len(body), len(raw))
        body += raw
    path.write_bytes(header + pieces + normalisation + directory + body)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return packed_file(tmp_path / "base.bin")


def test_blocks_expand_low_halves_first() -> None:
    levels = [*range(-8, 8), *range(7, -9, -1)]
    assert dequantise(pack(0.5, levels)).tolist() == [0.5 * level for level in levels]


def test_reads_sizes_pieces_and_tensors(path: Path) -> None:
    packed = read_packed(path)
    assert packed.pieces == PIECES
    sizes = packed.config
    assert (sizes.hidden, sizes.layers, sizes.heads, sizes.feed_forward, sizes.positions) == (32, 3, 4, 64, 8)
    assert packed.tensors["l2.fo.w"].tolist() == [1.0] * (HIDDEN * FEED)
    assert packed.tensors["l1.v.b"].tolist() == [12.0] * HIDDEN


def test_refuses_another_file(tmp_path: Path) -> None:
    other = packed_file(tmp_path / "other.bin", magic=b"GGUF")
    with pytest.raises(BaseModelError, match=r"other.bin begins with b'GGUF'"):
        read_packed(other)


def test_kept_tokens_and_layers_fill_an_encoder(path: Path) -> None:
    packed = read_packed(path)
    state = encoder_weights(packed, [0, 1, 2, 3, 4][::-1], [0, 2])
    encoder = Encoder(replace(packed.config, vocabulary=5, layers=2))
    missing = encoder.load_state_dict(state, strict=False)
    assert missing.missing_keys == ["head.weight", "head.bias"]
    assert missing.unexpected_keys == []
    assert encoder.words.weight[:, 0].tolist() == [4.0, 3.0, 2.0, 1.0, 0.0]
    assert encoder.layers[1].feed_in.weight.unique().tolist() == [1.0]
    assert encoder.layers[1].qkv.bias.tolist() == [20.0] * 32 + [21.0] * 32 + [22.0] * 32


def test_the_first_token_type_is_folded_into_the_positions(path: Path) -> None:
    state = encoder_weights(read_packed(path), [0], [0])
    expected = torch.arange(8 * HIDDEN, dtype=torch.float32).reshape(8, HIDDEN) + 0.25
    assert torch.equal(state["positions.weight"], expected)
