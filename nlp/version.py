"""A stamp of the code and word lists of the analysis, so that older scores are known to be stale."""

import hashlib
from functools import cache
from pathlib import Path

_CODE = (
    "aspect_model",
    "aspect_rules",
    "aspect_spans",
    "aspect_words",
    "aspects",
    "checkpoint",
    "class_names",
    "duplicates",
    "keywords",
    "language",
    "normalise",
    "pipeline",
    "privacy",
    "segment",
    "sentiment",
    "suspect",
)


@cache
def code_version(folder: Path = Path(__file__).parent) -> str:
    """Return twelve hexadecimal digits over the modules of the analysis and the lexicons.

    Parameters
    ----------
    folder : Path
        The `nlp` package.
    """
    digest = hashlib.sha256()
    modules = [folder / f"{name}.py" for name in _CODE]
    for path in [*modules, *sorted((folder / "lexicons").glob("*.[jt]*"))]:
        if path.exists():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
