"""Write the model card: what a model is made of, how well it does, and what it cannot do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlp.evaluate import measures, read_labelled, score
from nlp.pipeline import Analyzer
from nlp.sentiment import CONFIG

TEMPLATE = Path(__file__).with_name("card.md")
LENGTHS = (0, 10, 30, 80, 10**9)
"""Limits of the groups of length, in characters."""
TWO_CLASSES = (0, 2)

Results = Mapping[str, Mapping[str, Any]]


def evaluate(folder: Path, held_out: Sequence[Path], threads: int = 1) -> dict[str, dict[str, Any]]:
    """Measures of a model folder on two-class files: of each file, its sources and its lengths.

    Parameters
    ----------
    folder : Path
    held_out : sequence of Path
        CSV files with the columns ``text``, ``label`` and, optionally, ``source``.
    threads : int
    """
    analyzer = Analyzer.load(model_dir=folder, threads=threads)
    results: dict[str, dict[str, Any]] = {}
    for path in held_out:
        frame = read_labelled(path, "text", "label")
        labels = frame["label"].to_numpy()
        probabilities, uncertain = score(analyzer, frame["text"].tolist())
        for name, rows in groups(path.name, frame):
            key = f"{name} ({path.name})" if name in results else name
            results[key] = measures(labels[rows], probabilities[rows], uncertain[rows], TWO_CLASSES)
    return results


def groups(name: str, frame: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """The whole of a labelled file, its sources, and its texts by length: a name and the rows of each."""
    yield f"all of {name}", np.arange(len(frame))
    for source in sorted(set(frame["source"])) if "source" in frame else ():
        yield source, np.flatnonzero(frame["source"] == source)
    lengths = frame["text"].str.len()
    for low, high in pairwise(LENGTHS):
        rows = np.flatnonzero((lengths > low) & (lengths <= high))
        if len(rows):
            last = high == LENGTHS[-1]
            yield (f"{low + 1} characters and more" if last else f"{low + 1} to {high} characters"), rows


def table(results: Results) -> str:
    """A Markdown table of `evaluate`."""
    lines = [
        "| source | rows | accuracy (95% interval) | macro-F1 | F1 negative | F1 positive "
        "| calibration error | uncertain | accuracy of the rest |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for source, found in results.items():
        low, high = found["accuracy_ci"]
        negative, positive = (found["by_class"][name]["f1"] for name in ("negative", "positive"))
        certain = found["accuracy_certain"]
        lines.append(
            f"| {source} | {found['rows']:,} | {found['accuracy']:.4f} ({low:.4f}–{high:.4f}) "
            f"| {found['macro_f1']:.4f} | {negative:.4f} | {positive:.4f} | {found['calibration_error']:.4f} "
            f"| {found['uncertain']:.1%} | {'–' if certain is None else f'{certain:.4f}'} |"
        )
    return "\n".join(lines)


def draw_reliability(points: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw how often a model is right beside how sure it says it is, as SVG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "reliability"}):
        figure = Figure(figsize=(4.5, 4), layout="constrained")
        axes = figure.subplots()
        sure, right = ([point[name] for point in points] for name in ("confidence", "accuracy"))
        axes.plot([0.5, 1], [0.5, 1], color="0.6", linestyle="--", label="calibrated")
        axes.scatter(sure, right, [20 + 600 * point["share"] for point in points], alpha=0.5)
        axes.plot(sure, right, label="model")
        axes.set(xlabel="probability of the likelier class", ylabel="share that is right")
        axes.legend(loc="upper left")
        figure.savefig(path, format="svg", metadata={"Date": None})


def render(config: Mapping[str, Any], results: Results, megabytes: float) -> str:
    """Fill the template with the numbers of one model."""
    training = config["training"]
    curve = ", ".join(f"{point['risk']:.1%} at {point['coverage']:.0%}" for point in config["risk_coverage"])
    minutes = ", ".join(f"{name} {round(seconds / 60)}" for name, seconds in training["seconds"].items())
    return TEMPLATE.read_text(encoding="utf-8").format(
        name=config["name"],
        hash=config["sha256"]["model.onnx"],
        tokenizer_hash=config["sha256"]["tokenizer.json"],
        megabytes=f"{megabytes:.0f}",
        layers=len(training["student"]["layers"]),
        feed_forward=training["student"]["feed_forward"],
        teacher_layers=training["base"]["teacher_layers"],
        minutes=minutes,
        data="\n".join(f"| {name} | {count:,} |" for name, count in training["data"].items()),
        sources="\n".join(f"| {name} | {count:,} |" for name, count in training["sources"].items()),
        table=table(results) if results else "No file was held out.",
        curve=curve,
        epochs=training["teacher"]["epochs"],
        student_epochs=training["recipe"]["epochs"],
        **{name: config[name] for name in ("max_tokens", "temperature", "threshold")},
        **{name: training[name] for name in ("command", "vocabulary", "torch", "note")},
        **{f"teacher_{name}": training["teacher"][name] for name in ("learning_rate", "guess_weight")},
        **{f"student_{name}": training["recipe"][name] for name in ("learning_rate", "batch_size")},
    )


def write_card(card: Path, folder: Path, results: Results) -> None:
    """Write the card of a model folder and, beside it, its reliability diagram."""
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    card.parent.mkdir(parents=True, exist_ok=True)
    card.write_text(render(config, results, size), encoding="utf-8")
    if results:
        draw_reliability(next(iter(results.values()))["reliability"], card.with_suffix(".svg"))
