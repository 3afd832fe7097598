"""A model of BERT-base's size with random weights: what it says is noise, how long it takes is not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CJK = [chr(code) for code in range(0x4E00, 0xA000)]
MARKS = [*map(chr, range(33, 127)), *"，。！？、；：（）《》“”‘’…—～·"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@dataclass(frozen=True)
class Size:
    """Layers and widths; by default those of bert-base-chinese."""

    layers: int = 12
    hidden: int = 768
    heads: int = 12
    vocabulary: int = 21128


def make(folder: Path, size: Size = Size()) -> Path:
    """Write model and tokenizer into `folder`, as one downloaded from the hub lies there, and return it."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    config = BertConfig(
        vocab_size=size.vocabulary,
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=4 * size.hidden,
        id2label={0: "negative", 1: "positive"},
        label2id={"negative": 0, "positive": 1},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    words = [*SPECIAL, *MARKS, *CJK]
    words = [*words, *(f"[unused{place}]" for place in range(size.vocabulary - len(words)))]
    path = folder / "vocab.txt"
    path.write_text("\n".join(words[: size.vocabulary]), encoding="utf-8")
    BertTokenizerFast(vocab=str(path), model_max_length=512).save_pretrained(folder)
    return folder
