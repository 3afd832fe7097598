"""Log lines as JSON, each with the ids of the request or job it belongs to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

_ids: ContextVar[dict[str, str]] = ContextVar("log_ids", default={})  # noqa: B039  (never changed in place)


@contextmanager
def bound(**ids: object) -> Iterator[None]:
    """Put ids on every line that is logged inside, also by libraries.

    Parameters
    ----------
    **ids
        Such as ``request_id`` or ``job_id``; those that are bound already stay.
    """
    token = bind(**ids)
    try:
        yield
    finally:
        _ids.reset(token)


def bind(**ids: object) -> Any:
    """Put ids on every later line of this context; `unbind` takes what this returns."""
    return _ids.set(_ids.get() | {name: str(value) for name, value in ids.items()})


def unbind(token: Any) -> None:
    """Take back what `bind` did."""
    _ids.reset(token)


class AddIds(logging.Filter):
    """Adds the bound ids to a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        for name, value in _ids.get().items():
            setattr(record, name, value)
        return True


def formatter() -> logging.Formatter:
    """Return what writes a record as one JSON object: ``timestamp, level, logger, message`` and its ids."""
    return JsonFormatter(
        "%(levelname)s %(name)s %(process)d %(message)s",
        rename_fields={"levelname": "level", "name": "logger"},
        timestamp=True,
        json_ensure_ascii=False,
    )


def configuration(level: str) -> dict[str, Any]:
    """Return the configuration of `logging.config`: everything as JSON to standard error.

    Parameters
    ----------
    level
        Least level, such as ``INFO``.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": formatter}},
        "filters": {"ids": {"()": AddIds}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["ids"]}},
        "root": {"level": level, "handlers": ["stderr"]},
    }
