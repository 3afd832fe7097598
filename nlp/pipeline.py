"""The one way from text to everything said about it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nlp.aspect_changes import AspectChanges
from nlp.aspects import AspectFinder
from nlp.cache import ScoreCache
from nlp.dictionary import Dictionary
from nlp.engines import model_folder
from nlp.informal import spelled_out
from nlp.keywords import KeywordFinder
from nlp.language import language_of
from nlp.normalise import normalise
from nlp.privacy import find as find_personal_data
from nlp.segment import Segmenter
from nlp.suspect import find_suspects, is_default_text
from nlp.version import code_version

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from nlp.descriptions import Describer

PARTS = ("sentiment", "aspects", "keywords", "suspect", "pii", "language", "analyzer")
"""What an analysis consists of; `only` takes some of these names."""

PRODUCT_PARTS = ("sentiment", "aspects", "keywords", "language", "analyzer")
"""The parts that say something of a product's own text, too."""

_CLASSES = ("negative", "neutral", "positive")
_SILENT = {"label": "neutral", "score": 0.0, "negative": 0.0, "neutral": 1.0, "positive": 0.0}
"""Sentiment of a text in which the shopper says nothing: empty, or a platform's default."""


class Classifier(Protocol):
    """What the analyser asks of a sentiment model."""

    @property
    def version(self) -> str:
        """Name that changes with the model."""

    @property
    def threshold(self) -> float:
        """Probability of the likeliest class below which a text is "uncertain"."""

    def predict_proba(self, texts: Sequence[str]) -> "npt.NDArray[np.floating[Any]]":
        """Return probabilities, shape (n, 3): negative, neutral, positive."""

    def embed(self, texts: Sequence[str]) -> "npt.NDArray[np.floating[Any]]":
        """Return rows of length one, shape (n, hidden); digests and product texts ask for them."""


class Analyzer:
    """Sentiment, aspects, keywords, suspects, personal data and language of texts.

    Reviews and product descriptions go through the same analyser. Nothing heavy is loaded before its use.

    Parameters
    ----------
    classifier : Classifier
        Sentiment model.
    segmenter : Segmenter, optional
        Cuts texts into words for keywords.
    aspect_finder : AspectFinder, optional
        Finds aspects in the original text.
    scores : ScoreCache, optional
        Remembers what this classifier said; one of its own by default.
    """

    def __init__(
        self,
        classifier: Classifier,
        segmenter: Segmenter | None = None,
        aspect_finder: AspectFinder | None = None,
        scores: ScoreCache | None = None,
    ) -> None:
        self.classifier = classifier
        self.segmenter = segmenter or Segmenter()
        self._aspect_finder = aspect_finder
        self._scores = ScoreCache() if scores is None else scores

    @classmethod
    def load(
        cls,
        engine: str = "accurate",
        model_dir: Path | None = None,
        threads: int = 1,
    ) -> "Analyzer":
        """Return an analyser with models from disk; that of aspects is read when first asked for.

        Parameters
        ----------
        engine : str
            Name of a bundled model.
        model_dir : Path, optional
            Folder of another model instead of a bundled one: ours, or a Hugging Face checkpoint, which may
            also be named as on the hub.
        threads : int
            Processor threads the models may use.

        Raises
        ------
        UnknownEngine
            When no model of that name is bundled; lists those that are.
        ModelError
            When the folder holds no model that can be used.
        """
        folder = model_dir or model_folder(engine)
        from nlp.checkpoint import CheckpointClassifier, is_checkpoint
        from nlp.sentiment import SentimentClassifier

        kind = CheckpointClassifier if model_dir and is_checkpoint(model_dir) else SentimentClassifier
        aspects = AspectFinder.load(threads=threads)
        return cls(kind.from_pretrained(folder, threads=threads), aspect_finder=aspects)

    @cached_property
    def version(self) -> str:
        """Name that changes whenever a model, a lexicon, the dictionary or the code of the analysis does."""
        own = self.segmenter.dictionary.version
        models = [self.classifier.version, *self.aspect_finder.versions]
        return "+".join([*models, code_version(), *([own] if own else [])])

    def with_dictionary(self, dictionary: Dictionary) -> "Analyzer":
        """Return an analyser that cuts words by a workspace's own dictionary; the models are shared.

        Parameters
        ----------
        dictionary : Dictionary
            Takes the place of the one that this analyser has.
        """
        return type(self)(self.classifier, Segmenter(dictionary=dictionary), self.aspect_finder, self._scores)

    def with_aspects(self, changes: AspectChanges) -> "Analyzer":
        """Return an analyser that finds aspects by a workspace's tree; the models are shared.

        Parameters
        ----------
        changes : AspectChanges
            Take the place of those that this analyser has.
        """
        finder = self.aspect_finder.with_changes(changes)
        return type(self)(self.classifier, self.segmenter, finder, self._scores)

    @cached_property
    def aspect_finder(self) -> AspectFinder:
        """The finder given, or the rules with the bundled tree."""
        return self._aspect_finder or AspectFinder()

    @cached_property
    def keyword_finder(self) -> KeywordFinder:
        """Keywords by the analyser's own segmenter."""
        return KeywordFinder(self.segmenter)

    def __call__(
        self,
        texts: Sequence[str],
        only: Collection[str] | None = None,
        ratings: Sequence[float | None] | None = None,
    ) -> list[dict[str, Any]]:
        """Return what is said of each text, in the order of the texts.

        Everything depends on the text alone, but for "suspect": templates are looked for within `texts`, and
        stars are held against the words where `ratings` are given.

        Parameters
        ----------
        texts : sequence of str, length n
            Original texts, any content. Equal texts are scored once.
        only : collection of str, optional
            Parts to compute, of `PARTS`; all by default.
        ratings : sequence of float, length n, optional
            Stars from 1 to 5, None where there are none.

        Returns
        -------
        list of dict, length n
            The parts asked for; "analyzer" is the version. JSON-serialisable.

        Raises
        ------
        ValueError
            When `only` names no part that exists, or `texts` is a single string.
        """
        if isinstance(texts, str):
            raise ValueError("texts must be a sequence of texts, not one string")
        parts = _checked(only)
        columns: dict[str, list[Any]] = {}
        if "sentiment" in parts or ("suspect" in parts and ratings is not None):
            columns["sentiment"] = self._sentiments(texts)
        if "suspect" in parts:
            columns["suspect"] = self._suspects(texts, ratings, columns.get("sentiment"))
        for part in parts:
            if part in self._readers:
                columns[part] = _each_once(texts, self._readers[part])
        if "analyzer" in parts:
            columns["analyzer"] = [self.version] * len(texts)
        return [{part: columns[part][place] for part in parts} for place in range(len(texts))]

    @cached_property
    def describer(self) -> "Describer":
        """Reads product texts by the analyser's own model and segmenter."""
        from nlp.descriptions import Describer

        return Describer(self.classifier, self.keyword_finder)

    def describe(self, titles: Sequence[str], descriptions: Sequence[str]) -> list[dict[str, Any]]:
        """Return what is said of each product, in order.

        Parameters
        ----------
        titles, descriptions : sequence of str, length n
            Original texts, any content; "" where there is none.

        Returns
        -------
        list of dict, length n
            `PRODUCT_PARTS` of title and description, then "category", "attributes", "selling_points" and
            "embedding" as `nlp.descriptions.Describer` gives them. JSON-serialisable.

        Raises
        ------
        ValueError
            When there are not as many descriptions as titles, or one of them is a single string.
        """
        if isinstance(titles, str) or isinstance(descriptions, str) or len(titles) != len(descriptions):
            raise ValueError("titles and descriptions must be sequences of texts, of one length")
        read = self(
            ["\n".join(filter(None, texts)) for texts in zip(titles, descriptions, strict=True)],
            only=PRODUCT_PARTS,
        )
        described = self.describer(titles, descriptions)
        return [{**parts, **found} for parts, found in zip(read, described, strict=True)]

    @cached_property
    def _readers(self) -> dict[str, Callable[[list[str]], Iterable[Any]]]:
        """Parts that each text has for itself, by what reads many texts."""
        return {
            "aspects": self._aspects,
            "keywords": partial(map, self._keywords),
            "pii": partial(map, lambda text: sorted({item.kind for item in find_personal_data(text)})),
            "language": partial(map, language_of),
        }

    def _aspects(self, texts: list[str]) -> Iterator[list[dict[str, Any]]]:
        speaking = [text for text in texts if not is_default_text(normalise(text))]
        found = dict(zip(speaking, self.aspect_finder.find_all(speaking), strict=True))
        for text in texts:
            yield [asdict(aspect) for aspect in found.get(text, ())]

    def _keywords(self, text: str) -> list[str]:
        plain = normalise(text)
        return [] if is_default_text(plain) else self.keyword_finder.of_text(plain)

    def _sentiments(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        plain = [normalise(text) for text in texts]
        speaking = [text for text in dict.fromkeys(plain) if text and not is_default_text(text)]
        read = [spelled_out(text) for text in speaking]
        rows = self._scores.scores(read, lambda texts: self.classifier.predict_proba(texts).tolist())
        scored = {text: self._sentiment(row) for text, row in zip(speaking, rows, strict=True)}
        return [dict(scored.get(text, _SILENT)) for text in plain]

    def _sentiment(self, row: Sequence[float]) -> dict[str, Any]:
        likeliest = max(range(len(row)), key=row.__getitem__)
        label = _CLASSES[likeliest] if row[likeliest] >= self.classifier.threshold else "uncertain"
        return {"label": label, "score": row[2] - row[0], **dict(zip(_CLASSES, row, strict=True))}

    def _suspects(
        self,
        texts: Sequence[str],
        ratings: Sequence[float | None] | None,
        sentiments: list[dict[str, Any]] | None,
    ) -> list[dict[str, Any]]:
        scores = [sentiment["score"] for sentiment in sentiments] if sentiments is not None else None
        return [
            {"is_suspect": bool(reasons), "reasons": reasons}
            for reasons in find_suspects(texts, ratings, scores)
        ]


def _checked(only: Collection[str] | None) -> tuple[str, ...]:
    if only is None:
        return PARTS
    unknown = sorted(set(only) - set(PARTS))
    if unknown or not only:
        raise ValueError(f"unknown parts: {', '.join(unknown) or 'none given'}; known are {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in only)


def _each_once(texts: Sequence[str], describe: Callable[[list[str]], Iterable[Any]]) -> list[Any]:
    """Return what `describe` says of each text, asked once for equal texts."""
    different = list(dict.fromkeys(texts))
    known = dict(zip(different, describe(different), strict=True))
    return [known[text] for text in texts]
