"""How many of a day's reviews complain, planted: waves of complaints that come and go."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LAG_DAYS = 5
MEMORY_DAYS = 7
EFFECT = 2.0  # sales are multiplied by exp(-EFFECT · mean intensity of the week that ended LAG_DAYS ago)
USUAL_SHARE = 0.08
WORST_SHARE = 0.85
# Lengths in days, the second one excluded. The last episode lasts to the last day, where forecasts begin.
_EPISODE = (28, 49)
_QUIET = (12, 30)
_BATCH = (4, 9)
_LAST_EPISODE = 56


@dataclass(frozen=True)
class Complaints:
    """The planted path of complaints.

    Attributes
    ----------
    intensity : ndarray of shape (n_days,)
        0 (as ever) to 1 (nearly every review complains) among the reviews that arrive that day.
    episodes : list of (int, int)
        First and last day of each, as positions.
    """

    intensity: NDArray[np.float64]
    episodes: list[tuple[int, int]]

    @property
    def negative_share(self) -> NDArray[np.float64]:
        """Probability that a review arriving that day complains, shape (n_days,)."""
        return USUAL_SHARE + (WORST_SHARE - USUAL_SHARE) * self.intensity

    @property
    def sales_factor(self) -> NDArray[np.float64]:
        """Factor on sales, shape (n_days,): shoppers know a week of reviews, and act `LAG_DAYS` later."""
        before = np.concatenate([np.zeros(LAG_DAYS + MEMORY_DAYS - 1), self.intensity])
        read = np.convolve(before, np.full(MEMORY_DAYS, 1 / MEMORY_DAYS), "valid")[: len(self.intensity)]
        return np.asarray(np.exp(-EFFECT * read))


def none(n_days: int) -> Complaints:
    """Return a path on which nothing happens."""
    return Complaints(np.zeros(n_days), [])


def waves(n_days: int, rng: np.random.Generator) -> Complaints:
    """Return episodes of several weeks, in each of which bad batches of goods take turns with good ones.

    A batch lasts four to eight days, so that nobody who only sees sales knows what the next days bring.

    Parameters
    ----------
    n_days : int
    rng : numpy.random.Generator
    """
    intensity = np.zeros(n_days)
    episodes = []
    start = int(rng.integers(20, 50))
    while start + _EPISODE[1] + _QUIET[0] < n_days - _LAST_EPISODE:
        stop = start + int(rng.integers(*_EPISODE))
        episodes.append((start, stop - 1))
        start = stop + int(rng.integers(*_QUIET))
    if n_days > _LAST_EPISODE:
        episodes.append((n_days - _LAST_EPISODE, n_days - 1))
    for first, last in episodes:
        intensity[first : last + 1] = _batches(last + 1 - first, rng)
    return Complaints(intensity, episodes)


def _batches(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    parts: list[NDArray[np.float64]] = []
    bad = True
    while sum(map(len, parts)) < length:
        level = rng.uniform(0.8, 1.0) if bad else rng.uniform(0.0, 0.1)
        parts.append(np.full(int(rng.integers(*_BATCH)), level))
        bad = not bad
    return np.concatenate(parts)[:length]
