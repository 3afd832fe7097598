"""The learned reader of aspects: a small transformer marks spans, a smaller network judges pairs of them.

A model is a folder: ``model.onnx`` (the reader, in integers), ``pairs.onnx`` (the judge), ``tokenizer.json``
and ``aspects.json``, which names the categories, the limits and the hashes of the others.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.aspect_spans import MARKS, OUTSIDE, Span, best_marks, distance, spans
from nlp.engines import MODELS
from nlp.normalise import fold
from nlp.sentiment import ModelError, ModelNotFound, check_files, length_batches, pad, softmax

FOLDER = MODELS / "aspects"
CONFIG = "aspects.json"
FILES = ("model.onnx", "pairs.onnx", "tokenizer.json")
MAX_TOKENS = 192

_WINDOW = 160
"""Characters read at once; longer texts are read in pieces that end with a sentence."""
_READ = 10_000
"""Characters of a text that are read at all: no review is longer, and a worker must not stall."""
_SENTENCE = re.compile(r"[。！？!?；;\n]+")
_TOKENS_PER_BATCH = 4096
_SILENT = -1e4
_POLARITIES = 3

_Floats = npt.NDArray[np.float32]
Anchor = tuple[Span | None, Span | None]


@dataclass(frozen=True)
class AspectConfig:
    """What ``aspects.json`` says about a model.

    Attributes
    ----------
    max_tokens : int
    pad_id : int
        Token that fills shorter texts of a batch.
    categories : list of str
        Categories it tells apart, in the order of their numbers.
    left_to_rules : list of str
        Categories that its training data hardly held, so that rules are heard beside it.
    silence : float
        Added to the score of the mark "outside": more finds less.
    link : float
        Probability from which an aspect (or nothing) and an opinion belong together.
    least : float
        Probability from which the likeliest aspect of an opinion that has none so far is told.
    alone : float
        Probability from which an aspect no opinion belongs to is told.
    sha256 : dict of str to str
        Hash of each of `FILES`.
    """

    max_tokens: int
    pad_id: int
    categories: list[str]
    left_to_rules: list[str]
    silence: float
    link: float
    least: float
    alone: float
    sha256: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> AspectConfig:
        """Read the configuration of a model folder.

        Raises
        ------
        ModelNotFound, ModelError
        """
        path = folder / CONFIG
        if not path.is_file():
            raise ModelNotFound(f"{path} is missing: {folder} is not a folder with an aspect model")
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{name: values[name] for name in cls.__dataclass_fields__})
        except (KeyError, ValueError, TypeError) as error:
            raise ModelError(f"{path} is not an aspect model's configuration: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Judgement:
    """An aspect, an opinion about it, and what they say; either span may be absent, not both.

    Attributes
    ----------
    aspect, opinion : (int, int) or None
        Places in the text.
    polarities : tuple of float
        Probabilities of negative, neutral, positive.
    category : str
    certainty : float
        Probability of the category.
    """

    aspect: Span | None
    opinion: Span | None
    polarities: tuple[float, ...]
    category: str
    certainty: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text as tokens.

    Attributes
    ----------
    text : int
        Number of the text.
    ids : list of int
    places : list of (int, int)
        Characters of the text that each token stands for.
    """

    text: int
    ids: list[int]
    places: list[Span]

    def anchored(self, anchor: Anchor) -> tuple[Span | None, Span | None] | None:
        """An aspect and an opinion as tokens, or None where one of them is not in this piece."""
        aspect, opinion = (self._tokens(span) if span else None for span in anchor)
        missing = (anchor[0] and not aspect) or (anchor[1] and not opinion)
        return None if missing or not (aspect or opinion) else (aspect, opinion)

    def _tokens(self, span: Span) -> Span | None:
        """First and last token that share a character with a span of the text."""
        inside = [i for i, (a, b) in enumerate(self.places) if a < b and a < span[1] and b > span[0]]
        return (inside[0], inside[-1]) if inside else None

    def characters(self, tokens: Span) -> Span:
        """Return the span of the text from a first to a last token."""
        return self.places[tokens[0]][0], self.places[tokens[1]][1]


_Candidate = tuple[int, Span | None, Span | None]
"""Row of a batch, tokens of an aspect, tokens of an opinion."""


class AspectModel:
    """Reads aspects, opinions and what they say from texts.

    Parameters
    ----------
    folder : Path
        Model folder.
    threads : int
        Threads of one reading.

    Attributes
    ----------
    version : str
        Name that changes with the model.

    Raises
    ------
    ModelNotFound, ModelError
        At once where the configuration is missing or wrong; where another file is, when it is first used.
    """

    def __init__(self, folder: Path = FOLDER, threads: int = 1) -> None:
        self.folder, self.threads = folder, threads
        self.config = AspectConfig.read(folder)
        self.version = f"aspects-{hashlib.sha256((folder / CONFIG).read_bytes()).hexdigest()[:12]}"

    @cached_property
    def _loaded(self) -> tuple[Any, Any, Any]:
        """Reader, judge and tokenizer, read from disk when first used."""
        import onnxruntime
        from tokenizers import Tokenizer

        check_files(self.folder, self.config.sha256, FILES, CONFIG)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        reader, judge = (
            onnxruntime.InferenceSession(str(self.folder / name), options, providers=["CPUExecutionProvider"])
            for name in FILES[:2]
        )
        tokenizer = Tokenizer.from_file(str(self.folder / FILES[2]))
        tokenizer.enable_truncation(self.config.max_tokens)
        return reader, judge, tokenizer

    def read(self, texts: Sequence[str]) -> list[list[Judgement]]:
        """Return what each text says, in order of place.

        Parameters
        ----------
        texts : sequence of str, length n
            Original texts of any length and content; of each the first 10,000 characters are read.

        Returns
        -------
        list of list of Judgement, length n
            Spans point into the texts.
        """
        told: list[list[Judgement]] = [[] for _ in texts]
        for pieces, marks, edges in self._run(self._pieces(texts)):
            marks[..., OUTSIDE] += self.config.silence
            candidates = [c for row, found in enumerate(_marked(marks, pieces)) for c in _pairs(row, *found)]
            logits = self._pair_logits(edges, candidates)
            for place in self._kept(candidates, _sigmoid(logits[:, 0])):
                piece = pieces[candidates[place][0]]
                told[piece.text].append(self._judgement(piece, candidates[place], logits[place]))
        return [sorted(judgements, key=_place) for judgements in told]

    def judge(self, texts: Sequence[str], anchors: Sequence[Anchor]) -> _Floats:
        """Return how texts judge given aspects.

        Parameters
        ----------
        texts : sequence of str, length n
        anchors : sequence of (aspect, opinion), length n
            Places in the text; either may be None.

        Returns
        -------
        ndarray of shape (n, 3), float32
            Probabilities of negative, neutral, positive; a third each where there is no anchor to read.
        """
        found = np.full((len(texts), _POLARITIES), 1 / _POLARITIES, np.float32)
        placed = {}
        for piece in self._pieces(texts):
            if tokens := piece.anchored(anchors[piece.text]):
                placed[piece.text] = (piece, tokens)
        for pieces, _, edges in self._run([piece for piece, _ in placed.values()]):
            candidates = [(row, *placed[piece.text][1]) for row, piece in enumerate(pieces)]
            polarities = self._pair_logits(edges, candidates)[:, 1 : 1 + _POLARITIES]
            found[[piece.text for piece in pieces]] = softmax(polarities)
        return found

    def _pieces(self, texts: Sequence[str]) -> list[Piece]:
        """Texts cut into windows and tokens; what holds no token is left out."""
        windows = [
            (i, start, part) for i, text in enumerate(texts) for start, part in _windows(fold(text[:_READ]))
        ]
        encodings = self._loaded[2].encode_batch([part for _, _, part in windows])
        return [
            Piece(text, encoding.ids, [(a + start, b + start) for a, b in encoding.offsets])
            for (text, start, _), encoding in zip(windows, encodings, strict=True)
            if len(encoding.ids) > 2
        ]

    def _run(self, pieces: Sequence[Piece]) -> Iterator[tuple[list[Piece], _Floats, _Floats]]:
        """Pieces of each batch, the marks and the edges of their tokens."""
        for batch in length_batches([len(piece.ids) for piece in pieces], _TOKENS_PER_BATCH):
            ids, mask = pad([pieces[i].ids for i in batch], self.config.pad_id)
            marks, edges = self._loaded[0].run(["marks", "edges"], {"ids": ids, "mask": mask})
            shape = (*ids.shape, 2, len(MARKS))
            yield [pieces[i] for i in batch], marks.reshape(shape), edges.reshape(*ids.shape, 4, -1)

    def _pair_logits(self, edges: _Floats, candidates: Sequence[_Candidate]) -> _Floats:
        """Logits ``(candidates, 1 + polarities + categories)`` of pairs in a batch."""
        rows = np.array([row for row, _, _ in candidates], int)
        inputs: dict[str, npt.NDArray[Any]] = {
            "distance": np.array([distance(a, o) for _, a, o in candidates], np.int64)
        }
        for kind, name in enumerate(("aspect", "opinion")):
            tokens = [candidate[1 + kind] for candidate in candidates]
            ends = np.array([span or (0, 0) for span in tokens], int).reshape(-1, 2)
            inputs[f"{name}s"] = edges[rows, ends[:, 0], 2 * kind] + edges[rows, ends[:, 1], 2 * kind + 1]
            inputs[f"has_{name}"] = np.array([span is not None for span in tokens], bool)[:, None]
        (logits,) = self._loaded[1].run(["logits"], inputs)
        return logits  # type: ignore[no-any-return]

    def _kept(self, candidates: Sequence[_Candidate], links: _Floats) -> list[int]:
        """Places of the pairs to tell: linked ones, the likeliest of an opinion without any, lone aspects."""
        kept = set()
        best: dict[tuple[int, Span], int] = {}
        for place, (row, _, opinion) in enumerate(candidates):
            if opinion is None:
                continue
            if links[place] >= self.config.link:
                kept.add(place)
            if links[place] > links[best.setdefault((row, opinion), place)]:
                best[row, opinion] = place
        kept.update(place for place in best.values() if links[place] >= self.config.least)
        linked = {(candidates[place][0], candidates[place][1]) for place in kept}
        return sorted(
            place
            for place, (row, aspect, opinion) in enumerate(candidates)
            if place in kept
            or (opinion is None and (row, aspect) not in linked and links[place] >= self.config.alone)
        )

    def _judgement(self, piece: Piece, candidate: _Candidate, logits: _Floats) -> Judgement:
        _, aspect, opinion = candidate
        polarities = softmax(logits[1 : 1 + _POLARITIES])
        categories = softmax(logits[1 + _POLARITIES :])
        likeliest = int(categories.argmax())
        return Judgement(
            piece.characters(aspect) if aspect else None,
            piece.characters(opinion) if opinion else None,
            tuple(polarities.tolist()),
            self.config.categories[likeliest],
            float(categories[likeliest]),
        )


def _windows(text: str) -> Iterator[tuple[int, str]]:
    """Parts of a text with their places, at most `_WINDOW` long and ending with a sentence if they can."""
    start = 0
    while start < len(text):
        stop = min(start + _WINDOW, len(text))
        if stop < len(text):
            stop = max((match.end() for match in _SENTENCE.finditer(text, start, stop)), default=stop)
        yield start, text[start:stop]
        start = stop


def _marked(logits: _Floats, pieces: Sequence[Piece]) -> list[tuple[list[Span], list[Span]]]:
    """Token spans of the aspects and of the opinions of each piece of a batch."""
    for row, piece in enumerate(pieces):
        silent = [0, *range(len(piece.ids) - 1, logits.shape[1])]
        logits[row, silent] = np.where(np.arange(len(MARKS)) == OUTSIDE, 0, _SILENT)
    rows, tokens = logits.shape[:2]
    marks = best_marks(logits.transpose(0, 2, 1, 3).reshape(2 * rows, tokens, len(MARKS)))
    return [(spans(marks[2 * row]), spans(marks[2 * row + 1])) for row in range(rows)]


def _pairs(row: int, aspects: Sequence[Span], opinions: Sequence[Span]) -> Iterator[_Candidate]:
    """Every opinion with every aspect and with none, and every aspect with no opinion."""
    for opinion in opinions:
        yield row, None, opinion
        yield from ((row, aspect, opinion) for aspect in aspects)
    yield from ((row, aspect, None) for aspect in aspects)


def _sigmoid(logits: _Floats) -> _Floats:
    powers: _Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return powers


def _place(judgement: Judgement) -> Span:
    return judgement.aspect or judgement.opinion or (0, 0)
