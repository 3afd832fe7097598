"""What every template may call."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import current_app, request, url_for

from storage.models import Workspace
from webapp.auth import principal
from webapp.language import language
from webapp.pages import alert_words, aspect_names, format, glossary, names
from webapp.pages.remarks import run_remarks


def moment(value: datetime | None) -> str:
    """Format a moment in the shop's time zone."""
    return format.minute(value, current_app.extensions["settings"].timezone)


def in_language(value: float | None) -> str:
    """Shorten a count as the reader's language does."""
    return format.compact(value, language())


def language_url(code: str) -> str:
    """Return this page's address in another language."""
    if request.method != "GET" or request.endpoint is None:
        return url_for("pages.overview", lang=code)
    return url_for(request.endpoint, **{**(request.view_args or {}), **request.args.to_dict(), "lang": code})


FILTERS: dict[str, Callable[..., Any]] = {
    "compact": in_language,
    "grouped": format.grouped,
    "percent": format.percent,
    "signed": format.signed,
    "chance": format.chance,
    "day": format.day,
    "moment": moment,
    "duration": format.duration,
    "size": format.size,
}


def workspace() -> Workspace | None:
    """Return the reader's workspace; None for a stranger and for a user who is in none."""
    who = principal()
    return who.workspace if who else None


GLOBALS: dict[str, Callable[..., Any]] = {
    "workspace": workspace,
    "principal": principal,
    "role_name": names.role,
    "aspect_label": aspect_names.aspect_label,
    "alert_kind": alert_words.kind,
    "rule_name": alert_words.rule,
    "alert_state": alert_words.state,
    "channel_name": alert_words.channel,
    "language_url": language_url,
    "is_demo": names.is_demo,
    "sentiment_name": names.sentiment,
    "suspect_name": names.suspect,
    "state_name": names.state,
    "kind_name": names.job_kind,
    "stage_name": names.stage,
    "table_name": names.table,
    "word_kind": names.word_kind,
    "driver_name": names.driver,
    "version_name": names.version,
    "assumption_name": names.assumption,
    "model_name": names.model,
    "file_kind": names.file_kind,
    "file_kind_hint": names.file_kind_hint,
    "run_remarks": run_remarks,
    "problem_name": names.problem,
    "define": glossary.term,
}
