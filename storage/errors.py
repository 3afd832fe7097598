"""What storage refuses; each message names the ids it is about."""

from __future__ import annotations


class StorageError(Exception):
    """Root of everything storage raises on purpose."""


class NotFound(StorageError, LookupError):
    """No such row in this workspace."""

    def __init__(self, what: str, key: object) -> None:
        super().__init__(f"{what} {key} does not exist in this workspace")
        self.what = what
        self.key = key


class BadCursor(StorageError, ValueError):
    """A page cursor that no list of ours has given out."""


class Taken(StorageError, ValueError):
    """A name that must be unique is in use."""


class Conflict(StorageError):
    """The row's state does not allow what was asked."""


class NoData(StorageError):
    """There is nothing to compute from yet."""


class LeaseLost(StorageError):
    """Another worker owns the chunk now, or its job was cancelled; nothing may be written."""


class ForeignRow(StorageError):
    """A query or a row of one workspace would have reached into another."""
