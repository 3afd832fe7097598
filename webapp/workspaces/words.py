"""The dictionary workbench: the workspace's own words, new ones to add, and what a change would do."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage import dictionary
from storage.errors import Conflict, NotFound
from storage.jobs import ACTIVE, get_job
from storage.models import WORD_KINDS, Job
from webapp import dictionary as changes
from webapp.auth.access import current_workspace, principal, role_required
from webapp.database import session
from webapp.workspaces.cuts import cut

PAGE = 100
SUGGESTIONS = {"top": 50, "least": 5}


def add_routes(settings: Blueprint) -> None:
    """Put the pages at /settings/dictionary."""
    settings.add_url_rule("/dictionary", "dictionary", words)
    settings.add_url_rule("/dictionary/suggestions", "suggest_words", suggest, methods=["POST"])
    settings.add_url_rule("/dictionary/trials", "try_words", attempt, methods=["POST"])
    settings.add_url_rule("/dictionary/studies/<uuid:study_id>", "word_study", study)
    settings.add_url_rule("/dictionary/studies/<uuid:study_id>/apply", "apply_words", apply, methods=["POST"])


@role_required("analyst")
def words() -> ResponseReturnValue:
    """Show the words, newest first, and the forms to add one and to look for new ones."""
    cursor = request.args.get("cursor")
    page = dictionary.list_words(session, current_workspace.id, cursor=cursor, limit=PAGE)
    return _page("dictionary", words=page.items, next=page.next, kinds=WORD_KINDS)


@role_required("analyst")
def suggest() -> ResponseReturnValue:
    """Start looking for words that the newest reviews have and no dictionary."""
    return _start({"suggest": SUGGESTIONS})


@role_required("analyst")
def attempt() -> ResponseReturnValue:
    """Start trying a change; nothing is changed yet."""
    given = [word for word in request.form.getlist("word") if word.strip()][: changes.MOST_AT_ONCE]
    removed = request.form.getlist("remove")[: changes.MOST_AT_ONCE]
    kind, weight = request.form.get("kind", "keep"), request.form.get("weight", "").strip()
    bad = [word for word in given if changes.cleaned(word) is None]
    if bad:
        flash(
            _(
                "Not for a dictionary: %(words)s. A word has 2 to 20 Chinese characters, letters and digits.",
                words=", ".join(bad),
            ),
            "error",
        )
    elif kind not in WORD_KINDS or (weight and not _is_weight(weight)):
        flash(_("The weight is a whole number from 1 to 10,000,000, or nothing."), "error")
    elif not given and not removed:
        flash(_("Choose a word first."), "error")
    else:
        number = int(weight) if weight else None
        wish = [{"word": changes.cleaned(word), "kind": kind, "weight": number} for word in given]
        return _start({"preview": {"words": wish, "remove": removed}})
    return redirect(url_for("settings.dictionary"))


@role_required("analyst")
def study(study_id: UUID) -> ResponseReturnValue:
    """Show what was found, or that it is still being looked for; htmx asks for the part that changes."""
    job = _study(study_id)
    wish, result = job.params["words"], job.result or {}
    return _page(
        "word_study_part" if "HX-Request" in request.headers else "word_study",
        job=job,
        wish=wish,
        result=result,
        waiting=job.state in ACTIVE,
        cuts=[cut(**example) for example in result.get("examples", [])],
    )


@role_required("analyst")
def apply(study_id: UUID) -> ResponseReturnValue:
    """Make the change that was tried; everything is then scored anew."""
    wish = _study(study_id).params["words"].get("preview")
    if wish is None:
        raise NotFound("trial", study_id)
    who = principal()
    user_id = who.user_id if who else None
    try:
        changes.remove_words(session, current_workspace.id, wish["remove"])
        if wish["words"]:
            changes.put_words(session, current_workspace.id, wish["words"], user_id)
    except Conflict:
        session.rollback()
        most = dictionary.MOST_WORDS
        flash(_("A dictionary holds %(most)s words. Remove some first.", most=most), "error")
        return redirect(url_for("settings.dictionary"))
    job = changes.score_anew(session, current_workspace.id, user_id)
    session.commit()
    flash(_("The words are changed. This job reads all reviews anew by them."))
    return redirect(url_for("pages.job", job_id=job.id))


def _start(wish: dict[str, Any]) -> ResponseReturnValue:
    who = principal()
    job = changes.study(session, current_workspace.id, wish, who.user_id if who else None)
    session.commit()
    return redirect(url_for("settings.word_study", study_id=job.id))


def _study(study_id: UUID) -> Job:
    job = get_job(session, current_workspace.id, study_id)
    if "words" not in job.params:
        raise NotFound("study of words", study_id)
    return job


def _is_weight(weight: str) -> bool:
    return weight.isdecimal() and 1 <= int(weight) <= dictionary.HEAVIEST


def _page(name: str, **shown: Any) -> str:
    return render_template(f"workspaces/{name}.html", section="settings.security", **shown)
