"""A workspace's own words: what the segmenter is to keep whole, and what it is to take apart."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from nlp.normalise import normalise

LONGEST_WORD = 20
HEAVIEST = 10_000_000

_WORD = re.compile(rf"[\u4e00-\u9fd5a-zA-Z0-9+#&._%\-]{{2,{LONGEST_WORD}}}")
"""What the tokenizer can hold in one word; anything else ends a word."""


class BadWords(ValueError):
    """Words that no dictionary can hold; the message lists them and says what would do."""


@dataclass(frozen=True)
class Dictionary:
    """Words of a workspace, beside those that everybody has.

    Parameters
    ----------
    words : mapping of str to (int or None)
        Word to weight: how often it would stand in 60 million words of general text. None is just enough for
        the word to be cut out of a text.
    splits : collection of str
        Words to take apart, of the bundled dictionary or guessed; one that is in `words` too is kept.

    Raises
    ------
    BadWords
        When a word has other characters than Chinese ones, Latin letters, digits and +#&._%-, is shorter than
        two or longer than `LONGEST_WORD`, or has a weight outside 1 … `HEAVIEST`.

    Examples
    --------
    >>> Dictionary({"冰丝凉感": None}).version == Dictionary({"冰丝凉感": None}).version != ""
    True
    """

    words: Mapping[str, int | None] = field(default_factory=dict)
    splits: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        bad = [repr(word) for word in (*self.words, *self.splits) if not _WORD.fullmatch(_plain(word))]
        weights = ((word, n) for word, n in self.words.items() if n is not None)
        bad += [f"{word!r} (weight {n})" for word, n in weights if not 1 <= n <= HEAVIEST]
        if bad:
            raise BadWords(
                f"not for a dictionary: {', '.join(bad)}; words have 2 to {LONGEST_WORD} Chinese characters, "
                f"Latin letters, digits and +#&._%-, and weigh 1 to {HEAVIEST}"
            )
        words = {_plain(word): weight for word, weight in self.words.items()}
        object.__setattr__(self, "words", MappingProxyType(words))
        object.__setattr__(self, "splits", frozenset(map(_plain, self.splits)) - set(words))

    @cached_property
    def version(self) -> str:
        """Eight hexadecimal digits over the content; "" of an empty dictionary."""
        if not self.words and not self.splits:
            return ""
        content = json.dumps([sorted(self.words.items()), sorted(self.splits)])
        return hashlib.sha256(content.encode()).hexdigest()[:8]

    def changed(
        self,
        words: Mapping[str, int | None] | None = None,
        splits: Iterable[str] = (),
        removed: Iterable[str] = (),
    ) -> "Dictionary":
        """Return a dictionary with further words and splits, and without those removed.

        Parameters
        ----------
        words, splits
            As of the class; a word that was split is kept from now on, and the other way round.
        removed
            Words that are no longer kept or split; unknown ones do no harm.

        Raises
        ------
        BadWords
            As the class does.
        """
        added = Dictionary(words or {}, frozenset(splits))
        gone = set(map(_plain, removed))
        kept = {word: weight for word, weight in self.words.items() if word not in gone | added.splits}
        split = self.splits - gone - set(added.words)
        return Dictionary({**kept, **added.words}, split | added.splits)


def _plain(word: str) -> str:
    """Return `word` as it stands in normalised texts, or as it is where that is no word."""
    plain = normalise(word)
    return plain if _WORD.fullmatch(plain) else word
