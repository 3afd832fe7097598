"""Whether this process lives, and whether the whole house can work."""

from datetime import timedelta

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from storage import heartbeats
from webapp.database import session

WORKER_SILENCE = timedelta(seconds=60)

blueprint = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Add /healthz and /readyz to `app`."""
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer as long as the process does."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Say what is there: database, broker, a worker that was heard of within a minute; 503 if one is not."""
    database = _database_answers()
    parts = {
        "database": database,
        "broker": current_app.extensions["sender"].is_alive(),
        "worker": database and bool(heartbeats.live_workers(session, int(WORKER_SILENCE.total_seconds()))),
    }
    ready = all(parts.values())
    return jsonify(status="ok" if ready else "unavailable", **parts), 200 if ready else 503


def _database_answers() -> bool:
    try:
        session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        session.rollback()
        return False
    return True
