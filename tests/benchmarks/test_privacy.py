from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.privacy.__main__ import counts, hits, main, speeds

REVIEWS = ["质量很好", "打我13812345678或13812345679", "邮箱a@b.cn，电话13812345678", "型号KFR-35GW"]


def test_each_hit_is_shown_in_its_sentence() -> None:
    assert next(iter(hits(REVIEWS))).split() == ["phone", "打我⟦13812345678⟧或13812345679"]
    assert len(list(hits(REVIEWS))) == 4


def test_hits_and_reviews_are_counted_by_kind() -> None:
    assert counts(REVIEWS) == [
        {"kind": "email", "hits": 1, "reviews": 1},
        {"kind": "phone", "hits": 3, "reviews": 2},
        {"kind": "any", "hits": 4, "reviews": 2},
    ]
    assert counts([]) == [{"kind": "any", "hits": 0, "reviews": 0}]


def test_speed_is_per_second_of_processor_time() -> None:
    assert all(value > 1000 for value in speeds(REVIEWS * 100).values())


def test_different_reviews_are_drawn_and_the_table_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    file = tmp_path / "reviews.csv"
    file.write_text("text\n" + "\n".join([*REVIEWS, REVIEWS[0]]) + "\n", encoding="utf-8")
    assert main([str(file), "--rows", "100"]) == 0
    assert "⟦13812345678⟧" in capsys.readouterr().out
    written = (tmp_path / "privacy.json").read_text(encoding="utf-8")
    assert '"reviews": 4' in written
    assert "reviews.csv" in written
    assert str(tmp_path) not in written
