"""The Celery app, composed from the settings."""

from __future__ import annotations

from importlib import import_module
from logging import getLevelName
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_init

from settings import Settings
from telemetry import logs
from workers.artifacts import Artifacts
from workers.context import Composition
from workers.deaths import MemoryWatch, ObservedTask
from workers.heartbeat import Heartbeat
from workers.stopping import PromptStop

NLP, FORECAST = "nlp", "forecast"
# What a user waits for goes before bulk work; Redis counts 0 as most urgent.
BULK_PRIORITY = 6
# A file that steps aside goes on before its rows are scored; nobody waits for a digest.
PRIORITIES = {
    "workers.tasks.import_chunk": 3,
    "workers.tasks.digest_products": 9,
    "workers.tasks.export_file": 0,
}


# Loaded before the pool forks: children share the memory, and the first task does not wait for it.
SHARED = ("workers.leases", "workers.imports", "workers.scoring", "workers.search", "workers.daily")


def create_app(settings: Settings, artifacts: Artifacts | None = None) -> Celery:
    """Compose the app that workers and beat run.

    Parameters
    ----------
    settings
        Where broker, database and files are.
    artifacts
        Gives out the models; by default the real ones, loaded in the child on first use.
    """
    app = Celery("fengping", include=["workers.tasks"], task_cls=ObservedTask)
    app.conf.update(configuration(settings))
    app.steps["worker"].update((Heartbeat, MemoryWatch, PromptStop))
    setup_logging.connect(_log_as_json, weak=False)
    worker_init.connect(_load_shared, weak=False)
    app.composition = Composition(settings, artifacts or Artifacts(settings), sender_of(app))
    app.set_default()
    app.loader.import_default_modules()
    return app


def _load_shared(**_signal: Any) -> None:
    for name in SHARED:
        import_module(name)


def _log_as_json(loglevel: int | str = "INFO", **_options: Any) -> None:
    dictConfig(logs.configuration(getLevelName(loglevel) if isinstance(loglevel, int) else loglevel))


def configuration(settings: Settings) -> dict[str, Any]:
    """Return Celery's configuration; no message is trusted and none is needed for long."""
    return {
        "broker_url": settings.broker_url,
        "broker_connection_retry_on_startup": True,
        # A message is given to somebody else only after its task must be over.
        "broker_transport_options": {"visibility_timeout": 2 * settings.task_time_limit},
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        **time_limits(settings.task_time_limit),
        "task_annotations": {
            "workers.tasks.score_reviews": {
                name.removeprefix("task_"): seconds
                for name, seconds in time_limits(settings.score_time_limit).items()
            }
        },
        "task_default_queue": NLP,
        "task_routes": {
            "workers.tasks.train_models": {"queue": FORECAST},
            "workers.tasks.run_forecast": {"queue": FORECAST},
        },
        "worker_prefetch_multiplier": 1,
        "worker_max_memory_per_child": settings.child_memory_mb * 1024,
        "worker_send_task_events": False,
        "timezone": settings.timezone,
        # Kept in memory: a schedule file would be a pickle.
        "beat_scheduler": "celery.beat:Scheduler",
        "beat_schedule": {
            "sweep": {
                "task": "workers.tasks.sweep",
                "schedule": settings.sweep_seconds,
                "options": {"expires": settings.sweep_seconds},
            },
            "deliver": {
                "task": "workers.tasks.deliver",
                "schedule": settings.sweep_seconds,
                "options": {"expires": settings.sweep_seconds},
            },
            "check alerts": {
                "task": "workers.tasks.check_alerts",
                "schedule": settings.sweep_seconds,
                "options": {"expires": settings.sweep_seconds},
            },
            "weekly reports": {"task": "workers.tasks.weekly_reports", "schedule": crontab(minute=0)},
            "nightly refresh": {
                "task": "workers.tasks.nightly_refresh",
                "schedule": crontab(hour=3, minute=30),
            },
        },
    }


def time_limits(seconds: int) -> dict[str, float]:
    """Return Celery's hard limit, and a soft one before it that still lets the task say what happened."""
    return {"task_time_limit": seconds, "task_soft_time_limit": max(seconds - 60, seconds * 0.8)}


def sender_of(app: Celery) -> Any:
    """Return a function that sends wake-ups through the app."""

    def send(task: str, args: tuple[int | str, ...], queue: str) -> None:
        app.send_task(task, args=args, queue=queue, priority=PRIORITIES.get(task, BULK_PRIORITY))

    return send


def __getattr__(name: str) -> Celery:
    """Compose the app from the environment when ``celery -A workers.app`` asks for it."""
    if name not in ("app", "celery"):
        raise AttributeError(name)
    app = globals()["app"] = create_app(Settings.from_env())
    return app
