"""What a workspace changes about the aspect tree: names, further words, categories left out or of its own."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from nlp.aspect_rules import Aspect
from nlp.normalise import fold

WORD = re.compile(r"[\u4e00-\u9fffa-zA-Z0-9+#&._%\-]{2,20}")
"""What a word that names an aspect may be."""

NAME = re.compile(r"[^\s/][^/\r\n]{0,19}")
"""What a category may be called."""

SIGNS = ("positive", "negative")


class BadAspects(ValueError):
    """Names or words that no tree can hold; the message lists them and says what would do."""


@dataclass(frozen=True)
class AspectChanges:
    """Changes of a workspace, beside the tree that everybody has.

    Parameters
    ----------
    words : mapping of str to sequence of str
        Category to further words that name an aspect of it. A category that the tree lacks is a new one.
    names : mapping of str to str
        Category to what it is called instead.
    off : collection of str
        Categories whose aspects are left out.

    Raises
    ------
    BadAspects
        When a word has other characters than Chinese ones, Latin letters, digits and +#&._%-, or is not 2 to
        20 long; when a name is empty, longer than 20 characters or holds a slash.

    Examples
    --------
    >>> AspectChanges().version, AspectChanges(off=frozenset({"物流"})).version != ""
    ('', True)
    """

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    off: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        words = {category: tuple(dict.fromkeys(found)) for category, found in self.words.items() if found}
        bad = [repr(word) for found in words.values() for word in found if not WORD.fullmatch(word)]
        bad += [repr(name) for name in (*words, *self.names.values()) if not NAME.fullmatch(name)]
        if bad:
            raise BadAspects(
                f"not for an aspect tree: {', '.join(bad)}; words have 2 to 20 Chinese characters, Latin "
                "letters, digits and +#&._%-, names 1 to 20 characters without a slash"
            )
        object.__setattr__(self, "words", MappingProxyType(words))
        object.__setattr__(self, "names", MappingProxyType(dict(self.names)))
        object.__setattr__(self, "off", frozenset(self.off))

    @cached_property
    def version(self) -> str:
        """Eight hexadecimal digits over the content; "" where nothing is changed."""
        if not (self.words or self.names or self.off):
            return ""
        content = json.dumps([sorted(self.words.items()), sorted(self.names.items()), sorted(self.off)])
        return hashlib.sha256(content.encode()).hexdigest()[:8]

    def grown(self, tree: dict[str, Any]) -> dict[str, Any]:
        """Return a tree with the further words, each in the category that it is given here alone.

        What praises (快) or blames (慢) in every category that knows it does so in a new one, too.
        """
        if not self.words:
            return tree
        known = {branch["category"] for branch in tree["tree"]}
        signs = {sign: {word for one in tree["tree"] for word in one[sign]} for sign in SIGNS}
        sure = {
            sign: sorted(signs[sign] - signs[other]) for sign, other in zip(SIGNS, SIGNS[::-1], strict=True)
        }
        own = [
            {
                "category": category,
                "aspects": list(words),
                "implies": dict.fromkeys(SIGNS, ()),
                **(dict.fromkeys(SIGNS, ()) if category in known else sure),
            }
            for category, words in self.words.items()
        ]
        return {**tree, "tree": [*tree["tree"], *own]}

    def category(self, words: str) -> str | None:
        """Return the category whose further word stands in the words of an aspect, the longest one first."""
        folded = fold(words)
        return next((category for word, category in self._longest_first if word in folded), None)

    def applied(self, aspects: Iterable[Aspect]) -> list[Aspect]:
        """Return aspects by the names and words of the workspace, without those left out."""
        told = [(one, self.category(one.aspect) or one.category) for one in aspects]
        return [
            replace(one, category=self.names.get(category, category))
            for one, category in told
            if category not in self.off
        ]

    @cached_property
    def _longest_first(self) -> list[tuple[str, str]]:
        found = [(fold(word), category) for category, words in self.words.items() for word in words]
        return sorted(found, key=lambda pair: -len(pair[0]))
