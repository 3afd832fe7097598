"""Checks that any sentiment model must pass to be an engine, after scikit-learn's `check_estimator`."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.checks import ODD, TEXTS, TOLERANCE, require, shown
from nlp.normalise import normalise
from nlp.pipeline import Analyzer, Classifier

_LONG = "很长的评价，" * 200


def check_engine(classifier: Classifier) -> None:
    """Run every check on a sentiment model.

    Parameters
    ----------
    classifier : Classifier
        As `nlp.sentiment.SentimentClassifier.from_pretrained` gives, or anything used like it.

    Raises
    ------
    AssertionError
        Says which rule was broken, and by which text.
    """
    for check in ENGINE_CHECKS:
        check(classifier)


def check_probabilities(classifier: Classifier) -> None:
    """One row of three a text, from 0 to 1, adding up to 1, for odd texts too; none for none."""
    for texts in ([], list(TEXTS), [*TEXTS, *map(normalise, ODD)], list(ODD)):
        found = classifier.predict_proba(texts)
        require(found.shape == (len(texts), 3), f"{len(texts)} texts gave shape {found.shape}")
        require(bool(np.isfinite(found).all()), "probabilities are not all finite")
        require(bool(((found >= 0) & (found <= 1)).all()), "probabilities are not all from 0 to 1")
        for text, total in zip(texts, found.sum(axis=1).tolist(), strict=True):
            require(abs(total - 1) < TOLERANCE, f"probabilities of {shown(text)} add up to {total}")


def check_embeddings(classifier: Classifier) -> None:
    """One row of length one a text, of as many numbers each; zeros for a text with nothing to read."""
    texts = [*TEXTS, *map(normalise, ODD), *ODD]
    found = classifier.embed(texts)
    require(found.ndim == 2, f"embeddings have shape {found.shape}")
    require(found.shape[0] == len(texts), f"{len(texts)} texts gave shape {found.shape}")
    require(found.dtype == np.float32, f"embeddings are {found.dtype}, not float32")
    require(classifier.embed([]).shape == (0, found.shape[1]), "no texts must give no rows, as long")
    lengths = np.linalg.norm(found, axis=1)
    for text, length in zip(texts, lengths.tolist(), strict=True):
        require(abs(length - 1) < TOLERANCE or length == 0, f"{shown(text)} has length {length}")
    require(bool((lengths[: len(TEXTS)] > 0).all()), "plain texts have embeddings of zeros")
    require(not classifier.embed([""]).any(), "an empty text has an embedding")


def check_texts_differ(classifier: Classifier) -> None:
    """Praise is more positive than blame, and their embeddings differ."""
    praise, blame = ["质量很好，非常满意，下次还来"], ["质量太差了，用两天就坏了，退货"]
    scores = [float(row[2] - row[0]) for row in classifier.predict_proba(praise + blame)]
    require(scores[0] > scores[1], f"praise scores {scores[0]}, blame {scores[1]}")
    one, other = classifier.embed(praise + blame)
    require(float(one @ other) < 1 - TOLERANCE, "praise and blame have one embedding")


def check_deterministic(classifier: Classifier) -> None:
    """The same texts twice give the very same numbers, and equal texts in a batch equal rows."""
    for read in (classifier.predict_proba, classifier.embed):
        first = read(list(TEXTS))
        require(np.array_equal(first, read(list(TEXTS))), f"{read.__name__} differs from run to run")
        one, other = read([TEXTS[0], TEXTS[0]])
        require(np.allclose(one, other, atol=TOLERANCE), f"{read.__name__} of equal texts differs")


def check_order(classifier: Classifier) -> None:
    """Rows come in the order of the texts, long and short ones mixed."""
    texts = [TEXTS[0], _LONG, "好", *TEXTS[1:], ""]
    for read in (classifier.predict_proba, classifier.embed):
        _assert_close(read(texts), read(texts[::-1])[::-1], read.__name__)


def check_company(classifier: Classifier) -> None:
    """A text alone gets what it gets among others, whatever their lengths."""
    texts = [*TEXTS, _LONG, "好", ""]
    for read in (classifier.predict_proba, classifier.embed):
        alone = np.concatenate([read([text]) for text in texts])
        _assert_close(alone, read(texts), read.__name__)


def check_bad_input(classifier: Classifier) -> None:
    """One string, or what is no string, is refused with a named error, not read letter by letter."""
    for read in (classifier.predict_proba, classifier.embed):
        for wrong in ("质量很好", ["质量很好", None], [3.5]):
            try:
                read(wrong)  # type: ignore[arg-type]
            except (TypeError, ValueError):
                continue
            raise AssertionError(f"{read.__name__} takes {wrong!r}")


def check_version(classifier: Classifier) -> None:
    """The version is a plain name, the same whenever asked, and part of the analyser's."""
    version = classifier.version
    require(version.isprintable() and version == version.strip() != "", f"version {version!r}")
    classifier.predict_proba(["好"])
    require(classifier.version == version, "reading changes the version")
    require(version in Analyzer(classifier).version, "the analyser's version does not name the model's")


def check_threshold(classifier: Classifier) -> None:
    """A text is uncertain exactly where its likeliest class is below the threshold."""
    threshold = classifier.threshold
    require(0 <= threshold <= 1, f"the threshold is {threshold}")
    for text, answer in zip(TEXTS, Analyzer(classifier)(TEXTS, only=["sentiment"]), strict=True):
        found = answer["sentiment"]
        likeliest = max(found["negative"], found["neutral"], found["positive"])
        require((found["label"] == "uncertain") == (likeliest < threshold), f"{shown(text)}: {found}")


def check_scored_once(classifier: Classifier) -> None:
    """The analyser asks the model once for equal texts, and gives each its own answer."""
    listener = _Listener(classifier)
    answers = Analyzer(listener)([TEXTS[0], TEXTS[1], f" {TEXTS[0]}\n", TEXTS[0]], only=["sentiment"])
    require(len(listener.asked) == len(set(listener.asked)) == 2, f"asked for {listener.asked}")
    require(answers[0] == answers[2] == answers[3] != answers[1], "equal texts have different answers")


def check_versions_differ(classifiers: Sequence[Classifier]) -> None:
    """No two of different models have one version, or rows of one would pass for those of the other."""
    versions = [classifier.version for classifier in classifiers]
    require(len(set(versions)) == len(versions), f"versions {versions}")


ENGINE_CHECKS: tuple[Callable[[Classifier], None], ...] = (
    check_probabilities,
    check_embeddings,
    check_texts_differ,
    check_deterministic,
    check_order,
    check_company,
    check_bad_input,
    check_version,
    check_threshold,
    check_scored_once,
)


class _Listener:
    """A model that remembers what it was asked."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.version, self.threshold = classifier.version, classifier.threshold
        self.asked: list[str] = []

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.floating[Any]]:
        self.asked += texts
        return self._classifier.predict_proba(texts)

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.floating[Any]]:
        return self._classifier.embed(texts)


def _assert_close(one: npt.NDArray[Any], other: npt.NDArray[Any], name: str) -> None:
    off = float(np.abs(one - other).max())
    require(off < TOLERANCE, f"{name} is off by {off} with other company")
