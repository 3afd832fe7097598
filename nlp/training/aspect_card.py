"""Write the card of the aspect model: what it is made of, how it does beside the rules, what it cannot do."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nlp.aspect_evaluate import aspects_report
from nlp.aspect_model import CONFIG, FILES
from nlp.aspects import AspectFinder

TEMPLATE = Path(__file__).with_name("aspect_card.md")
MEASURES: dict[str, Callable[[dict[str, Any]], float | None]] = {
    "given aspect, macro-F1": lambda found: found["given_all"]["macro_f1"],
    "without neutral": lambda found: found["given_all"]["macro_f1_without_neutral"],
    "undisputed, macro-F1": lambda found: found["given_agreed"]["macro_f1"],
    "undisputed, without neutral": lambda found: found["given_agreed"]["macro_f1_without_neutral"],
    "(aspect, polarity) F1": lambda found: found["pair_f1"],
    "named aspects only": lambda found: found["pair_f1_named"],
    "(aspect, opinion, polarity) F1": lambda found: found["triplet_f1"],
    "(category, polarity) F1": lambda found: found["category_polarity_f1"],
}


def table(reports: dict[str, list[dict[str, Any]]]) -> str:
    """A Markdown table with a row for each finder and file.

    Parameters
    ----------
    reports : dict of str to list of dict
        Results of `aspects_report` by the name of the finder.
    """
    head = ["file", "finder", "reviews", *MEASURES]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for found in zip(*reports.values(), strict=True):
        for name, report in zip(reports, found, strict=True):
            values = (measure(report) for measure in MEASURES.values())
            shown = " | ".join("–" if value is None else f"{value:.3f}" for value in values)
            lines.append(f"| {report['file']} | {name} | {report['reviews']:,} | {shown} |")
    return "\n".join(lines)


def write_card(card: Path, folder: Path, files: Sequence[Path], threads: int = 1) -> None:
    """Measure a model folder and the rules on the test split of files, and write the card."""
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    finders = {"learned, with rules": AspectFinder.load(folder, threads), "rules alone": AspectFinder()}
    reports = {
        name: [aspects_report(path, finder, test_split=True) for path in files]
        for name, finder in finders.items()
    }
    training = config["training"]
    speeds = [report["reviews_per_s"] for report in reports["learned, with rules"]]
    card.parent.mkdir(parents=True, exist_ok=True)
    text = TEMPLATE.read_text(encoding="utf-8").format(
        **{key: training[key] for key in ("command", "layers", "vocabulary", "steps", "torch", "note")},
        **{key: training["recipe"][key] for key in ("epochs", "batch_size", "learning_rate")},
        **{key: config[key] for key in ("max_tokens", "silence", "link", "least", "alone")},
        hashes="\n".join(f"| sha256 of `{name}` | `{config['sha256'][name]}` |" for name in FILES),
        megabytes=f"{sum((folder / name).stat().st_size for name in FILES) / 1e6:.1f}",
        minutes=round(training["seconds"] / 60),
        categories="、".join(config["categories"]),
        left_to_rules="、".join(config["left_to_rules"]),
        texts="\n".join(f"| {name} | {count:,} |" for name, count in training["texts"].items()),
        others=training["texts_by_rules"],
        table=table(reports),
        speed=f"{min(speeds):.0f} to {max(speeds):.0f}",
        threads=threads,
    )
    card.write_text(text, encoding="utf-8")
