"""Command line `python -m nlp.training FILE …`: trains, exports, measures, writes the card."""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from nlp.engines import MODELS
from nlp.training import base
from nlp.training.batches import predict_logits
from nlp.training.card import write_card
from nlp.training.data import TrainingDataError
from nlp.training.export import NAME, write_model
from nlp.training.loop import Recipe, Trainer
from nlp.training.prepare import MAX_TOKENS, Prepared, initial_model, labels, prepare

ROOT = Path(__file__).parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Train the bundled classifier; return 0, or 2 after an error in the data, told on standard error."""
    options = _parser().parse_args(arguments)
    try:
        train(options)
    except (TrainingDataError, OSError) as error:
        print(f"nlp.training: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nlp.training", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="CSV files: text, and label (0, 1) or polarity")
    parser.add_argument(
        "--held-out",
        nargs="*",
        type=Path,
        default=[],
        help="files never trained on; the model is measured on them",
    )
    parser.add_argument("-o", "--output", type=Path, default=MODELS / NAME, help="model folder (%(default)s)")
    parser.add_argument("--card", type=Path, default=ROOT / "docs" / "models" / f"sentiment-{NAME}.md")
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "training", help="checkpoints go here")
    parser.add_argument("--layers", type=int, default=6, help="lowest layers of the base to keep")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument(
        "--minutes", type=float, default=58.0, help="wall clock; the training fits itself into it"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--note", default="", help="a remark on this training, for the card")
    return parser


def train(options: argparse.Namespace) -> None:
    """Run every step, resuming from a checkpoint of the same training where there is one."""
    packed = base.read_packed(base.base_path())
    prepared = prepare(options.files, options.held_out, packed)
    print(f"data: {prepared.report.as_dict()}, vocabulary {len(prepared.token_ids)}", flush=True)
    recipe = Recipe(epochs=options.epochs, minutes=options.minutes, parts=options.threads, seed=options.seed)
    layers = list(range(options.layers))
    model = initial_model(packed, prepared.token_ids, layers, options.seed)
    trainer = Trainer(model, prepared.rows(prepared.train), labels(prepared.train), recipe)
    checkpoint = checkpoint_path(options.work, prepared, recipe, layers)
    if checkpoint.exists():
        trainer.load(checkpoint)
        print(f"resumed at step {trainer.progress.step} from {checkpoint}", flush=True)
    torch.set_num_threads(1)  # the trainer runs threads of its own
    trainer.run(report_progress, checkpoint)
    torch.set_num_threads(options.threads)
    rows, truth = prepared.rows(prepared.validation), labels(prepared.validation)
    logits = predict_logits(model, rows)
    training = {
        "command": f"python -m nlp.training {shlex.join(describe_arguments(options))}",
        "base": {"name": "multilingual-e5-small", "layers": layers},
        "recipe": asdict(recipe),
        "vocabulary": len(prepared.token_ids),
        "data": prepared.report.as_dict(),
        "steps": trainer.progress.step,
        "epochs_done": round(trainer.progress.step / trainer.steps_per_epoch, 2),
        "seconds": round(trainer.progress.seconds),
        "validation_accuracy_float32": round(float(np.mean(logits.argmax(1) == truth)), 4),
        "note": options.note,
        "torch": torch.__version__.split("+")[0],
    }
    write_model(model, prepared.tokenizer, options.output, MAX_TOKENS, (rows, truth), training)
    write_card(options.card, options.output, options.held_out, options.threads)


def describe_arguments(options: argparse.Namespace) -> list[str]:
    """The arguments that decide the result, files by name only."""
    files = [path.name for path in options.files]
    held_out = ["--held-out", *(path.name for path in options.held_out)] if options.held_out else []
    numbers = [f"--{name}={getattr(options, name)}" for name in ("layers", "epochs", "minutes", "seed")]
    return [*files, *held_out, *numbers]


def checkpoint_path(work: Path, prepared: Prepared, recipe: Recipe, layers: list[int]) -> Path:
    """Where this very training keeps its checkpoint: other data or another recipe has another name."""
    document = [asdict(recipe), layers, prepared.token_ids, prepared.train["key"].tolist()]
    digest = hashlib.sha256(json.dumps(document).encode()).hexdigest()
    work.mkdir(parents=True, exist_ok=True)
    return work / f"{digest[:16]}.pt"


def report_progress(trainer: Trainer) -> None:
    """Print where the training stands."""
    progress, share = trainer.progress, trainer.share_done
    left = progress.seconds * (1 - share) / max(share, 1e-9)
    print(
        f"{time.strftime('%H:%M:%S')} step {progress.step} {share:.1%} loss {progress.loss:.4f} "
        f"rate {trainer.learning_rate():.1e} {left / 60:.0f} min left",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
