from pathlib import Path

import pytest

from nlp.engines import UnknownEngine, available, model_folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("fast", "accurate"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "README.md").write_text("")
    return tmp_path


def test_engines_are_the_folders_with_a_model(models: Path) -> None:
    assert available(models) == ["accurate", "fast"]
    assert model_folder("fast", models) == models / "fast"


@pytest.mark.parametrize("engine", ["slow", "", "unfinished", "../models", "README.md"])
def test_others_are_refused_by_name(models: Path, engine: str) -> None:
    with pytest.raises(UnknownEngine) as raised:
        model_folder(engine, models)
    assert repr(engine) in str(raised.value)
    assert "accurate, fast" in str(raised.value)


def test_no_models_at_all(tmp_path: Path) -> None:
    assert available(tmp_path / "missing") == []
    with pytest.raises(UnknownEngine, match="available: none"):
        model_folder("accurate", tmp_path)
