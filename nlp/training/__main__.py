"""Command line `python -m nlp.training FILE …`: trains, exports, measures, writes the cards, publishes."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path

import torch

from nlp.engines import MODELS
from nlp.training import base
from nlp.training.card import evaluate, write_card
from nlp.training.course import PUPIL, STUDENTS, TEACHER, Course, print_progress
from nlp.training.data import TrainingDataError
from nlp.training.gate import WorseModel, publish
from nlp.training.prepare import prepare

ROOT = Path(__file__).parents[2]
NUMBERS = ("epochs", "student-epochs", "seed")
"""Options that decide the result."""


def main(arguments: list[str] | None = None) -> int:
    """Train the bundled classifiers.

    Returns
    -------
    int
        0; 2 after an error in the data; 3 if a new model is worse than the
        published one. Both are told on standard error.
    """
    options = parser().parse_args(arguments)
    try:
        train(options)
    except (TrainingDataError, OSError) as error:
        print(f"nlp.training: {error}", file=sys.stderr)
        return 2
    except WorseModel as error:
        print(f"nlp.training: not published: {error}", file=sys.stderr)
        return 3
    return 0


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = argparse.ArgumentParser(prog="python -m nlp.training", description=__doc__)
    add = found.add_argument
    add("files", nargs="+", type=Path, help="CSV files: text, and label (0, 1), polarity or rating (1 to 5)")
    add("--held-out", nargs="*", type=Path, default=[], help="files never trained on, to be measured on")
    add("--students", nargs="+", choices=[*STUDENTS], default=[*STUDENTS])
    add("-o", "--output", type=Path, default=MODELS, help="where the models are published (%(default)s)")
    add("--cards", type=Path, default=ROOT / "docs" / "models", help="where their cards go (%(default)s)")
    add("--work", type=Path, default=ROOT / "var" / "training", help="what each step leaves, to resume from")
    add("--epochs", type=int, default=TEACHER.epochs, help="of the teacher (%(default)s)")
    add("--student-epochs", type=int, default=PUPIL.epochs, help="of each student (%(default)s)")
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=2)
    add("--note", default="", help="a remark on this training, for the cards")
    return found


def train(options: argparse.Namespace) -> None:
    """Run every step that is not done yet, and publish each student that is not worse.

    Raises
    ------
    WorseModel
        The model folder stays in the work folder.
    """
    packed = base.read_packed(base.base_path())
    prepared = prepare(options.files, options.held_out, packed)
    print(f"data: {json.dumps(prepared.report.as_dict())}, vocabulary {len(prepared.token_ids)}", flush=True)
    own = {"seed": options.seed, "parts": options.threads}
    teacher = replace(TEACHER, epochs=options.epochs, **own)
    pupil = replace(PUPIL, epochs=options.student_epochs, **own)
    course = Course(prepared, packed, options.work, print_progress, teacher, pupil, options.threads)
    about = {"command": f"python -m nlp.training {shlex.join(described(options))}", "note": options.note}
    torch.set_num_threads(options.threads)
    for name in options.students:
        folder, place = course.write(name, about), options.output / name
        results = evaluate(folder, options.held_out, options.threads)
        before = evaluate(place, options.held_out, options.threads) if place.exists() else None
        publish(folder, place, results, before)
        write_card(options.cards / f"sentiment-{name}.md", place, results)
        print(f"published {place}", flush=True)


def described(options: argparse.Namespace) -> list[str]:
    """The arguments that decide the result, files by name only."""
    files = [path.name for path in options.files]
    held_out = ["--held-out", *(path.name for path in options.held_out)] if options.held_out else []
    numbers = [f"--{name}={getattr(options, name.replace('-', '_'))}" for name in NUMBERS]
    return [*files, *held_out, *numbers]


if __name__ == "__main__":
    sys.exit(main())
