from dataclasses import replace
from pathlib import Path

import pytest

from nlp.dictionary import Dictionary
from settings import Settings
from tests.workers.factories import SmallArtifacts
from workers.artifacts import MOST_DICTIONARIES, Artifacts


class Saved:
    def __init__(self, content: str, fails: bool = False) -> None:
        self.content = content
        self.fails = fails

    def save(self, folder: Path) -> None:
        (folder / "model.json").write_text(self.content)
        if self.fails:
            raise OSError("disk full")


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Record loads of the analyser instead of doing them."""
    calls: list[tuple[object, ...]] = []

    def load(engine: str, folder: Path | None, threads: int) -> object:
        calls.append((engine, folder, threads))
        return object()

    monkeypatch.setattr("nlp.Analyzer.load", load)
    return calls


def test_the_analyser_is_loaded_once_a_process_and_never_inherited(
    settings: Settings, loaded: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    artifacts = Artifacts(settings)
    assert loaded == []
    first = artifacts.reader()
    assert artifacts.reader() is first
    assert loaded == [("accurate", None, settings.threads)]
    monkeypatch.setattr("workers.artifacts.os.getpid", lambda: -1)
    assert artifacts.reader() is not first


def test_workspaces_share_the_models_and_have_their_own_words(settings: Settings) -> None:
    artifacts = SmallArtifacts(settings)
    shared, own = artifacts.reader(), artifacts.reader(Dictionary({"快递员": None}))
    assert artifacts.reader(Dictionary()) is shared
    assert own.version != shared.version
    assert artifacts.reader(Dictionary({"快递员": None})) is own


def test_the_last_few_dictionaries_are_kept(settings: Settings) -> None:
    artifacts = SmallArtifacts(settings)
    words = [Dictionary({f"冰丝{number}": None}) for number in range(MOST_DICTIONARIES + 1)]
    first, second, *_ = [artifacts.reader(own) for own in words[:-1]]
    assert artifacts.reader(words[0]) is first
    artifacts.reader(words[-1])
    assert artifacts.reader(words[0]) is first
    assert artifacts.reader(words[1]) is not second


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("", ("accurate", None, 3)),
        ("fast", ("fast", None, 3)),
        ("/models/mine", ("/models/mine", Path("/models/mine"), 3)),
    ],
)
def test_the_settings_choose_model_and_threads(
    settings: Settings, loaded: list[tuple[object, ...]], chosen: str, expected: tuple[object, ...]
) -> None:
    Artifacts(replace(settings, sentiment_model=chosen, threads=3)).reader()
    assert loaded == [expected]


def test_a_forecaster_is_on_disk_whole_or_not_at_all(settings: Settings) -> None:
    artifacts = Artifacts(settings)
    artifacts.save_forecaster(Saved("one"), "5/h14-1")
    artifacts.save_forecaster(Saved("two"), "5/h14-1")
    model = settings.artifacts_dir / "5" / "h14-1" / "model.json"
    assert model.read_text() == "two"
    with pytest.raises(OSError, match="disk full"):
        artifacts.save_forecaster(Saved("three", fails=True), "5/h14-1")
    assert model.read_text() == "two"
    artifacts.forget("5/h14-1")
    artifacts.forget("5/h14-1")
    assert not model.exists()


def test_the_last_forecaster_is_kept(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []

    def load(folder: Path) -> object:
        opened.append(folder)
        return object()

    monkeypatch.setattr("forecasting.Fengping.load", load)
    artifacts = Artifacts(settings)
    first = artifacts.forecaster("5/a")
    assert artifacts.forecaster("5/a") is first
    artifacts.forecaster("5/b")
    assert opened == [settings.artifacts_dir / "5/a", settings.artifacts_dir / "5/b"]
