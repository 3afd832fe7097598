"""Write the model card: what a model is made of, how well it does, and what it cannot do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nlp.evaluate import measures, read_labelled, score
from nlp.pipeline import Analyzer
from nlp.sentiment import CONFIG

TEMPLATE = Path(__file__).with_name("card.md")


def evaluate(folder: Path, held_out: Sequence[Path], threads: int = 1) -> dict[str, dict[str, Any]]:
    """Measures by source of a model folder on two-class files, "all" of them first.

    Parameters
    ----------
    folder : Path
    held_out : sequence of Path
        CSV files with the columns ``text``, ``label`` and ``source``.
    threads : int
    """
    analyzer = Analyzer.load(model_dir=folder, threads=threads)
    results: dict[str, dict[str, Any]] = {}
    for path in held_out:
        frame = read_labelled(path, "text", "label")
        labels = frame["label"].to_numpy()
        probabilities, uncertain = score(analyzer, frame["text"].tolist())
        classes = [0, 2]
        results[f"all of {path.name}"] = measures(labels, probabilities, uncertain, classes)
        for source, rows in frame.groupby("source").indices.items():
            results[str(source)] = measures(labels[rows], probabilities[rows], uncertain[rows], classes)
    return results


def table(results: dict[str, dict[str, Any]]) -> str:
    """A Markdown table of `evaluate`."""
    lines = [
        "| source | rows | accuracy (95% interval) | macro-F1 | F1 negative | F1 positive "
        "| calibration error | uncertain | accuracy of the rest |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for source, found in results.items():
        low, high = found["accuracy_ci"]
        negative, positive = (found["by_class"][name]["f1"] for name in ("negative", "positive"))
        lines.append(
            f"| {source} | {found['rows']:,} | {found['accuracy']:.4f} ({low:.4f}–{high:.4f}) "
            f"| {found['macro_f1']:.4f} | {negative:.4f} | {positive:.4f} | {found['calibration_error']:.4f} "
            f"| {found['uncertain']:.1%} | {found['accuracy_certain']:.4f} |"
        )
    return "\n".join(lines)


def render(config: dict[str, Any], results: dict[str, dict[str, Any]], megabytes: float) -> str:
    """Fill the template with the numbers of one model."""
    training, data = config["training"], config["training"]["data"]
    curve = ", ".join(f"{point['risk']:.1%} at {point['coverage']:.0%}" for point in config["risk_coverage"])
    return TEMPLATE.read_text(encoding="utf-8").format(
        hash=config["sha256"]["model.onnx"],
        tokenizer_hash=config["sha256"]["tokenizer.json"],
        megabytes=f"{megabytes:.0f}",
        layers=len(training["base"]["layers"]),
        command=training["command"],
        minutes=round(training["seconds"] / 60),
        data="\n".join(f"| {name} | {count:,} |" for name, count in data.items()),
        table=table(results) if results else "No file was held out.",
        validation=f"{training['validation_accuracy_float32']:.4f}",
        validation_shipped=f"{1 - config['risk_coverage'][0]['risk']:.4f}",
        curve=curve,
        **{name: config[name] for name in ("max_tokens", "temperature", "threshold")},
        **{name: training[name] for name in ("vocabulary", "steps", "epochs_done", "torch", "note")},
        **{name: training["recipe"][name] for name in ("batch_size", "learning_rate", "word_dropout")},
        label_smoothing=training["recipe"]["label_smoothing"],
    )


def write_card(card: Path, folder: Path, held_out: Sequence[Path], threads: int = 1) -> None:
    """Measure a model folder on the held-out files and write its card."""
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    card.parent.mkdir(parents=True, exist_ok=True)
    card.write_text(render(config, evaluate(folder, held_out, threads), size), encoding="utf-8")
