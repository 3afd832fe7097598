"""A stamp of the code and word lists of the analysis, so that older scores are known to be stale."""

import hashlib
from functools import cache
from pathlib import Path

_CODE = (
    "accounts",
    "aspect_changes",
    "aspect_model",
    "aspect_rules",
    "aspect_spans",
    "aspect_words",
    "aspects",
    "attributes",
    "bursts",
    "cache",
    "categories",
    "checkpoint",
    "class_names",
    "descriptions",
    "dictionary",
    "duplicates",
    "han",
    "identifiers",
    "informal",
    "keywords",
    "language",
    "normalise",
    "pipeline",
    "privacy",
    "quantities",
    "segment",
    "selling_points",
    "sentiment",
    "suspect",
    "word_finder",
)
DIGEST = ("clauses", "digest", "emerging", "quotes", "summary", "topic_labels", "topics", "writer")
"""Modules that make digests of what the others read."""


@cache
def code_version(folder: Path = Path(__file__).parent, modules: tuple[str, ...] = _CODE) -> str:
    """Return twelve hexadecimal digits over modules, those of the analysis by default, and the lexicons.

    Parameters
    ----------
    folder : Path
        The `nlp` package.
    modules : tuple of str
        Names of modules in it.
    """
    digest = hashlib.sha256()
    code = [folder / f"{name}.py" for name in modules]
    for path in [*code, *sorted((folder / "lexicons").glob("*.[jt]*"))]:
        if path.exists():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
