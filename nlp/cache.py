"""Scores of the texts read last, so that a text that comes again costs nothing."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from threading import Lock

SIZE = 65_536
"""Texts kept by default: some 20 MB, and more than an import brings at a time."""

Row = Sequence[float]


class ScoreCache:
    """Rows of scores by a hash of their text; the one not asked for longest goes first.

    Scores are those of one classifier: another one needs another cache. Threads may share one.

    Parameters
    ----------
    size : int
        Texts kept at most; with 0 every text is scored anew.

    Attributes
    ----------
    hits, misses : int
        Texts that were known, and texts that had to be scored.

    Examples
    --------
    >>> cache = ScoreCache()
    >>> cache.scores(["好", "差"], lambda texts: [[0.0, 1.0], [1.0, 0.0]])
    [(0.0, 1.0), (1.0, 0.0)]
    >>> cache.scores(["差"], lambda texts: [])
    [(1.0, 0.0)]
    """

    def __init__(self, size: int = SIZE) -> None:
        self.size = size
        self.hits = 0
        self.misses = 0
        self._rows: OrderedDict[bytes, tuple[float, ...]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """Texts that are kept."""
        return len(self._rows)

    def scores(
        self, texts: Sequence[str], score: Callable[[list[str]], Iterable[Row]]
    ) -> list[tuple[float, ...]]:
        """Return the scores of each text, in order.

        Parameters
        ----------
        texts : sequence of str, length n
            Texts as the classifier reads them.
        score : callable
            Scores texts, one row each; called once with the different texts that are not known, if any.
        """
        keys = [_key(text) for text in texts]
        by_key = dict(zip(keys, texts, strict=True))
        known = self._known(by_key)
        missing = [key for key in by_key if key not in known]
        if missing:
            rows = score([by_key[key] for key in missing])
            found = {key: tuple(row) for key, row in zip(missing, rows, strict=True)}
            self._keep(found)
            known |= found
        return [known[key] for key in keys]

    def _known(self, keys: Iterable[bytes]) -> dict[bytes, tuple[float, ...]]:
        with self._lock:
            known = {}
            for key in keys:
                if key in self._rows:
                    self._rows.move_to_end(key)
                    known[key] = self._rows[key]
                    self.hits += 1
                else:
                    self.misses += 1
            return known

    def _keep(self, rows: dict[bytes, tuple[float, ...]]) -> None:
        with self._lock:
            self._rows.update(rows)
            while len(self._rows) > self.size:
                self._rows.popitem(last=False)


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
