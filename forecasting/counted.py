"""How far long work is, told step by step to whoever wants to know."""

from collections.abc import Callable
from threading import Lock

Told = Callable[[int, int], None]
"""Takes how many steps are done, and of how many; what it raises ends the work."""


class Counted:
    """Counts steps of which there are so many in all; threads may count beside each other.

    Parameters
    ----------
    total : int
        Steps in all.
    told : callable, optional
        Is told at the start and after each step, by one thread at a time.

    Examples
    --------
    >>> steps = Counted(2, print)
    0 2
    >>> steps.step()
    1 2
    """

    def __init__(self, total: int, told: Told | None = None) -> None:
        self.total = total
        self.done = 0
        self._told = told
        self._lock = Lock()
        self.step(0)

    def step(self, count: int = 1) -> None:
        """Count steps that are done."""
        with self._lock:
            self.done += count
            if self._told is not None:
                self._told(self.done, self.total)
