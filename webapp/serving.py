"""How gunicorn serves the application: `gunicorn --config python:webapp.serving "webapp:create_app()"`."""

from settings import Settings
from telemetry import logs

level = Settings.from_env().log_level
logconfig_dict = logs.configuration(level) | {
    "loggers": {
        "gunicorn.error": {"level": level, "propagate": True},
        "gunicorn.access": {"level": "WARNING", "propagate": True},  # webapp.tracking logs requests
    }
}
