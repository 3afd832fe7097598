"""Sentences that can be said in another language: each has a code, and the values it speaks of."""

from collections.abc import Mapping
from typing import Any, Self


class Remark(str):
    """A sentence for people, which programs know by its code.

    Parameters
    ----------
    code : str
        What is said, the same whatever it is said of: ``below_seen``, ``already_planned``.
    sentence : str
        It, in English.
    **values
        What the sentence speaks of, ready for JSON.

    Examples
    --------
    >>> said = Remark("already_planned", "price is already planned so", column="price")
    >>> print(said, said.code, said.values)
    price is already planned so already_planned {'column': 'price'}
    """

    code: str
    values: Mapping[str, Any]

    def __new__(cls, code: str, sentence: str, **values: Any) -> Self:
        """Make the sentence, and remember its code and values."""
        made = super().__new__(cls, sentence)
        made.code, made.values = code, values
        return made

    def to_json(self) -> dict[str, Any]:
        """Return code, sentence (``detail``) and values."""
        return {"code": self.code, "detail": str(self), "values": dict(self.values)}


def remark_of(error: BaseException) -> list[Remark]:
    """Return the remark that an error was raised with, in a list; empty where it was none."""
    return [part for part in error.args[:1] if isinstance(part, Remark)]
