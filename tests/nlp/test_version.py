import shutil
from pathlib import Path

import pytest

import nlp
from nlp.version import _CODE, DIGEST, code_version

PACKAGE = Path(nlp.__file__).parent
NOT_ANALYSIS = {
    *DIGEST,
    "__init__",
    "__main__",
    "aggregate",
    "aspect_evaluate",
    "aspect_impact",
    "checks",
    "digest_file",
    "engine_checks",
    "engines",
    "evaluate",
    "impact",
    "new_words",
    "reading",
    "version",
}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "nlp"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("models", "training", "__pycache__"))
    return folder


def test_same_code_same_version(copied: Path) -> None:
    assert code_version(copied) == code_version()
    assert len(code_version()) == 12


@pytest.mark.parametrize(
    "changed",
    ["normalise.py", "pipeline.py", "lexicons/aspects.json", "lexicons/stop_words.txt"],
)
def test_changed_code_or_words_change_it(copied: Path, changed: str) -> None:
    with (copied / changed).open("a") as stream:
        stream.write("\n")
    assert code_version(copied) != code_version()


def test_what_is_no_part_of_the_analysis_does_not(copied: Path) -> None:
    with (copied / "checks.py").open("a") as stream:
        stream.write("\n")
    assert code_version(copied) == code_version()


def test_every_module_of_the_analysis_counts() -> None:
    modules = {path.stem for path in PACKAGE.glob("*.py")}
    assert modules - NOT_ANALYSIS <= set(_CODE)
