"""What the libraries raise, as HTTP errors."""

import logging
from collections.abc import Callable

from flask import Flask, Response, request
from flask_babel import gettext
from sqlalchemy.exc import DataError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import InternalServerError

from ingest import IngestError
from storage import errors as storage
from storage.outages import outage_of
from webapp.database import session
from webapp.imports import ImportRefused
from webapp.language import language
from webapp.problems import Problem, answer
from webapp.uploads import UploadTooLarge

log = logging.getLogger(__name__)

Make = Callable[[Exception], Problem]

PROBLEMS: dict[type[Exception], Make] = {
    storage.NotFound: lambda _: Problem(404, gettext("There is nothing here.")),
    storage.BadCursor: lambda _: _of_field("cursor", gettext("This is not a cursor of this list.")),
    storage.Conflict: lambda error: Problem(409, str(error)),
    storage.NoData: lambda error: Problem(409, str(error)),
    DataError: lambda _: _of_data(),
    StaleDataError: lambda _: Problem(409, gettext("Somebody removed this meanwhile. Load the page again.")),
    RecursionError: lambda _: Problem(400, gettext("That is nested too deeply.")),
    UploadTooLarge: lambda _: Problem(413, gettext("That is larger than this server accepts.")),
    ImportRefused: lambda error: Problem(422, str(error)),
    IngestError: lambda error: Problem(422, error.reason(language())),  # type: ignore[attr-defined]
}


RETRY_SECONDS = 30


def init_app(app: Flask) -> None:
    """Answer these exceptions as problems, wherever in `app` they come up."""
    for kind, make in PROBLEMS.items():
        app.register_error_handler(kind, _handler(kind, make))
    for kind in (OperationalError, InternalError, OSError):
        app.register_error_handler(kind, _answer_outage)
    app.register_error_handler(InternalServerError, _answer_fault)


def _handler(kind: type[Exception], make: Make) -> Callable[[Exception], Response]:
    def handle(error: Exception) -> Response:
        session.rollback()  # the page that tells of it may ask the database again
        log.info("%s: %s", kind.__name__, error)
        return answer(make(error))

    return handle


def _answer_outage(error: Exception) -> Response:
    """Answer 503 for what passes by itself; anything else is a fault of ours."""
    outage = outage_of(error)
    if outage is None:
        raise error
    _roll_back()
    log.error("%s: %s", outage, error)
    says = {
        "away": gettext("The database cannot be reached just now. Nothing was changed; try again soon."),
        "full": gettext("This server's disk is full. Nothing was saved; try again later."),
        "read_only": gettext("This server can only be read just now. Nothing was saved; try again later."),
    }
    return answer(Problem(503, says[outage], headers={"Retry-After": str(RETRY_SECONDS)}))


def _answer_fault(error: InternalServerError) -> Response:
    """Answer 500; after a statement that failed, the page could not ask who reads it."""
    _roll_back()
    return answer(error)


def _roll_back() -> None:
    try:
        session.rollback()
    except SQLAlchemyError:
        log.warning("not rolled back: the connection is gone")


def _of_data() -> Problem:
    """Name the parameters that no column can hold: text with a NUL in it."""
    fault = gettext("A NUL character is not allowed.")
    faults = {name: [fault] for name, values in request.args.lists() if "\0" in "".join(values)}
    return Problem(400, gettext("Some parameters are not valid."), errors=faults or None)


def _of_field(name: str, fault: str) -> Problem:
    return Problem(400, gettext("Some parameters are not valid."), errors={name: [fault]})
