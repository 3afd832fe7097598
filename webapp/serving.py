"""How gunicorn serves the application: `gunicorn --config python:webapp.serving "webapp:create_app()"`."""

import gc

from settings import Settings
from telemetry import logs

level = Settings.from_env().log_level
logconfig_dict = logs.configuration(level) | {
    "loggers": {
        "gunicorn.error": {"level": level, "propagate": True},
        "gunicorn.access": {"level": "WARNING", "propagate": True},  # webapp.tracking logs requests
    }
}


def post_worker_init(_worker: object) -> None:
    """Leave the composed application out of garbage collection.

    It stays until the process ends, and to look through all of it stopped every fortieth report for a tenth
    of a second.
    """
    gc.collect()
    gc.freeze()
