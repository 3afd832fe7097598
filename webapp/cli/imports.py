"""`flask --app webapp import reviews FILE`: the same road as the web form's."""

import sys
from itertools import islice
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from ingest import IngestError, Refusal
from storage import jobs
from storage.models import Job
from storage.progress import progress
from webapp.cli.accounts import find_workspace
from webapp.cli.watch import watch
from webapp.database import bind_workspace, session
from webapp.imports import KINDS, ImportRefused, start_import
from webapp.uploads import UploadTooLarge

SHOWN_REFUSALS = 10


@click.command("import")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("further", nargs=-1, metavar="[A=B]...")
@click.option("--workspace", metavar="W", help="Needed where there are several.")
@click.option("--map", "mapping", multiple=True, metavar="A=B", help="Column A of the file is the field B.")
@click.option("--future", multiple=True, metavar="COL", help="Extra column of sales that is known ahead.")
@click.option(
    "--past", multiple=True, metavar="COL", help="Extra column of sales that is known only afterwards."
)
@click.option("--encoding", metavar="NAME", help="utf-8 or gb18030; found out without.")
@click.option("--no-wait", is_flag=True, help="Print the job's id and leave it to the workers.")
@with_appcontext
def command(
    kind: str,
    file: Path,
    further: tuple[str, ...],
    workspace: str | None,
    mapping: tuple[str, ...],
    future: tuple[str, ...],
    past: tuple[str, ...],
    encoding: str | None,
    no_wait: bool,
) -> None:
    """Read in a file, wait for it, and say which rows were refused. A=B after FILE are further --map."""
    found = find_workspace(workspace)
    bind_workspace(found.id)
    roles = _roles(future, past)
    settings = current_app.extensions["settings"]
    try:
        with file.open("rb") as stream:
            job = start_import(
                session,
                settings,
                found.id,
                None,
                kind,
                stream,
                file.name,
                _pairs(mapping + further),
                encoding,
                roles,
            )
    except IngestError as error:
        raise click.ClickException(error.reason("en")) from error
    except (ImportRefused, UploadTooLarge) as error:
        raise click.ClickException(str(error)) from error
    session.commit()
    for column, role in job.params["columns"].items():
        click.echo(f"extra column {column}: {role}", err=True)
    if no_wait:
        click.echo(job.id)
    else:
        _report(watch(found.id, job.id))


def _roles(future: tuple[str, ...], past: tuple[str, ...]) -> dict[str, str]:
    both = sorted(set(future) & set(past))
    if both:
        raise click.UsageError(f"a column is either --future or --past: {', '.join(both)}")
    return dict.fromkeys(past, "past") | dict.fromkeys(future, "future")


def _pairs(mapping: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in mapping:
        column, equals, field = text.rpartition("=")
        if not equals or not column:
            raise click.BadParameter(f"{text!r} is not COLUMN=FIELD", param_hint="--map")
        pairs[column] = field
    return pairs


def _report(job: Job) -> None:
    """Print what came of it; leave with 1 when it did not succeed."""
    now = progress(session, job)
    click.echo(
        f"{job.state}: {now.total or 0:,} rows, {now.done:,} done, {now.failed:,} failed (job {job.id})"
    )
    refusals = jobs.iter_refusals(session, job.workspace_id, job.id)
    for row in islice(refusals, SHOWN_REFUSALS):
        reason = Refusal(row.line, row.column, row.value, row.code).reason("en")
        click.echo(f"  line {row.line}, {row.column or 'row'}: {row.value!r} {reason}")
    if now.failed > SHOWN_REFUSALS:
        click.echo(f"  … all of them: /api/v1/jobs/{job.id}/errors.csv")
    if job.state != "succeeded":
        click.echo(now.error or job.error, err=True)
        sys.exit(1)
