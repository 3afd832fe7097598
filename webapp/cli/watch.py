"""Waiting for a job before the reader's eyes."""

import time
from uuid import UUID

import click

from storage import heartbeats, jobs
from storage.models import Job
from storage.progress import Progress, progress
from webapp.database import open_session

POLL_SECONDS = 0.5
ENDED = ("succeeded", "failed", "cancelled")


def watch(workspace_id: int, job_id: UUID) -> Job:
    """Print how far the job is until it has ended, and return it."""
    _warn_without_workers()
    shown = ""
    while True:
        with open_session() as glance:
            job = jobs.get_job(glance, workspace_id, job_id)
            line = _line(job, progress(glance, job))
        if line != shown:
            click.echo(line, err=True)
            shown = line
        if job.state in ENDED:
            return job
        time.sleep(POLL_SECONDS)


def _warn_without_workers() -> None:
    with open_session() as glance:
        if not heartbeats.live_workers(glance):
            click.echo("no worker is running: the job waits until one is started", err=True)


def _line(job: Job, now: Progress) -> str:
    total = "?" if now.total is None else f"{now.total:,}"
    line = f"{job.state:<9} {job.stage:<8} {now.done:,} of {total}, {now.failed:,} failed"
    if now.rate and job.state == "running":
        line += f", {now.rate:,.0f} a second"
    if now.eta_seconds and job.state == "running":
        line += f", {now.eta_seconds:,.0f} s left"
    return line
