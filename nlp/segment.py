"""Cut Chinese text into words, with a tokenizer of our own that nobody else's dictionary can change.

The tokenizer is rjieba: jieba's dictionary and rules in Rust (docs/decisions/segmentation.md says where they
differ). Its dictionary is part of the library, so that nothing is cached on disk.
"""

import re
import threading
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from nlp.dictionary import Dictionary
from nlp.lexicons import stop_words as bundled_stop_words

if TYPE_CHECKING:
    from rjieba import Jieba

_PIECE = re.compile(r"[\w+#&.%\-]{1,200}")
"""What holds words; runs are cut so that no text, however odd, takes more than linear time."""

_WORD = re.compile(r"\w")


class Segmenter:
    """Words of a text without stop words; negations and degree words are kept.

    Parameters
    ----------
    stop_words : collection of str, optional
        Words to leave out, lower case; the bundled list by default.
    dictionary : Dictionary, optional
        Words of a workspace's own. Each segmenter holds a tokenizer of its own (0.15 s, 25 MB).

    Examples
    --------
    >>> Segmenter().segment("物流不是很快，包装没有破损")
    ['物流', '不是', '很快', '包装', '没有', '破损']
    """

    def __init__(
        self, stop_words: Collection[str] | None = None, dictionary: Dictionary | None = None
    ) -> None:
        self.stop_words = frozenset(bundled_stop_words() if stop_words is None else stop_words)
        self.dictionary = dictionary or Dictionary()
        self._splits = frozenset(word.lower() for word in self.dictionary.splits)
        self._tokenizer: Jieba | None = None
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
        return [word for word in self.cut(text) if word not in self.stop_words]

    def cut(self, text: str) -> list[str]:
        """Return the words of `text` in order, in lower case, stop words too.

        Parameters
        ----------
        text : str
            As for `segment`.

        Returns
        -------
        list of str
            No punctuation.
        """
        tokenizer = self._loaded()
        return [
            part.lower()
            for piece in _PIECE.findall(text)
            for word in tokenizer.cut(piece)
            if _WORD.search(word)
            for part in (self._taken_apart(word) if word.lower() in self._splits else (word,))
        ]

    def tags(self, text: str) -> list[tuple[str, str]]:
        """Return the words of `text` with their parts of speech, as jieba names them (n, v, a, …).

        Parameters
        ----------
        text : str
            A stretch of characters without punctuation; words to split are not taken apart.
        """
        return self._loaded().tag(text)

    def knows(self, word: str) -> bool:
        """Tell whether a dictionary, bundled or own, has `word` and does not split it."""
        return self._loaded().has_word(word) and word not in self._splits

    def _taken_apart(self, word: str) -> Iterator[str]:
        """Yield the parts of a word to split, which the tokenizer may have guessed without its dictionary."""
        parts = self._loaded().cut(word, hmm=False)
        yield from parts if len(parts) > 1 else word

    def _loaded(self) -> "Jieba":
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = self._load()
            return self._tokenizer

    def _load(self) -> "Jieba":
        from rjieba import Jieba

        tokenizer = Jieba()
        for word in sorted(self._splits):
            for form in _forms(word):
                if tokenizer.has_word(form):
                    tokenizer.add_word(form, 0, None)
        # Shorter words first: the weight of a longer one is reckoned from them.
        for word in sorted(self.dictionary.words, key=lambda word: (len(word), word)):
            for form in _forms(word):
                tokenizer.add_word(form, self.dictionary.words[word], None)
        return tokenizer


def _forms(word: str) -> list[str]:
    """Return a word as it is and in the cases that Latin letters are written in."""
    return sorted({word, word.lower(), word.upper(), word.title()})
