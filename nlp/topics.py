"""What the sentences of reviews are about: clusters of like clauses, each with a readable label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nlp.clauses import Clause, sample
from nlp.topic_labels import Label, labels_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Matrix = npt.NDArray[np.floating[Any]]

MOST_CLAUSES = 3000
"""Clauses read at most; of more, as good as a random sample is taken."""

FEWEST_CLAUSES = 50
"""Clauses below which there is nothing to cluster."""

FEWEST_REVIEWS = 3
"""Reviews below which a cluster is no topic."""

NUMBERS_OF_CLUSTERS = (4, 6, 8, 12, 16, 20, 24, 32)
_SILHOUETTE_SAMPLE = 1000
_WORD_WEIGHT = 0.8
"""Weight of the words' part beside the embedding's, which is 1; without it labels fit fewer clauses."""

_WORD_DIMENSIONS = 64
_FEWEST_USES = 3
_SEED = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """Clauses about one thing, the most typical first.

    Attributes
    ----------
    label : str
        A phrase that stands in many of the clauses, more often than elsewhere.
    words : list of str
        Words by class-based TF-IDF, the heaviest first.
    clauses : list of Clause
        Each text once, by likeness to the centre.
    reviews : frozenset of int
        Everybody who said one of these clauses.
    """

    label: str
    words: list[str]
    clauses: list[Clause]
    reviews: frozenset[int]


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics by number of reviews, and how many different clauses there were and were read."""

    clauses: int
    read: int
    topics: list[Topic]


def find_topics(
    clauses: Sequence[Clause],
    embed: Callable[[Sequence[str]], Matrix],
    words: Callable[[str], list[str]],
    names: Collection[str] = (),
) -> Topics:
    """Cluster clauses by meaning.

    A clause is placed by its embedding beside the latent dimensions of its words, and the places are
    clustered by k-means for the k of `NUMBERS_OF_CLUSTERS` with the greatest silhouette (P. Rousseeuw, 1987).
    Clusters of one label are one topic; a cluster without a label that fits is none. The order of the clauses
    does not matter, and two runs give the same.

    Parameters
    ----------
    clauses : sequence of Clause
        Equal texts count as one clause that several reviews say.
    embed : callable
        Texts to unit rows, shape (n, hidden).
    words : callable
        Text to the words that can be keywords.
    names : collection of str
        Words that name the product itself, which are no topic.
    """
    said: dict[str, list[Clause]] = {}
    for clause in sorted(clauses, key=lambda clause: (clause.text, clause.review, clause.start)):
        said.setdefault(clause.text, []).append(clause)
    read = sample(said, MOST_CLAUSES)
    listed = _telling({text: words(text) for text in read})
    if len(listed) < FEWEST_CLAUSES:
        return Topics(len(said), len(read), [])
    texts = list(listed)
    places = _places(embed(texts), list(listed.values()))
    clusters, closeness = _clusters(places)
    labels = labels_of(texts, list(listed.values()), clusters, names)
    topics = [
        topic
        for label, members in _by_label(clusters, labels)
        if len((topic := _topic(label, members, closeness, texts, said)).reviews) >= FEWEST_REVIEWS
    ]
    topics.sort(key=lambda topic: (-len(topic.reviews), topic.label))
    return Topics(len(said), len(read), topics)


def _telling(listed: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the texts with words that others use too, and those words."""
    uses = Counter(word for words in listed.values() for word in set(words))
    kept = {text: [word for word in words if uses[word] >= _FEWEST_USES] for text, words in listed.items()}
    return {text: words for text, words in kept.items() if words}


def _places(embeddings: Matrix, words: list[list[str]]) -> Matrix:
    import numpy as np
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    if len(set(map(frozenset, words))) < 2:
        return embeddings
    table = TfidfVectorizer(analyzer=list, sublinear_tf=True).fit_transform(words)
    dimensions = min(_WORD_DIMENSIONS, table.shape[1] - 1)
    latent = normalize(TruncatedSVD(dimensions, random_state=_SEED).fit_transform(table))
    places: Matrix = normalize(np.hstack([embeddings, _WORD_WEIGHT * latent]))
    return places


def _clusters(places: Matrix) -> tuple[list[int], list[float]]:
    """Return each place's cluster and its cosine with the cluster's centre."""
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    different = len(np.unique(places, axis=0))
    best: tuple[float, Any] | None = None
    for number in NUMBERS_OF_CLUSTERS:
        if number >= min(different, len(places) // 4):
            break
        model = KMeans(number, n_init=2, random_state=_SEED).fit(places)
        size = min(_SILHOUETTE_SAMPLE, len(places))
        score = silhouette_score(places, model.labels_, metric="cosine", sample_size=size, random_state=_SEED)
        if best is None or score > best[0]:
            best = score, model
    if best is None:
        return [0] * len(places), [1.0] * len(places)
    centres = best[1].cluster_centers_[best[1].labels_]
    lengths = np.linalg.norm(centres, axis=1)
    return best[1].labels_.tolist(), ((places * centres).sum(axis=1) / lengths).tolist()


def _by_label(clusters: list[int], labels: dict[int, Label]) -> list[tuple[Label, list[int]]]:
    """Return the labels and the places that carry each."""
    members: dict[str, tuple[Label, list[int]]] = {}
    for place, cluster in enumerate(clusters):
        if cluster in labels:
            members.setdefault(labels[cluster].text, (labels[cluster], []))[1].append(place)
    return list(members.values())


def _topic(
    label: Label, members: list[int], closeness: list[float], texts: list[str], said: dict[str, list[Clause]]
) -> Topic:
    ordered = sorted(members, key=lambda place: (-closeness[place], texts[place]))
    return Topic(
        label=label.text,
        words=label.words,
        clauses=[said[texts[place]][0] for place in ordered],
        reviews=frozenset(clause.review for place in members for clause in said[texts[place]]),
    )
