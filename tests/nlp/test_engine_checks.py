import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nlp.engine_checks
from nlp.checks import check_all
from nlp.engine_checks import ENGINE_CHECKS, check_engine, check_versions_differ
from nlp.engines import available, model_folder
from nlp.pipeline import Analyzer, Classifier
from nlp.sentiment import SentimentClassifier
from tests.nlp.conftest import WordCounter

Check = Callable[[Classifier], None]


class StandIn(WordCounter):
    """The counter of words, as strict about its input as an engine has to be."""

    def predict_proba(self, texts: Sequence[str]) -> Any:
        refuse(texts)
        return super().predict_proba(texts) if len(texts) else np.zeros((0, 3))

    def embed(self, texts: Sequence[str]) -> Any:
        refuse(texts)
        return super().embed(texts)


def refuse(texts: Sequence[str]) -> None:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise TypeError("texts must be a sequence of texts")


@pytest.fixture(scope="module", params=[*available(), "stand-in"])
def engine(request: pytest.FixtureRequest) -> Classifier:
    if request.param == "stand-in":
        return StandIn()
    return SentimentClassifier.from_pretrained(model_folder(request.param))


@pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
def test_every_engine_passes_every_check(engine: Classifier, check: Check) -> None:
    check(engine)


def test_every_engine_makes_a_sound_analyser(engine: Classifier) -> None:
    check_all(Analyzer(engine))


def test_no_two_engines_have_one_version() -> None:
    check_versions_differ([SentimentClassifier.from_pretrained(model_folder(name)) for name in available()])
    with pytest.raises(AssertionError, match="words-1"):
        check_versions_differ([StandIn(), StandIn()])


def test_another_model_is_another_version(tmp_path: Path) -> None:
    folder = shutil.copytree(model_folder("accurate"), tmp_path / "other")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["threshold"] = config["threshold"] / 2
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    models = [SentimentClassifier.from_pretrained(path) for path in (folder, model_folder("accurate"))]
    check_versions_differ(models)
    assert Analyzer(models[0]).version != Analyzer(models[1]).version


class Fickle(StandIn):
    """A stand-in whose every answer may be spoiled."""

    def __init__(self, spoil: Callable[[str, Sequence[str], Any], Any]) -> None:
        super().__init__()
        self._spoil = spoil

    def predict_proba(self, texts: Sequence[str]) -> Any:
        return self._spoil("predict_proba", texts, super().predict_proba(texts))

    def embed(self, texts: Sequence[str]) -> Any:
        return self._spoil("embed", texts, super().embed(texts))


def in_one(method: str, change: Callable[[Sequence[str], Any], Any]) -> Callable[..., Any]:
    return lambda name, texts, found: change(texts, found) if name == method and len(texts) else found


SPOILT = {
    "a row too few": in_one("predict_proba", lambda _, found: found[:-1]),
    "sums miss one": in_one("predict_proba", lambda _, found: found * 0.9),
    "negative": in_one("predict_proba", lambda _, found: found - [[0.5, 0, -0.5]]),
    "not a number": in_one("predict_proba", lambda _, found: found * np.nan),
    "classes turned": in_one("predict_proba", lambda _, found: found[:, ::-1]),
    "order lost": in_one("predict_proba", lambda _, found: found[np.argsort(found[:, 0])]),
    "embeddings sorted": in_one("embed", lambda _, found: found[np.lexsort(found.T)]),
    "depends on company": in_one(
        "predict_proba", lambda texts, found: found * 0.99 + 0.01 * np.eye(3)[len(texts) % 3]
    ),
    "too long": in_one("embed", lambda _, found: found * 2),
    "all alike": in_one("embed", lambda _, found: np.abs(found[:1].repeat(len(found), axis=0))),
    "doubles": in_one("embed", lambda _, found: found.astype(np.float64)),
    "empty is something": in_one(
        "embed", lambda texts, found: np.where(found.any(1)[:, None], found, np.eye(8, dtype=np.float32)[:1])
    ),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_broken_model_is_caught(spoil: Callable[..., Any]) -> None:
    with pytest.raises(AssertionError):
        check_engine(Fickle(spoil))


def test_chance_is_caught() -> None:
    chance = np.random.default_rng(0)

    def shaken(_: Sequence[str], found: Any) -> Any:
        noise = found + 1e-5 * chance.random(found.shape)
        return noise / noise.sum(axis=1, keepdims=True)

    with pytest.raises(AssertionError, match="from run to run"):
        check_engine(Fickle(in_one("predict_proba", shaken)))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"threshold": 1.5}, "threshold"),
        ({"version": " spaced\n"}, "version"),
        ({"predict_proba": WordCounter.predict_proba.__get__(WordCounter())}, "takes|shape"),
    ],
)
def test_what_else_is_caught(changed: dict[str, Any], fault: str) -> None:
    model = StandIn()
    for name, value in changed.items():
        setattr(model, name, value)
    with pytest.raises(AssertionError, match=fault):
        check_engine(model)


def test_every_check_is_run() -> None:
    written = {name for name in vars(nlp.engine_checks) if name.startswith("check_")}
    assert {check.__name__ for check in ENGINE_CHECKS} == written - {
        "check_all",
        "check_engine",
        "check_versions_differ",
    }
