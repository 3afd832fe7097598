import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp.sentiment import SentimentClassifier
from nlp.training import course as module
from nlp.training.base import PackedModel
from nlp.training.batches import predict_logits
from nlp.training.course import STUDENTS, Course, print_progress
from nlp.training.distil import Student
from nlp.training.loop import Progress, Recipe, Trainer
from nlp.training.prepare import Prepared, prepare

TINY = Recipe(epochs=1, batch_size=32, learning_rate=1e-3, parts=1)


def silent(trainer: Trainer) -> None:
    """Report nothing."""


@pytest.fixture
def prepared(tmp_path: Path, packed: PackedModel, bundled_base: None) -> Prepared:
    path = tmp_path / "train.csv"
    rows = "".join(f"很好{i},positive\n{'差' * (1 + i)},negative\n东西{i},neutral\n" for i in range(40))
    path.write_text("text,polarity\n" + rows, encoding="utf-8")
    return prepare([path], [], packed)


@pytest.fixture
def course(
    prepared: Prepared, packed: PackedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Course:
    monkeypatch.setitem(STUDENTS, "fast", Student(layers=(1,), feed_forward=32))
    return Course(prepared, packed, tmp_path / "work", silent, TINY, TINY, threads=1)


def test_writes_a_model_that_loads_and_says_how_it_was_made(course: Course) -> None:
    folder = course.write("fast", {"command": "train", "note": "quick"})
    assert SentimentClassifier.from_pretrained(folder).predict_proba(["很好"]).shape == (1, 3)
    training: dict[str, Any] = json.loads((folder / "config.json").read_text())["training"]
    assert training["student"] == {"layers": [1], "feed_forward": 32}
    assert training["sources"] == {"train": len(course.prepared.train)}
    assert set(training["seconds"]) == {"teacher", "fast"}
    assert (training["command"], training["note"]) == ("train", "quick")


def test_the_teacher_is_asked_about_every_text(course: Course) -> None:
    logits = predict_logits(course.teach(), course.prepared.rows(course.prepared.train))
    assert course.said().shape == (len(course.prepared.train) + len(course.parts), 3)
    assert np.abs(course.said()[: len(logits)] - logits).max() < 0.1 * np.ptp(logits)


def test_each_step_is_made_once(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    course.learn("fast")
    said, (pairs, leaning) = course.said(), course.pairs()

    def never(*_: object) -> None:
        raise AssertionError("made again")

    for place, name in ((Trainer, "_step"), (module, "advise"), (Course, "_ask")):
        monkeypatch.setattr(place, name, never)
    course.learn("fast")
    assert np.array_equal(course.said(), said)
    assert np.array_equal(course.pairs()[1], leaning)
    assert np.array_equal(course.pairs()[0].table, pairs.table)


def test_a_step_that_broke_off_is_not_taken_for_done(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "advise", broken)
        with pytest.raises(KeyboardInterrupt):
            course.pairs()
    assert course.pairs()[1].shape == (len(course.prepared.train) + len(course.parts),)


@dataclass
class Change:
    """Which steps have another name after a change."""

    steps: set[str]
    values: dict[str, Any]


@pytest.mark.parametrize(
    "change",
    [
        Change({"fast"}, {"pupil": replace(TINY, epochs=2)}),
        Change({"teacher", "said", "fast"}, {"teacher": replace(TINY, seed=2)}),
        Change({"said", "pairs", "fast"}, {"pupil": replace(TINY, seed=2)}),
        Change(set(), {"threads": 2}),
    ],
)
def test_a_recipe_names_what_follows_from_it(course: Course, change: Change) -> None:
    other = replace(course, **change.values)
    steps = ("teacher", "said", "pairs", "fast")
    assert {step for step in steps if course._path(step, "x") != other._path(step, "x")} == change.steps


@pytest.mark.parametrize("column", ["key", "label"])
def test_other_data_has_other_names(course: Course, column: str) -> None:
    frame = course.prepared.train.assign(**{column: "another" if column == "key" else 1})
    other = replace(course, prepared=replace(course.prepared, train=frame))
    for step in ("teacher", "said", "pairs", "fast"):
        assert course._path(step, "x") != other._path(step, "x")


class Standing:
    """A trainer as far as progress needs one."""

    share_done = 0.5
    progress = Progress(step=5, seconds=300.0, loss=0.25)

    def learning_rate(self) -> float:
        return 1e-4


def test_progress_tells_share_loss_rate_and_minutes_left(capsys: pytest.CaptureFixture[str]) -> None:
    print_progress(Standing())  # type: ignore[arg-type]
    told = capsys.readouterr().out
    assert "█" * 15 + "░" * 15 + "  50.0% step 5 loss 0.2500 rate 1.0e-04 5 min left" in told


def test_progress_can_be_told_before_the_first_step(capsys: pytest.CaptureFixture[str]) -> None:
    standing = Standing()
    standing.share_done, standing.progress = 0.0, Progress()
    print_progress(standing)  # type: ignore[arg-type]
    assert "0.0% step 0 loss nan" in capsys.readouterr().out
