"""The tasks: thin, named for what wakes them. Arguments are ids; everything else is in the rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import Celery, shared_task
from kombu.exceptions import ChannelError

from workers.context import Context

# Messages carry no deadline: a task that comes late finds its row claimed or done, and ends.


@shared_task(name="workers.tasks.import_chunk", bind=True)
def import_chunk(self: Any, chunk_id: int) -> None:
    """Read a file on from where the last commit left it."""
    from workers import imports, leases

    leases.work_on(context_of(self.app), chunk_id, imports.import_chunk)


@shared_task(name="workers.tasks.score_reviews", bind=True)
def score_reviews(self: Any, chunk_id: int) -> None:
    """Score reviews or product texts that the analyser of today has not read."""
    from workers import leases, scoring

    leases.work_on(context_of(self.app), chunk_id, scoring.score_chunk)


@shared_task(name="workers.tasks.find_suspects", bind=True)
def find_suspects(self: Any, chunk_id: int) -> None:
    """Find what reviews hold against each other."""
    from workers import leases, search

    leases.work_on(context_of(self.app), chunk_id, search.search_chunk)


@shared_task(name="workers.tasks.rebuild_daily", bind=True)
def rebuild_daily(self: Any, chunk_id: int) -> None:
    """Make the daily features of some products anew."""
    from workers import daily, leases

    leases.work_on(context_of(self.app), chunk_id, daily.rebuild_daily)


@shared_task(name="workers.tasks.undo_import", bind=True)
def undo_import(self: Any, chunk_id: int) -> None:
    """Take back what an import brought in."""
    from workers import leases, undo

    leases.work_on(context_of(self.app), chunk_id, undo.undo_chunk)


@shared_task(name="workers.tasks.digest_products", bind=True)
def digest_products(self: Any, chunk_id: int) -> None:
    """Sum up the reviews of a product."""
    from workers import digests, leases

    leases.work_on(context_of(self.app), chunk_id, digests.digest_chunk)


@shared_task(name="workers.tasks.export_file", bind=True)
def export_file(self: Any, chunk_id: int) -> None:
    """Write a file for download."""
    from workers import exports, leases

    leases.work_on(context_of(self.app), chunk_id, exports.export_file)


@shared_task(name="workers.tasks.analyze_texts", bind=True)
def analyze_texts(self: Any, job_id: str) -> None:
    """Analyse the texts of a job."""
    from workers import leases, scoring

    leases.work_on_job(context_of(self.app), UUID(job_id), scoring.analyze_texts)


@shared_task(name="workers.tasks.train_models", bind=True)
def train_models(self: Any, job_id: str) -> None:
    """Train on a workspace's data, or forecast all its products."""
    from workers import refresh

    refresh.train_models(context_of(self.app), UUID(job_id))


@shared_task(name="workers.tasks.run_forecast", bind=True)
def run_forecast(self: Any, run_id: str) -> None:
    """Compute one forecast."""
    from workers import forecasts

    forecasts.run_forecast(context_of(self.app), UUID(run_id))


@shared_task(name="workers.tasks.sweep", bind=True)
def sweep(self: Any) -> None:
    """Wake workers for everything that nobody works on."""
    from workers import aspects, sweep

    aspects.keep_tree(context_of(self.app))
    sweep.sweep(context_of(self.app), lambda queue: depth_of(self.app, queue))


@shared_task(name="workers.tasks.deliver", bind=True)
def deliver(self: Any) -> None:
    """Deliver the messages to webhooks and destinations that are due, and mail links."""
    from workers import link_mails, messages, webhooks

    webhooks.deliver(context_of(self.app))
    messages.deliver(context_of(self.app))
    link_mails.deliver(context_of(self.app))


@shared_task(name="workers.tasks.check_alerts", bind=True)
def check_alerts(self: Any) -> None:
    """Let rules look at data that they have not seen."""
    from workers import alerts

    alerts.check_rules(context_of(self.app))


@shared_task(name="workers.tasks.weekly_reports", bind=True)
def weekly_reports(self: Any) -> None:
    """Start the weekly reports that are due."""
    from workers import weekly

    weekly.weekly_reports(context_of(self.app))


@shared_task(name="workers.tasks.nightly_refresh", bind=True)
def nightly_refresh(self: Any) -> None:
    """Start the night's work."""
    from workers import refresh

    refresh.nightly_refresh(context_of(self.app))


def context_of(app: Celery) -> Context:
    """Return what this process works with."""
    context: Context = app.composition.context()
    return context


def depth_of(app: Celery, queue: str) -> int:
    """Return how many messages wait in a queue; 0 when the broker does not know it yet."""
    with app.connection_for_write() as connection, connection.channel() as channel:
        try:
            return int(channel.queue_declare(queue=queue, passive=True).message_count)
        except ChannelError:
            return 0
