"""Sentiment models that ship with the code: the folders of `nlp/models`."""

from pathlib import Path

MODELS = Path(__file__).parent / "models"


class UnknownEngine(ValueError):
    """No sentiment model of that name is bundled."""


def available(models: Path = MODELS) -> list[str]:
    """Return the names of the bundled models, sorted."""
    return sorted(path.parent.name for path in models.glob("*/config.json"))


def model_folder(engine: str, models: Path = MODELS) -> Path:
    """Return the folder of a bundled model.

    Raises
    ------
    UnknownEngine
        When there is none of that name; lists those there are.
    """
    names = available(models)
    if engine not in names:
        raise UnknownEngine(f"unknown engine {engine!r}; available: {', '.join(names) or 'none'}")
    return models / engine
