"""The accurate sentiment engine: a small transformer, run by ONNX Runtime.

A model is a folder: ``model.onnx``, ``tokenizer.json`` and ``config.json``,
which names the labels, the limits and the hash of the other two. Nothing but
`onnxruntime` and `tokenizers` is needed to run it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

LABELS = ("negative", "neutral", "positive")
FILES = ("model.onnx", "tokenizer.json")
CONFIG = "config.json"

_TOKENS_PER_BATCH = 512
"""Small enough for the states of a batch to stay in the processor's cache."""
_CHARACTERS_PER_TOKEN = 8
"""Longer stretches per token are rare, so cutting a text here loses none of the tokens that are kept."""

Cuttable = TypeVar("Cuttable", str, list[int])
Probabilities = npt.NDArray[np.float32]
_Integers = npt.NDArray[np.int64]


class ModelError(ValueError):
    """A model folder that cannot be used; the message names the file."""


class ModelNotFound(ModelError):
    """A file of the model is missing."""


class CorruptModel(ModelError):
    """A file of the model is not the one its configuration names by hash."""


@dataclass(frozen=True)
class ModelConfig:
    """What ``config.json`` says about a model.

    Attributes
    ----------
    name : str
    max_tokens : int
        Longest input; of longer texts the beginning and the end are read.
    pad_id : int
        Token that fills shorter texts of a batch.
    temperature : float
        Divides the logits, so that probabilities match frequencies (Guo et al., 2017).
    threshold : float
        Probability of the likeliest class below which a text is uncertain.
    embedding_mean : list of float
        Mean embedding of reviews, which all embeddings share and none should be compared by.
    sha256 : dict of str to str
        Hash of each of `FILES`.
    """

    name: str
    max_tokens: int
    pad_id: int
    temperature: float
    threshold: float
    embedding_mean: list[float]
    sha256: dict[str, str]

    @property
    def hidden(self) -> int:
        """Numbers in an embedding."""
        return len(self.embedding_mean)

    @classmethod
    def read(cls, folder: Path) -> ModelConfig:
        """Read the configuration of a model folder.

        Raises
        ------
        ModelNotFound, ModelError
        """
        path = folder / CONFIG
        if not path.is_file():
            raise ModelNotFound(f"{path} is missing: {folder} is not a model folder")
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            config = cls(**{name: values[name] for name in cls.__dataclass_fields__})
        except (KeyError, ValueError, TypeError) as error:
            raise ModelError(f"{path} is not a model configuration: {error!r}") from error
        if values.get("labels") != list(LABELS):
            raise ModelError(f"{path} has the labels {values.get('labels')}, expected {list(LABELS)}")
        return config


class SentimentClassifier:
    """Probabilities that a text is negative, neutral or positive.

    Parameters
    ----------
    folder : Path
        Model folder.
    threads : int
        Batches scored at the same time, each by one thread: twice as fast on
        two cores as two threads in one batch.

    Attributes
    ----------
    version : str
        Name that changes with the model, its tokenizer, calibration or limits.

    Examples
    --------
    >>> from nlp.engines import model_folder
    >>> classifier = SentimentClassifier.from_pretrained(model_folder("accurate"))
    >>> classifier.predict_proba(["质量很好，下次还来", "太差了，退货"]).argmax(axis=1).tolist()
    [2, 0]
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.folder = folder
        self.config = ModelConfig.read(folder)
        digest = hashlib.sha256((folder / CONFIG).read_bytes()).hexdigest()
        self.version = f"{self.config.name}-{digest[:12]}"
        check_files(folder, self.config.sha256)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._threads = ThreadPoolExecutor(threads) if threads > 1 else None

    @classmethod
    def from_pretrained(cls, path: Path | str, threads: int = 1) -> SentimentClassifier:
        """Load a model folder, after checking the hash of its files.

        Raises
        ------
        ModelNotFound
            If a file is missing.
        CorruptModel
            If a file is not the one the configuration names.
        """
        return cls(Path(path), threads)

    @property
    def threshold(self) -> float:
        """Probability of the likeliest class below which a text is uncertain."""
        return self.config.threshold

    def save_pretrained(self, path: Path | str) -> None:
        """Copy the model into a folder, which is made where missing."""
        Path(path).mkdir(parents=True, exist_ok=True)
        for name in (*FILES, CONFIG):
            shutil.copyfile(self.folder / name, Path(path) / name)

    def predict_proba(self, texts: Sequence[str]) -> Probabilities:
        """Score texts.

        Parameters
        ----------
        texts : sequence of str, length n
            Normalised texts of any length and content.

        Returns
        -------
        ndarray of shape (n, 3), float32
            Columns as in `LABELS`, each row adding up to one. Text without a
            single token, such as "", gets a third each.

        Raises
        ------
        TypeError
            If `texts` is a single string, or names the places of what is no string.
        """
        rows = self.tokenise(texts)
        result = np.full((len(rows), len(LABELS)), 1 / len(LABELS), np.float32)
        for batch, logits in self._run(rows, "logits"):
            result[batch] = softmax(logits / self.config.temperature)
        return result

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Place texts so that those of like meaning lie close.

        Parameters
        ----------
        texts : sequence of str, length n
            Normalised texts of any length and content.

        Returns
        -------
        ndarray of shape (n, hidden), float32
            Rows of length one, so that a product of two is their cosine. Text
            without a single token has a row of zeros.

        Raises
        ------
        TypeError
            As `predict_proba`.
        """
        rows = self.tokenise(texts)
        result = np.zeros((len(rows), self.config.hidden), np.float32)
        for batch, means in self._run(rows, "embedding"):
            centred = means - np.asarray(self.config.embedding_mean, np.float32)
            result[batch] = centred / np.linalg.norm(centred, axis=1, keepdims=True)
        return result

    def tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, cut to the limit; none for a text that has nothing to read."""
        if isinstance(texts, str):
            raise TypeError("texts must be a sequence of texts, not one string")
        strange = [i for i, text in enumerate(texts) if not isinstance(text, str)]
        if strange:
            raise TypeError(f"texts at {strange[:5]} are not strings")
        limit = self.config.max_tokens
        cut = [_encodable(head_and_tail(text, 2 * limit * _CHARACTERS_PER_TOKEN)) for text in texts]
        encodings = self._tokenizer.encode_batch_fast(cut)
        return [head_and_tail(e.ids, limit) if len(e.ids) > 2 else [] for e in encodings]

    def _run(self, rows: list[list[int]], output: str) -> Iterator[tuple[list[int], npt.NDArray[np.float32]]]:
        """Places of the rows of each batch, and what the model puts out for them."""

        def score(batch: list[int]) -> npt.NDArray[np.float32]:
            ids, mask = pad([rows[i] for i in batch], self.config.pad_id)
            (found,) = self._session.run([output], {"ids": ids, "mask": mask})
            return found  # type: ignore[no-any-return]

        batches = list(length_batches([len(row) for row in rows], _TOKENS_PER_BATCH))
        run = self._threads.map if self._threads else map
        return zip(batches, run(score, batches), strict=True)


def check_files(
    folder: Path, hashes: dict[str, str], names: Sequence[str] = FILES, config: str = CONFIG
) -> None:
    """Compare the named files of a model with their hashes in its configuration.

    Raises
    ------
    ModelNotFound, CorruptModel
    """
    for name in names:
        path = folder / name
        if not path.is_file():
            raise ModelNotFound(f"{path} is missing")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != hashes.get(name):
            raise CorruptModel(f"{path} has sha256 {found}, {config} says {hashes.get(name)}")


def head_and_tail(items: Cuttable, limit: int) -> Cuttable:
    """The first and last `limit` / 2 items: reviews open and close with their verdict."""
    head = limit // 2
    return items if len(items) <= limit else items[:head] + items[head - limit :]


def length_batches(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Places of rows alike in length, at most `tokens` of them with padding, empty rows left out."""
    batch: list[int] = []
    for place in sorted((i for i, n in enumerate(lengths) if n), key=lengths.__getitem__):
        if batch and lengths[place] * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def pad(rows: Sequence[Sequence[int]], pad_id: int) -> tuple[_Integers, _Integers]:
    """Token ids ``(rows, longest)`` filled with `pad_id`, and a mask of the real ones."""
    ids = np.full((len(rows), max(map(len, rows))), pad_id, np.int64)
    mask = np.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
    return ids, mask


def softmax(logits: npt.NDArray[np.floating[Any]]) -> Probabilities:
    """Probabilities along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Probabilities = (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32)
    return probabilities


def _encodable(text: str) -> str:
    """`text` without lone surrogates, which have no UTF-8 form."""
    return text.encode("utf-8", "replace").decode("utf-8")
