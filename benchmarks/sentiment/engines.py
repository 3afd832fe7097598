"""The engines compared: each turns texts into True (positive) or False."""

from collections.abc import Callable, Sequence

Engine = Callable[[Sequence[str]], list[bool]]


def ours(name: str, threads: int) -> Engine:
    """Return our engine `name`, sentiment only."""
    from nlp import Analyzer

    analyzer = Analyzer.load(engine=name, threads=threads)
    return lambda texts: [row["sentiment"]["score"] > 0 for row in analyzer(texts, only=["sentiment"])]


def tfidf(texts: Sequence[str], labels: Sequence[bool]) -> Engine:
    """Return character 1–3-gram TF-IDF with logistic regression, fitted on the given rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    model = make_pipeline(words, LogisticRegression(C=4, max_iter=300)).fit(texts, labels)
    return lambda batch: [bool(label) for label in model.predict(batch)]


def snownlp() -> Engine:
    """Return SnowNLP as its documentation uses it: positive above 0.5."""
    from snownlp import SnowNLP

    return lambda texts: [SnowNLP(text or " ").sentiments > 0.5 for text in texts]
