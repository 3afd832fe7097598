"""Command line `python -m nlp.training.tune FILE …`: tunes a bundled model to a shop's own labels."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from nlp.engines import MODELS, UnknownEngine, available, model_folder
from nlp.pipeline import Analyzer
from nlp.sentiment import ModelError, SentimentClassifier
from nlp.training.data import TrainingDataError
from nlp.training.tune_data import read_rows
from nlp.training.tune_page import page, verdict
from nlp.training.tune_report import compare
from nlp.training.tuning import RECIPE, Tuning

ROOT = Path(__file__).parents[2]
REPORT = "report"


class Occupied(ValueError):
    """The output folder holds something already, or belongs to the bundled models."""


def main(arguments: list[str] | None = None) -> int:
    """Tune, and tell what would change.

    Returns
    -------
    int
        0; 2 after an error in data, engine or folder; 3 if the tuned model
        should not be switched on. All are told on standard error.
    """
    options = parser().parse_args(arguments)
    try:
        against = tune(options)
    except (TrainingDataError, UnknownEngine, ModelError, Occupied, OSError) as error:
        print(f"nlp.training.tune: {error}", file=sys.stderr)
        return 2
    told = f"{verdict(against, str(options.output))}\n{options.output / REPORT}.md"
    print(told, file=sys.stderr if against else sys.stdout)
    return 3 if against else 0


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = argparse.ArgumentParser(prog="python -m nlp.training.tune", description=__doc__)
    add = found.add_argument
    add("files", nargs="*", type=Path, help="CSV files: text, and label, polarity or rating (1 to 5)")
    add("--corrections", type=Path, help="CSV file of 改判: text and polarity; wins over every other label")
    add("--texts", type=Path, help="texts without a label, to be read as before and compared on")
    add("--engine", default="accurate", help=f"bundled model to begin with: {', '.join(available())}")
    add("-o", "--output", type=Path, required=True, help="new folder for the model and the report")
    add(
        "--work",
        type=Path,
        default=ROOT / "var" / "training",
        help="checkpoints to resume from (%(default)s)",
    )
    add("--epochs", type=int, default=RECIPE.epochs)
    add("--learning-rate", type=float, default=RECIPE.learning_rate)
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=2)
    return found


def tune(options: argparse.Namespace) -> list[str]:
    """Train, write the model folder with its report, and return what speaks against the model.

    Raises
    ------
    TrainingDataError, UnknownEngine, ModelError, Occupied
    """
    check_output(options.output)
    start = model_folder(options.engine)
    data = read_rows(options.files, options.corrections, options.texts)
    print(f"rows: {json.dumps(data.counts)}", flush=True)
    old = SentimentClassifier.from_pretrained(start, options.threads)
    recipe = replace(
        RECIPE,
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        seed=options.seed,
        parts=options.threads,
    )
    tuning = Tuning(start, old, data, recipe, options.work, options.threads)
    folder = tuning.write(
        options.output.name, f"python -m nlp.training.tune {shlex.join(described(options))}"
    )
    new = SentimentClassifier.from_pretrained(folder, options.threads)
    report = compare(Analyzer(old), Analyzer(new), data)
    document = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    (folder / f"{REPORT}.json").write_text(document, encoding="utf-8")
    (folder / f"{REPORT}.md").write_text(page(report, str(options.output)), encoding="utf-8")
    shutil.copytree(folder, options.output, dirs_exist_ok=True)
    against: list[str] = report["against"]
    return against


def check_output(folder: Path) -> None:
    """Make sure that no model in use is written over.

    Raises
    ------
    Occupied
    """
    if folder.resolve().is_relative_to(MODELS.resolve()):
        raise Occupied(f"{folder} belongs to the bundled models: name another folder")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Occupied(f"{folder} is not empty: name a new folder, as a model in it may be in use")


def described(options: argparse.Namespace) -> list[str]:
    """The arguments that decide the result, files by name only."""
    named = {"corrections": options.corrections, "texts": options.texts}
    files = [f"--{name}={path.name}" for name, path in named.items() if path]
    numbers = [
        f"--{name}={getattr(options, name.replace('-', '_'))}"
        for name in ("engine", "epochs", "learning-rate", "seed")
    ]
    return [*(path.name for path in options.files), *files, *numbers]


if __name__ == "__main__":
    sys.exit(main())
