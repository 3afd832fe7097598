"""One review as pages show it, and 改判: saying what it means."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug import Response

from storage import relabels
from storage.chunks import pending_chunks
from storage.models import RELABELS, Relabel, Review
from storage.reviews import get_review
from storage.wakeups import wakeups_of
from webapp.auth import current_workspace, principal, role_required
from webapp.auth.audit import note
from webapp.database import session
from webapp.enqueue import enqueue_wakeups
from webapp.pages.highlight import Part, parts
from webapp.problems import Problem


@dataclass(frozen=True)
class Shown:
    """A review, its text with aspects to mark, how sure its label is, and the person's label if one holds."""

    review: Review
    parts: list[Part]
    sure: float | None
    relabel: Relabel | None


def add_routes(pages: Blueprint) -> None:
    """Put 改判 at /reviews/<id>/label."""
    pages.add_url_rule("/reviews/<int:review_id>/label", "relabel", relabel, methods=["POST"])


def shown(reviews: Iterable[Review], aspect: str | None = None) -> list[Shown]:
    """Return reviews as pages show them.

    Parameters
    ----------
    aspect
        The category that was asked for: marked alone where a text has it.
    """
    listed = list(reviews)
    held = relabels.holding(session, current_workspace.id, [review.id for review in listed])
    return [
        Shown(review, parts(review.text, review.aspects, aspect), _sure(review), held.get(review.id))
        for review in listed
    ]


@role_required("analyst")
def relabel(review_id: int) -> ResponseReturnValue:
    """Let a person's label stand for a review, or undo it where the form says so."""
    review = get_review(session, current_workspace.id, review_id)
    before, label = review.label, request.form.get("label", "")
    if label in RELABELS:
        who = principal()
        relabels.relabel(session, current_workspace.id, review_id, label, who.user_id if who else None)
    elif label == "undo":
        relabels.undo(session, current_workspace.id, review_id)
    else:
        raise Problem(400, _("A label is one of %(labels)s, or undo.", labels=", ".join(RELABELS)))
    note(
        session,
        current_workspace.id,
        "review.undo" if label == "undo" else "review.relabel",
        review_id,
        before={"label": before},
        after={"label": review.label, "analyzer": review.scored_by},
    )
    job = relabels.request_rebuild(session, current_workspace.id, review.product_id)
    enqueue_wakeups(session, wakeups_of(pending_chunks(session, current_workspace.id, job.id)))
    session.commit()
    return _answer(review)


def _answer(review: Review) -> Response | str:
    """Return the review alone to htmx, the report of its product to a browser without scripts."""
    if request.headers.get("HX-Request"):
        [one] = shown([review])
        return render_template("pages/review.html", one=one)
    flash(_("Noted. The days of this product are counted anew."))
    args = {"day": review.day.isoformat(), "_anchor": "evidence"}
    return redirect(url_for("pages.product", product_id=review.product_id, **args))


def _sure(review: Review) -> float | None:
    """Return how probable the analyser holds its label; of an unsure one, the likeliest class."""
    by_label = {
        "negative": review.p_negative,
        "neutral": review.p_neutral,
        "positive": review.p_positive,
    }
    known = [value for value in by_label.values() if value is not None]
    return by_label.get(review.label or "", max(known, default=None)) if known else None
