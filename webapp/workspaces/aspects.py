"""The aspect tree: what reviews are searched for, and what the workspace changes about it."""

import re
import unicodedata
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage import aspects
from storage.errors import Conflict, NotFound
from storage.jobs import ACTIVE, get_job
from storage.models import Job
from webapp import jobs
from webapp.auth.access import current_workspace, login_required_page, principal, role_required
from webapp.auth.audit import note
from webapp.database import session
from webapp.dictionary import score_anew

BETWEEN = re.compile(r"[\s,，、;；]+")


def add_routes(settings: Blueprint) -> None:
    """Put the pages at /settings/aspects."""
    settings.add_url_rule("/aspects", "aspects", tree)
    settings.add_url_rule("/aspects/edit", "edit_aspect", edit)
    settings.add_url_rule("/aspects/trials", "try_aspect", attempt, methods=["POST"])
    settings.add_url_rule("/aspects/studies/<uuid:aspect_study_id>", "aspect_study", study)
    settings.add_url_rule(
        "/aspects/studies/<uuid:aspect_study_id>/apply", "apply_aspect", apply, methods=["POST"]
    )


@login_required_page
def tree() -> ResponseReturnValue:
    """Show the categories with their words, and what the workspace changes about them."""
    return _page("aspects", branches=aspects.branches(session, current_workspace.id))


@role_required("analyst")
def edit() -> ResponseReturnValue:
    """Show the form of a category; without a name, of a new one."""
    name = request.args.get("name", "")
    known = {branch.name: branch for branch in aspects.branches(session, current_workspace.id)}
    if name and name not in known:
        raise NotFound("category", name)
    return _page("aspect_edit", branch=known.get(name), most=aspects.MOST_WORDS)


@role_required("analyst")
def attempt() -> ResponseReturnValue:
    """Start trying what the form says on the newest reviews; nothing is changed yet."""
    wish, fault = read_wish()
    if fault:
        flash(fault, "error")
        return redirect(url_for("settings.aspects"))
    who = principal()
    job = jobs.start(
        session,
        current_workspace.id,
        "analyze",
        user_id=who.user_id if who else None,
        params={"aspects": wish},
        total=1,
    )
    session.commit()
    return redirect(url_for("settings.aspect_study", aspect_study_id=job.id))


@role_required("analyst")
def study(aspect_study_id: UUID) -> ResponseReturnValue:
    """Show what the change would do, or that it is still being found out."""
    job = _study(aspect_study_id)
    part = "HX-Request" in request.headers
    return _page(
        "aspect_study_part" if part else "aspect_study",
        job=job,
        wish=job.params["aspects"],
        result=job.result or {},
        waiting=job.state in ACTIVE,
    )


@role_required("analyst")
def apply(aspect_study_id: UUID) -> ResponseReturnValue:
    """Make the change that was tried; everything is then read anew."""
    wish = _study(aspect_study_id).params["aspects"]
    who = principal()
    user_id = who.user_id if who else None
    known = {one.name: one for one in aspects.categories(session, current_workspace.id)}
    before = _told(known[wish["name"]]) if wish["name"] in known else None
    try:
        put = aspects.put_category(session, current_workspace.id, **wish, user_id=user_id)
    except Conflict:
        session.rollback()
        flash(_("Another category is called so already, or there are too many."), "error")
        return redirect(url_for("settings.aspects"))
    note(
        session,
        current_workspace.id,
        "aspects.put" if put else "aspects.reset",
        wish["name"],
        before=before,
        after=_told(put) if put else None,
    )
    job = score_anew(session, current_workspace.id, user_id)
    session.commit()
    flash(_("The aspects are changed. This job reads all reviews anew by them."))
    return redirect(url_for("pages.job", job_id=job.id))


def read_wish() -> tuple[dict[str, Any], str]:
    """Return what the form says of a category, and in words what is wrong with it, empty where nothing is."""
    known = {branch.name: branch for branch in aspects.branches(session, current_workspace.id)}
    name, shown = (_plain(request.form.get(field, "")) for field in ("name", "shown"))
    words = [word for word in BETWEEN.split(_plain(request.form.get("words", ""))) if word]
    wish = {"name": name, "shown": "" if shown == name else shown, "words": words, "is_off": False}
    if request.form.get("reset"):
        wish |= {"shown": "", "words": []}
        return wish, "" if name in known else _("There is no such category.")
    wish["is_off"] = name in known and not known[name].is_own and request.form.get("is_off") == "yes"
    bad = [word for word in words if not aspects.WORD.fullmatch(word)]
    others = [branch for branch in known.values() if branch.name != name]
    if not aspects.NAME.fullmatch(name) or (shown and not aspects.NAME.fullmatch(shown)):
        return wish, _("A category's name has 1 to 20 characters and no slash.")
    if bad or len(words) > aspects.MOST_WORDS:
        many = ", ".join(bad[:5]) or str(len(words))
        return wish, _(
            "Words of an aspect have 2 to 20 characters, and a category at most %(most)s: %(words)s",
            most=aspects.MOST_WORDS,
            words=many,
        )
    if (shown or name) in {taken for branch in others for taken in (branch.name, branch.shown)}:
        return wish, _("Another category is called so already, or there are too many.")
    if (name not in known or known[name].is_own) and not words:
        return wish, _("A category of your own needs at least one word.")
    return wish, ""


def _told(change: Any) -> dict[str, Any]:
    return {"shown": change.shown, "words": list(change.words), "off": change.is_off}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _study(study_id: UUID) -> Job:
    job = get_job(session, current_workspace.id, study_id)
    if "aspects" not in job.params:
        raise NotFound("study of aspects", study_id)
    return job


def _page(name: str, **shown: Any) -> str:
    return render_template(f"workspaces/{name}.html", section="settings.security", **shown)
