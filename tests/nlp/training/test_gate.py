from pathlib import Path
from typing import Any

import pytest

from nlp.training.gate import CALIBRATION, WorseModel, falls, faults, publish


def results(accuracy: float = 0.9, macro_f1: float = 0.9, error: float = 0.01) -> dict[str, Any]:
    whole = {"accuracy": accuracy, "macro_f1": macro_f1, "calibration_error": error}
    return {"all of held.csv": whole, "shop": whole | {"accuracy": 0.1}}


@pytest.mark.parametrize("new", [results(), results(0.95, 0.91), results(error=CALIBRATION)])
def test_nothing_speaks_against_what_is_not_worse(new: dict[str, Any]) -> None:
    assert faults(new, results()) == []


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        (results(accuracy=0.8999), "accuracy on all of held.csv falls from 0.9 to 0.8999"),
        (results(macro_f1=0.5), "macro_f1 on all of held.csv falls from 0.9 to 0.5"),
        (results(error=0.031), "calibration error 0.031 is above 0.03"),
    ],
)
def test_says_what_is_worse(new: dict[str, Any], fault: str) -> None:
    assert faults(new, results()) == [fault]


def test_what_was_not_measured_cannot_fall() -> None:
    assert falls({"accuracy": 0.5, "macro_f1": 0.5}, {"accuracy": 0.6}, "own rows") == [
        "accuracy on own rows falls from 0.6 to 0.5"
    ]


def test_the_first_model_needs_only_its_calibration() -> None:
    assert faults(results(0.4, 0.4), None) == []
    assert len(faults(results(error=0.2), None)) == 1


def test_nothing_held_out_shows_nothing() -> None:
    assert faults({}, None) == []
    (fault,) = faults({}, {})
    assert "no file was held out" in fault


def test_other_held_out_files_cannot_be_compared_by_name() -> None:
    assert faults(results(), {"all of other.csv": results()["all of held.csv"]}) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "new"
    path.mkdir()
    (path / "model.onnx").write_text("new")
    return path


def test_publishes_over_the_old_model(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "deep" / "accurate"
    publish(folder, place, results(), None)
    (folder / "model.onnx").write_text("newer")
    publish(folder, place, results(), results())
    assert (place / "model.onnx").read_text() == "newer"


def test_leaves_a_better_model_alone(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(WorseModel, match=r"accuracy .* falls .*; macro_f1 .* falls"):
        publish(folder, tmp_path / "accurate", results(0.1, 0.1), results())
    assert not (tmp_path / "accurate").exists()
