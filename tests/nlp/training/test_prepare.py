from pathlib import Path

import pytest
import torch

from nlp.training.base import BaseModelError, PackedModel
from nlp.training.prepare import MAX_TOKENS, initial_model, labels, prepare


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    train, held = tmp_path / "train.csv", tmp_path / "held.csv"
    lines = "".join(f"很好{'东西' * (i % 9)}{i},1\n差{i},0\n" for i in range(60))
    train.write_text("text,label\n" + lines, encoding="utf-8")
    held.write_text("text,label\n差3,0\n", encoding="utf-8")
    return train, held


@pytest.mark.usefixtures("bundled_base")
def test_prepares_rows_labels_and_a_vocabulary(files: tuple[Path, Path], packed: PackedModel) -> None:
    train, held = files
    prepared = prepare([train], [held], packed)
    assert prepared.report.leaks == 1
    assert [packed.pieces[i] for i in prepared.token_ids if i > 3] == [
        piece for piece in packed.pieces[4:] if piece not in ("▁wört", "д")
    ]
    rows = prepared.rows(prepared.train)
    assert len(rows) == len(labels(prepared.train)) == prepared.report.train
    assert max(max(row) for row in rows) < len(prepared.token_ids)
    assert all(row[0] == 0 and row[-1] == 2 for row in rows)


@pytest.mark.usefixtures("bundled_base")
def test_long_texts_keep_both_ends(files: tuple[Path, Path], packed: PackedModel) -> None:
    prepared = prepare([files[0]], [], packed)
    frame = prepared.train.head(1).assign(text="好" + "很" * 500 + "差")
    (row,) = prepared.rows(frame)
    good, bad = (prepared.token_ids.index(packed.pieces.index(piece)) for piece in "好差")
    assert len(row) == MAX_TOKENS
    assert (row[2], row[-2]) == (good, bad)


def test_the_model_begins_with_the_base(packed: PackedModel) -> None:
    model = initial_model(packed, [0, 1, 2, 3, 5], [1], seed=0)
    assert torch.equal(model.words.weight[4], packed.matrix("emb.word", 32)[5])
    assert torch.equal(model.layers[0].feed_in.bias, torch.from_numpy(packed.tensors["l1.fi.b"]))


def test_the_seed_decides_the_head(packed: PackedModel) -> None:
    first, again, other = (initial_model(packed, [0, 1], [0], seed).head.weight for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_says_what_the_base_lacks(packed: PackedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "nlp.training.base.encoder_weights", lambda packed, ids, layers: {"norm.bias": torch.zeros(32)}
    )
    with pytest.raises(BaseModelError, match=r"the base lacks .*'norm.weight'"):
        initial_model(packed, [0, 1], [0], seed=0)
