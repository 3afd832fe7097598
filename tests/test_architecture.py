"""Who may import whom, as docs/architecture.md says."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import Settings
from workers.app import create_app

ROOT = Path(__file__).parents[1]
OURS = {
    "settings",
    "alerting",
    "ingest",
    "nlp",
    "forecasting",
    "reports",
    "storage",
    "workers",
    "webapp",
    "local",
    "demo",
    "telemetry",
}
FRAMEWORKS = {"flask", "celery", "sqlalchemy"}

MAY_IMPORT = {
    "settings": set(),
    "alerting": set(),
    "ingest": set(),
    "nlp": set(),
    "forecasting": set(),
    "reports": set(),
    "demo": set(),
    "telemetry": set(),
    "storage": {"settings"},
    "workers": {"alerting", "ingest", "nlp", "forecasting", "reports", "storage", "settings", "telemetry"},
    "webapp": {"alerting", "ingest", "reports", "storage", "settings", "telemetry"},
    "local": {"settings"},
}
NEVER = {
    "settings": FRAMEWORKS | {"torch", "transformers", "pandas", "numpy"},
    "alerting": FRAMEWORKS | {"torch", "transformers", "pandas"},
    "ingest": FRAMEWORKS | {"torch", "transformers"},
    "nlp": FRAMEWORKS,
    "forecasting": FRAMEWORKS | {"transformers"},
    "reports": FRAMEWORKS | {"torch", "transformers", "pandas", "numpy"},
    "demo": FRAMEWORKS | {"torch", "transformers"},
    "telemetry": FRAMEWORKS | {"torch", "transformers", "pandas", "numpy"},
    "storage": {"torch", "transformers", "flask", "celery"},
    "workers": {"flask"},
    "webapp": {"torch", "transformers", "onnxruntime"},
    "local": {"torch", "transformers"},
}


def files_of(package: str) -> list[Path]:
    single = ROOT / f"{package}.py"
    return [single] if single.exists() else sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each absolutely imported top-level name with its line, at any depth of the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0], node.lineno


def offences(package: str, path: Path) -> list[str]:
    allowed = MAY_IMPORT[package] | {package}
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for name, line in imported(path)
        if name in NEVER[package] or (name in OURS and name not in allowed)
    ]


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_it_may(package: str) -> None:
    paths = files_of(package)
    assert paths, f"{package} has no files: is the list above true?"
    assert [line for path in paths for line in offences(package, path)] == []


def test_an_offence_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    guilty = tmp_path / "nlp.py"
    guilty.write_text("def late():\n    import flask\n    from storage.reviews import copy_reviews\n")
    assert offences("nlp", guilty) == ["nlp.py:2 imports flask", "nlp.py:3 imports storage"]


def test_libraries_are_pure_standard_library_settings() -> None:
    standard = set(sys.stdlib_module_names)
    assert {name for name, _ in imported(ROOT / "settings.py")} <= standard


@pytest.mark.parametrize("package", ["webapp", "storage", "ingest"])
def test_import_loads_no_torch(package: str) -> None:
    program = (
        f"import {package}, sys; print(*({{'torch', 'transformers', 'onnxruntime'}} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


def test_every_task_the_web_enqueues_is_registered_in_the_workers(settings: Settings) -> None:
    from webapp import enqueue

    tasks = [value for value in vars(enqueue).values() if isinstance(value, str)]
    names = {value for value in tasks if value.startswith("workers.tasks.")}
    assert names, "webapp/enqueue.py names no task"
    assert names <= set(create_app(settings).tasks)


def test_no_module_reads_the_environment_but_settings() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for package in sorted(MAY_IMPORT)
        for path in files_of(package)
        if "os.environ" in path.read_text(encoding="utf-8")
    ]
    assert set(readers) <= {"settings.py", "local/environment.py"}
