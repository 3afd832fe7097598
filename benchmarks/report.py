"""Writes the result of a benchmark as JSON and as a table."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """Return the rows as a Markdown table; columns in the order of the first row."""
    columns = list(rows[0])
    lines = [columns, ["---"] * len(columns), *([cell(row.get(name)) for name in columns] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell(value: object) -> str:
    """Return a number with four significant digits, a missing value as a dash."""
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def machine() -> dict[str, object]:
    """Return what the figures depend on."""
    return {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()}


def write(name: str, rows: Sequence[Mapping[str, object]], about: Mapping[str, object]) -> Path:
    """Print the table, write it and the JSON under ``results/NAME.*`` and return the JSON's path."""
    RESULTS.mkdir(exist_ok=True)
    text = table(rows)
    print(f"\n{name}\n\n{text}\n")
    (RESULTS / f"{name}.md").write_text(text + "\n", encoding="utf-8")
    path = RESULTS / f"{name}.json"
    content = {"name": name, "machine": machine(), **about, "rows": list(rows)}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
