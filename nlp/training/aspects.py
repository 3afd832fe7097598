"""Command line `python -m nlp.training.aspects FILE …`: trains the reader of aspects and writes its card."""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from nlp.aspect_model import FOLDER
from nlp.aspect_rules import AspectRules
from nlp.evaluate import LabelError
from nlp.training import base
from nlp.training.aspect_card import write_card
from nlp.training.aspect_data import LabelledText, read_by_rules, read_training, split
from nlp.training.aspect_export import write_model
from nlp.training.aspect_loop import AspectTrainer
from nlp.training.aspect_net import AspectNet
from nlp.training.aspect_rows import cut_vocabulary, rows
from nlp.training.course import print_progress
from nlp.training.encoder import Encoder
from nlp.training.loop import Recipe

ROOT = Path(__file__).parents[2]
RECIPE = Recipe(
    epochs=6, batch_size=32, learning_rate=1.2e-4, hide_first=0.1, hide_last=0.03, guess_weight=0.0
)


def main(arguments: list[str] | None = None) -> int:
    """Train; return 0, or 2 after an error in the data or the base, told on standard error."""
    options = parser().parse_args(arguments)
    try:
        train(options)
    except (LabelError, base.BaseModelError, OSError) as error:
        print(f"nlp.training.aspects: {error}", file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = argparse.ArgumentParser(prog="python -m nlp.training.aspects", description=__doc__)
    add = found.add_argument
    add("files", nargs="+", type=Path, help="CSV files: text, aspect, polarity; also opinion and category")
    add("--others", nargs="+", type=Path, default=[], help="CSV files (text) of goods that rules read")
    add("--base", type=Path, help="checkpoint of a sentiment training (default: the network it began with)")
    add("--tokenizer", type=Path, help="tokenizer of that checkpoint")
    add("-o", "--output", type=Path, default=FOLDER, help="model folder (%(default)s)")
    add("--card", type=Path, default=ROOT / "docs" / "models" / "aspects.md")
    add("--work", type=Path, default=ROOT / "var" / "training", help="checkpoints go here")
    add("--layers", type=int, default=8, help="lowest layers to keep")
    add("--epochs", type=int, default=RECIPE.epochs)
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=2)
    add("--note", default="", help="a remark on this training, for the card")
    return found


def train(options: argparse.Namespace) -> None:
    """Run every step, resuming from a checkpoint of the same training where there is one."""
    rules = AspectRules()
    labelled = {path: read_training(path, rules) for path in options.files}
    texts, validation = split([text for found in labelled.values() for text in found])
    held = {text.text for text in validation}
    others = [text for text in read_by_rules(options.others, rules, options.seed) if text.text not in held]
    texts += others
    torch.manual_seed(options.seed)
    encoder, tokenizer = start(options, texts)
    model = AspectNet(encoder, len(rules.categories))
    recipe = replace(RECIPE, epochs=options.epochs, seed=options.seed, parts=options.threads)
    trainer = AspectTrainer(model, rows(texts, tokenizer, rules.categories), recipe)
    checkpoint = options.work / f"aspects-{_digest(options, recipe, texts)}.pt"
    trainer.complete(print_progress, checkpoint, options.threads)
    training = {
        "command": f"python -m nlp.training.aspects {shlex.join(described(options))}",
        "layers": options.layers,
        "recipe": asdict(recipe),
        "vocabulary": encoder.config.vocabulary,
        "texts": {path.name: len(found) for path, found in labelled.items()},
        "texts_by_rules": len(others),
        "validation_texts": len(validation),
        "steps": trainer.progress.step,
        "seconds": round(trainer.progress.seconds),
        "torch": torch.__version__.split("+")[0],
        "note": options.note,
    }
    write_model(model, tokenizer, rules.categories, options.output, validation, training)
    write_card(options.card, options.output, options.files, options.threads)


def start(options: argparse.Namespace, texts: Sequence[LabelledText]) -> tuple[Encoder, dict[str, Any]]:
    """An encoder with the lowest layers of a checkpoint or of the base, and its tokenizer, cut to `texts`.

    Raises
    ------
    BaseModelError
        When checkpoint and tokenizer do not fit.
    """
    packed = base.read_packed(base.base_path())
    full = json.loads((options.tokenizer or base.base_tokenizer_path()).read_text(encoding="utf-8"))
    tokenizer, keep = cut_vocabulary(full, [text.text for text in texts], base.latin_pieces())
    layers = range(options.layers)
    encoder = Encoder(replace(packed.config, vocabulary=len(keep), layers=len(layers)))
    if options.base is None:
        state = base.encoder_weights(packed, keep, layers)
    else:
        state = checkpoint_weights(options.base, keep, Tokenizer.from_str(json.dumps(full)).get_vocab_size())
    missing, _ = encoder.load_state_dict(state, strict=False)
    if set(missing) - {"head.weight", "head.bias"}:
        raise base.BaseModelError(f"{options.base} lacks {sorted(missing)}")
    return encoder, tokenizer


def checkpoint_weights(path: Path, token_ids: Sequence[int], vocabulary: int) -> dict[str, torch.Tensor]:
    """Weights of the encoder in a checkpoint of a sentiment training, with only some of its tokens.

    Raises
    ------
    BaseModelError
        When the checkpoint has another number of tokens than its tokenizer.
    """
    model = torch.load(path, weights_only=True)["model"]
    state = {k.removeprefix("encoder."): v for k, v in model.items() if k.startswith("encoder.")}
    words = state["words.weight"]
    if len(words) != vocabulary:
        raise base.BaseModelError(f"{path} knows {len(words)} tokens, its tokenizer {vocabulary}")
    return {**state, "words.weight": words[list(token_ids)]}


def described(options: argparse.Namespace) -> list[str]:
    """The arguments that decide the result, files by name only."""
    names = [path.name for path in options.files]
    start = {key: getattr(options, key) for key in ("base", "tokenizer")}
    names += ["--others", *(path.name for path in options.others)] if options.others else []
    names += [f"--{key}={path.name}" for key, path in start.items() if path]
    return [*names, *(f"--{key}={getattr(options, key)}" for key in ("layers", "epochs", "seed"))]


def _digest(options: argparse.Namespace, recipe: Recipe, texts: Sequence[LabelledText]) -> str:
    document = [described(options), asdict(recipe), [text.text for text in texts]]
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(main())
