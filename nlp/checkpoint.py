"""Any Hugging Face sequence-classification checkpoint as the sentiment model, from a folder or the hub."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nlp.class_names import sentiments_of
from nlp.sentiment import (
    CONFIG,
    LABELS,
    ModelError,
    ModelNotFound,
    Probabilities,
    head_and_tail,
    length_batches,
    pad,
    softmax,
)

if TYPE_CHECKING:
    from torch import Tensor

THRESHOLD = 0.6
"""Below it a text is uncertain, unless the checkpoint's configuration names a `threshold` of its own."""

_LONGEST = 256
_TOKENS_PER_BATCH = 2048
_CHARACTERS_PER_TOKEN = 8
_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_FILES = ("*.json", "*.txt", "*.model", "*.safetensors")
"""What a checkpoint is made of; pickles and code are left where they are."""


class CheckpointError(ModelError):
    """A checkpoint that cannot serve as the sentiment model; the message says why."""


def is_checkpoint(source: Path | str) -> bool:
    """Return whether `source` is a Hugging Face folder, or no folder but the name of one on the hub.

    Parameters
    ----------
    source : Path or str
        Folder, or ``owner/name``.
    """
    folder = Path(source)
    if not folder.exists():
        return _HUB_NAME.fullmatch(folder.as_posix()) is not None
    try:
        return "model_type" in json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


class CheckpointClassifier:
    """Probabilities that a text is negative, neutral or positive, by a transformers model.

    Parameters
    ----------
    folder : Path
        Configuration, safetensors and tokenizer, as `save_pretrained` writes them. No network is used.
    threads : int
        Threads of one prediction. They are PyTorch's, and so the whole process's.
    name : str
        Begins the version; by default the name of the folder.

    Attributes
    ----------
    threshold : float
        Probability of the likeliest class below which a text is uncertain.
    version : str
        Name that changes with the weights, the tokenizer and the configuration.

    Raises
    ------
    CheckpointError
        If the folder has no safetensors, no weights of a classifier among them, or no padding token.
    LabelsNotUnderstood
        If `nlp.class_names.sentiments_of` knows nothing of its classes.
    """

    def __init__(self, folder: Path, threads: int = 1, name: str = "") -> None:
        import torch
        from transformers import AutoTokenizer

        torch.set_num_threads(threads)
        self._model = _model(folder)
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        if self._tokenizer.pad_token_id is None:
            raise CheckpointError(f"the tokenizer of {folder} has no padding token")
        config = self._model.config
        self._sentiments = np.eye(len(LABELS), dtype=np.float32)[sentiments_of(config.id2label)]
        positions = getattr(config, "max_position_embeddings", _LONGEST) - 2  # RoBERTa counts from two
        self._limit = min(_LONGEST, positions, self._tokenizer.model_max_length)
        self.threshold = float(getattr(config, "threshold", THRESHOLD))
        self.version = f"{name or folder.resolve().name}-{_digest(folder)}"

    @classmethod
    def from_pretrained(cls, path_or_hub_name: Path | str, threads: int = 1) -> CheckpointClassifier:
        """Load a folder as it is, or a checkpoint of the hub through the local cache.

        Parameters
        ----------
        path_or_hub_name : Path or str
            A folder is never looked for on the network; of a hub name no pickle and no code is fetched.
        threads : int

        Raises
        ------
        ModelNotFound
            If there is neither a folder nor a checkpoint of that name.
        CheckpointError, LabelsNotUnderstood
        """
        folder = Path(path_or_hub_name)
        if folder.is_dir():
            return cls(folder, threads)
        return cls(_fetched(folder.as_posix()), threads, name=folder.name)

    def predict_proba(self, texts: Sequence[str]) -> Probabilities:
        """Score texts.

        Parameters
        ----------
        texts : sequence of str, length n
            Normalised texts of any length and content.

        Returns
        -------
        ndarray of shape (n, 3), float32
            Columns as in `nlp.sentiment.LABELS`, each row adding up to one; the neutral one is zero where the
            checkpoint has two classes. A text without a single token gets a third each.

        Raises
        ------
        TypeError
            If `texts` is a single string, or names the places of what is no string.
        """
        rows = self.tokenise(texts)
        result = np.full((len(rows), len(LABELS)), 1 / len(LABELS), np.float32)
        for batch, _, output in self._run(rows):
            result[batch] = softmax(output.logits.numpy()) @ self._sentiments
        return result

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Place texts so that those of like meaning lie close: the mean state of the middle layer.

        Parameters
        ----------
        texts : sequence of str, length n
            Normalised texts of any length and content.

        Returns
        -------
        ndarray of shape (n, hidden), float32
            Rows of length one; a text without a single token has a row of zeros.

        Raises
        ------
        TypeError
            As `predict_proba`.
        """
        rows = self.tokenise(texts)
        result = np.zeros((len(rows), self._model.config.hidden_size), np.float32)
        for batch, mask, output in self._run(rows, output_hidden_states=True):
            states = output.hidden_states[len(output.hidden_states) // 2]  # (batch, tokens, hidden)
            sums = (states * mask.unsqueeze(-1)).sum(1).numpy()
            result[batch] = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return result

    def tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, cut to the limit; none for a text that has nothing to read."""
        if isinstance(texts, str):
            raise TypeError("texts must be a sequence of texts, not one string")
        strange = [place for place, text in enumerate(texts) if not isinstance(text, str)]
        if strange:
            raise TypeError(f"texts at {strange[:5]} are not strings")
        if not texts:
            return []
        cut = [head_and_tail(text, 2 * self._limit * _CHARACTERS_PER_TOKEN) for text in texts]
        plain = [text.encode("utf-8", "replace").decode("utf-8") for text in cut]  # no lone surrogates
        found = self._tokenizer(plain, return_special_tokens_mask=True, verbose=False)
        return [
            [] if all(special) else head_and_tail(ids, self._limit)
            for ids, special in zip(found["input_ids"], found["special_tokens_mask"], strict=True)
        ]

    def _run(self, rows: list[list[int]], **options: bool) -> Iterator[tuple[list[int], Tensor, Any]]:
        """Places of the rows of each batch, their mask, and what the model puts out for them."""
        import torch

        for batch in length_batches([len(row) for row in rows], _TOKENS_PER_BATCH):
            padded = pad([rows[place] for place in batch], self._tokenizer.pad_token_id)
            ids, mask = (torch.from_numpy(part) for part in padded)
            with torch.inference_mode():
                yield batch, mask, self._model(input_ids=ids, attention_mask=mask, **options)


def _model(folder: Path) -> Any:
    """Return the model of a folder in single precision, all of its weights from the file."""
    import torch
    from transformers import AutoModelForSequenceClassification

    try:
        model, loading = AutoModelForSequenceClassification.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder} cannot be loaded from safetensors: {error}") from error
    if loading["missing_keys"]:
        missing = ", ".join(sorted(loading["missing_keys"])[:3])
        raise CheckpointError(f"{folder} is no trained classifier: it has no weights for {missing}")
    return model.eval()


def _fetched(name: str) -> Path:
    """Return the folder of a hub checkpoint, from the cache where it is there."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=list(_FILES), ignore_patterns=["*/*"]))
    except (OSError, ValueError) as error:
        raise ModelNotFound(f"{name} is neither a folder nor a checkpoint of the hub: {error}") from error


def _digest(folder: Path) -> str:
    """Return twelve hexadecimal digits over the files of a checkpoint."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in _FILES for path in folder.glob(pattern)):
        with path.open("rb") as stream:
            digest.update(path.name.encode() + b"\0" + hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:12]
