"""Ridge regressions of many series at once, each as strong as its own history supports."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from forecasting.grid import Array

Rows = tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]
STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0)


class LocalRidge:
    """One linear correction per series, shrunk to nothing or to the panel's common answer.

    For every series the candidates are: no correction, the pooled coefficients, and ridge estimates of its
    own around either. The one with the least squared error over blocks of days left out is taken, and only
    if it beats no correction by ``margin`` standard errors of the blocks' gains; so a column that says
    nothing usually gets a coefficient of exactly zero. Pooling and own estimates together follow the idea of
    empirical Bayes shrinkage (Efron & Morris, 1975).

    Parameters
    ----------
    margin : float
        Standard errors by which a correction must win.
    blocks : int
        Blocks of consecutive days for the cross-validation.

    Attributes
    ----------
    coef_ : (n, P) array
        Coefficients per series.
    """

    coef_: Array

    def __init__(self, margin: float = 0.0, blocks: int = 5) -> None:
        self.margin = margin
        self.blocks = blocks

    def fit(self, batches: Iterator[Rows]) -> "LocalRidge":
        """Learn from batches of features (n, R, P) and residuals (n, R), NaN where unknown.

        The R rows of every batch are in time order, so that block b is the same span of days in each.
        """
        gram, moment, square, count = self._sums(batches)
        losses = []
        for block in range(self.blocks):
            rest = np.arange(self.blocks) != block
            betas = _candidates(gram[rest].sum(0), moment[rest].sum(0), count[rest].sum(0))
            explained = 2 * np.einsum("cnp,np->cn", betas, moment[block])
            spread = np.einsum("cnp,npq,cnq->cn", betas, gram[block], betas, optimize=True)
            losses.append(square[block] - explained + spread)
        best = self._choose(np.array(losses))
        betas = _candidates(gram.sum(0), moment.sum(0), count.sum(0))
        self.coef_ = betas[best, np.arange(betas.shape[1])]
        return self

    def _sums(self, batches: Iterator[Rows]) -> tuple[Array, Array, Array, Array]:
        gram = moment = square = count = None
        for features, residual in batches:
            parts = np.array_split(np.arange(residual.shape[1]), self.blocks)
            sums = [_sum(features[:, part], residual[:, part]) for part in parts]
            stacked = [np.stack(values) for values in zip(*sums, strict=True)]
            if gram is None:
                gram, moment, square, count = stacked
            else:
                gram, moment, square, count = (
                    total + new for total, new in zip((gram, moment, square, count), stacked, strict=True)
                )
        if gram is None or moment is None or square is None or count is None:
            raise ValueError("there is no batch to learn from")
        return gram, moment, square, count

    def _choose(self, losses: Array) -> npt.NDArray[np.int64]:
        """Return the candidate of each series, from losses (blocks, candidates, n)."""
        gains = losses[:, :1] - losses
        mean = gains.mean(axis=0)
        error = gains.std(axis=0, ddof=1) / np.sqrt(self.blocks)
        mean[mean <= self.margin * error] = 0.0
        return np.asarray(mean.argmax(axis=0))


def _sum(
    features: npt.NDArray[np.floating], residual: npt.NDArray[np.floating]
) -> tuple[Array, Array, Array, Array]:
    known = np.isfinite(residual)
    target = np.where(known, residual, 0.0)
    masked = np.where(known[:, :, None], features, 0.0)
    gram = masked.transpose(0, 2, 1) @ masked
    moment = (masked.transpose(0, 2, 1) @ target[:, :, None])[:, :, 0]
    return (
        gram.astype(float),
        moment.astype(float),
        (target**2).sum(1).astype(float),
        known.sum(1).astype(float),
    )


def _candidates(gram: Array, moment: Array, count: Array) -> Array:
    """Return coefficients (candidates, n, P): none, pooled, then own around none and around pooled."""
    n, width = moment.shape
    eye = np.eye(width)
    total = max(float(count.sum()), 1.0)
    pooled = np.linalg.solve(gram.sum(0) + 0.01 * total * eye, moment.sum(0))
    around = moment - np.einsum("npq,q->np", gram, pooled)
    both = np.stack([moment, around], axis=2)
    found = [np.zeros((n, width)), np.broadcast_to(pooled, (n, width))]
    for strength in STRENGTHS:
        penalty = (strength * np.maximum(count, 1.0))[:, None, None] * eye
        own = np.linalg.solve(gram + penalty, both)
        found += [own[:, :, 0], own[:, :, 1] + pooled]
    return np.stack(found)
