from pathlib import Path

import pytest

from benchmarks.sentiment import bert
from benchmarks.sentiment.engines import Setup

GOOD = ["质量很好，值得推荐", "非常满意，很好用", "音质很好，很喜欢", "物流很快，好评"]
BAD = ["质量太差，不推荐", "太失望了，坏了", "杂音大，差评", "物流太慢，差评"]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the peer's model in a small size."""
    return bert.make(tmp_path_factory.mktemp("bert"), bert.Size(layers=1, hidden=16, heads=2))


@pytest.fixture
def train(tmp_path: Path) -> Path:
    path = tmp_path / "train.csv"
    rows = [f"{text},{label}" for texts, label in ((GOOD, 1), (BAD, 0)) for text in texts]
    path.write_text("\n".join(["text,label", *rows * 10]), encoding="utf-8")
    return path


@pytest.fixture
def setup(small: Path, train: Path) -> Setup:
    return Setup(small, threads=1, train=train)
