"""Reading a few texts at once."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

from flask import Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from storage import jobs as stored
from storage.models import Job
from webapp import jobs
from webapp.api.blueprint import ApiBlueprint
from webapp.api.idempotency import idempotent
from webapp.api.jobs import JobSchema, accepted
from webapp.auth.access import current_workspace, principal, role_required
from webapp.database import open_session, session
from webapp.problems import Problem

PARTS = ("sentiment", "aspects", "keywords", "suspect", "pii")
POLL_SECONDS = 0.1
ENDED = ("succeeded", "failed", "cancelled")
P = ParamSpec("P")

blueprint = ApiBlueprint("analyze", __name__, "Sentiment, aspects and keywords of a few texts.")


class AnalyzeSchema(Schema):
    """Up to 64 texts of up to 10,000 characters, and which parts are wanted."""

    texts = fields.List(fields.String(validate=Length(max=10_000)), required=True, validate=Length(1, 64))
    only = fields.List(fields.String(validate=OneOf(PARTS)), load_default=None, validate=Length(min=1))


class SentimentSchema(Schema):
    """How the writer feels; `score` is positive minus negative."""

    label = fields.String(validate=OneOf(("negative", "neutral", "positive", "uncertain")))
    score = fields.Float()
    negative = fields.Float()
    neutral = fields.Float()
    positive = fields.Float()


class AspectSchema(Schema):
    """What the writer speaks about, and where in the text."""

    category = fields.String()
    aspect = fields.String()
    opinion = fields.String()
    polarity = fields.String()
    start = fields.Integer()
    end = fields.Integer()


class SuspectSchema(Schema):
    """Whether the text looks bought or copied, and why."""

    is_suspect = fields.Boolean()
    reasons = fields.List(fields.String())


class AnalysisSchema(Schema):
    """What was found in one text."""

    sentiment = fields.Nested(SentimentSchema)
    aspects = fields.List(fields.Nested(AspectSchema))
    keywords = fields.List(fields.String())
    suspect = fields.Nested(SuspectSchema)
    pii = fields.List(fields.String())
    language = fields.String()
    analyzer = fields.String()


class AnalysesSchema(Schema):
    """Results in the order of the texts."""

    results = fields.List(fields.Nested(AnalysisSchema), required=True)
    analyzer = fields.String()


def answered_in_time(view: Callable[P, Response]) -> Callable[P, Response]:
    """Turn the 202 of `view` into the results, if its job has them within `ANALYZE_WAIT_SECONDS`."""

    @wraps(view)
    def patient(*args: P.args, **kwargs: P.kwargs) -> Response:
        started = view(*args, **kwargs)
        job = _wait(UUID(started.get_json()["id"]), current_app.config["ANALYZE_WAIT_SECONDS"])
        if job.state in ("failed", "cancelled"):
            raise Problem(
                503, gettext("The texts could not be read: %(reason)s", reason=job.error or job.state)
            )
        return jsonify(job.result) if job.state == "succeeded" else started

    return patient


@blueprint.route("/analyze", methods=["POST"])
@role_required("analyst")
@answered_in_time
@idempotent
@blueprint.arguments(AnalyzeSchema)
@blueprint.alt_response(
    200, schema=AnalysesSchema, description="The results, when they were there within 10 s."
)
@blueprint.response(202, JobSchema, description="Still at work; `Location` says where to look.")
def analyze(wish: dict[str, Any]) -> ResponseReturnValue:
    """Read up to 64 texts; answers with the results within 10 seconds, else with a job."""
    who = principal()
    texts = wish["texts"]
    params = {"texts": texts} | ({"only": wish["only"]} if wish["only"] else {})
    user_id = who.user_id if who else None
    return accepted(
        jobs.start(session, current_workspace.id, "analyze", user_id=user_id, params=params, total=len(texts))
    )


def _wait(job_id: UUID, seconds: float) -> Job:
    """Look at the job until it has ended or time is up, holding no transaction open meanwhile."""
    deadline = time.monotonic() + seconds
    while True:
        with open_session() as glance:
            job = stored.get_job(glance, current_workspace.id, job_id)
        if job.state in ENDED or time.monotonic() >= deadline:
            return job
        time.sleep(POLL_SECONDS)
