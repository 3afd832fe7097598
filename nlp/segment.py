"""Cut Chinese text into words, with a jieba tokenizer of our own that nobody else's dictionary can change."""

import logging
import re
import threading
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.lexicons import stop_words as bundled_stop_words

if TYPE_CHECKING:
    from jieba import Tokenizer

_PIECE = re.compile(r"[\w+#&.%\-]{1,200}")
"""jieba's time grows with the square of a run of unknown characters, so runs are cut."""

_WORD = re.compile(r"\w")


class Segmenter:
    """Words of a text without stop words; negations and degree words are kept.

    Parameters
    ----------
    cache_dir : Path, optional
        Folder for jieba's parsed dictionary. Without it nothing is written; the dictionary (half a second) is
        parsed by each process that segments.
    stop_words : collection of str, optional
        Words to leave out, lower case; the bundled list by default.

    Examples
    --------
    >>> Segmenter().segment("物流不是很快，包装没有破损")
    ['物流', '不是', '很快', '包装', '没有', '破损']
    """

    def __init__(self, cache_dir: Path | None = None, stop_words: Collection[str] | None = None) -> None:
        self.cache_dir = cache_dir
        self.stop_words = frozenset(bundled_stop_words() if stop_words is None else stop_words)
        self._tokenizer: Tokenizer | None = None
        self._lock = threading.Lock()

    def segment(self, text: str) -> list[str]:
        """Return the words of `text` in order, in lower case.

        Parameters
        ----------
        text : str
            Best in normalised form; any string does.

        Returns
        -------
        list of str
            No punctuation, no stop words.
        """
        tokenizer = self._loaded()
        words = (
            word.lower()
            for piece in _PIECE.findall(text)
            for word in tokenizer.cut(piece)
            if _WORD.search(word)
        )
        return [word for word in words if word not in self.stop_words]

    def _loaded(self) -> "Tokenizer":
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = self._load()
            return self._tokenizer

    def _load(self) -> "Tokenizer":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # jieba's own code warns when it is compiled
            import jieba

        logging.getLogger("jieba").setLevel(logging.WARNING)
        tokenizer = jieba.Tokenizer()
        if self.cache_dir is None:
            tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
            tokenizer.initialized = True
        else:
            self.cache_dir.mkdir(parents=True, exist_ok=True)
            tokenizer.tmp_dir = str(self.cache_dir)
            tokenizer.initialize()
        return tokenizer
