from dataclasses import replace

import pytest

from benchmarks.sentiment import footprint
from benchmarks.sentiment.engines import PIPELINE, Setup


def test_a_process_of_its_own_tells_when_it_was_ready_and_its_peak(setup: Setup) -> None:
    found = footprint.measure("Fengping accurate", setup, ["质量很好"] * 4)
    assert 0 < found["ready_cpu_s"] < 60
    assert found["ready_s"] > 0
    assert 20 < found["peak_mb"] < 700


def test_a_process_that_fails_is_an_error(setup: Setup) -> None:
    with pytest.raises(RuntimeError, match="BERT-base pipeline"):
        footprint.measure(PIPELINE, replace(setup, bert=setup.bert / "missing"), ["好"])


def test_the_peak_is_what_was_once_held() -> None:
    before = footprint.peak_megabytes()
    held = bytearray(300 * footprint.MEGABYTE)
    held[::4096] = b"x" * len(held[::4096])
    del held
    assert footprint.peak_megabytes() > before + 100
