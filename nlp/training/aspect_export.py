"""Turn a trained aspect network into a model folder, with thresholds chosen on texts kept aside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from nlp.aspect_evaluate import micro_f1
from nlp.aspect_model import CONFIG, FILES, MAX_TOKENS, AspectConfig, AspectModel
from nlp.training.aspect_data import LabelledText
from nlp.training.aspect_graph import build_judge, build_reader
from nlp.training.aspect_net import AspectNet
from nlp.training.aspect_rows import rows
from nlp.training.batches import PAD
from nlp.training.gains import find_gains

LEFT_TO_RULES = ("性能", "续航", "屏幕", "安装", "售后")
"""Categories of goods that none of the labelled files is about; chosen by trial, see the card."""
STEPS: dict[str, tuple[float, ...]] = {
    "silence": (-1.0, -0.5, 0.5),
    "link": (0.3, 0.4, 0.6, 0.7),
    "least": (0.05, 0.1, 0.2, 0.3, 0.4),
    "alone": (0.1, 0.3, 0.5),
}
"""Values tried for each threshold, one threshold after the other."""


def write_model(
    model: AspectNet,
    tokenizer: dict[str, Any],
    categories: Sequence[str],
    folder: Path,
    validation: Sequence[LabelledText],
    training: dict[str, Any],
) -> AspectConfig:
    """Write the model folder.

    Parameters
    ----------
    model : AspectNet
    tokenizer : dict
        Its document.
    categories : sequence of str
        Names in the order of their class numbers.
    folder : Path
    validation : sequence of LabelledText
        Texts that choose gains and thresholds.
    training : dict
        What to record about the training, as JSON.
    """
    folder.mkdir(parents=True, exist_ok=True)
    read = [row.ids for row in rows(validation, tokenizer, categories)]
    contents = (
        build_reader(model, MAX_TOKENS, find_gains(model.eval(), read)).SerializeToString(),
        build_judge(model).SerializeToString(),
        json.dumps(tokenizer, ensure_ascii=False).encode(),
    )
    for name, content in zip(FILES, contents, strict=True):
        (folder / name).write_bytes(content)
    digests = (hashlib.sha256(content).hexdigest() for content in contents)
    config = AspectConfig(
        max_tokens=MAX_TOKENS,
        pad_id=PAD,
        categories=list(categories),
        left_to_rules=[name for name in LEFT_TO_RULES if name in categories],
        silence=0.0,
        link=0.5,
        least=0.0,
        alone=0.0,
        sha256=dict(zip(FILES, digests, strict=True)),
    )
    _write(folder, config, {})
    config, scores = choose(AspectModel(folder, threads=2), validation)
    _write(folder, config, {"training": {**training, "validation": scores}})
    return config


def _write(folder: Path, config: AspectConfig, about: dict[str, Any]) -> None:
    document = json.dumps({**asdict(config), **about}, ensure_ascii=False, indent=1)
    (folder / CONFIG).write_text(document + "\n", encoding="utf-8")


def choose(model: AspectModel, validation: Sequence[LabelledText]) -> tuple[AspectConfig, dict[str, float]]:
    """The thresholds with the best mean of pair and triplet F1, and these two."""
    best = score(model, validation)
    for name, values in STEPS.items():
        for value in values:
            before = model.config
            model.config = replace(before, **{name: value})  # type: ignore[arg-type]
            found = score(model, validation)
            if sum(found.values()) > sum(best.values()):
                best = found
            else:
                model.config = before
    return model.config, best


def score(model: AspectModel, validation: Sequence[LabelledText]) -> dict[str, float]:
    """Micro-F1 of places with polarity: of aspects, and of aspects with opinions where these are known."""
    read = model.read([text.text for text in validation])
    said = [
        {(one.aspect, one.opinion, max(range(3), key=one.polarities.__getitem__)) for one in found}
        for found in read
    ]
    gold = [{(pair.aspect, pair.opinion, pair.polarity) for pair in text.pairs} for text in validation]
    known = [place for place, text in enumerate(validation) if text.has_opinions]
    pairs = [[{(fact[0], fact[2]) for fact in facts} for facts in side] for side in (gold, said)]
    return {
        "pair_f1": micro_f1(*pairs),
        "triplet_f1": micro_f1([gold[i] for i in known], [said[i] for i in known]),
    }
