"""Forecasts: asked for, computed by a worker, read back with their reasons."""

from typing import Any
from uuid import UUID

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from storage import forecasts as stored
from storage import stamps
from storage.models import ForecastRun
from webapp import forecasts
from webapp.api.blueprint import ApiBlueprint
from webapp.api.idempotency import idempotent
from webapp.api.jobs import JobSchema, accepted
from webapp.api.kept import answer
from webapp.auth.access import current_workspace, principal, role_required
from webapp.database import session

STATES = ("queued", "running", "succeeded", "failed")
MODELS = (
    *("auto", "SeasonalNaive", "ARIMA", "ETS", "Theta", "MSTL", "CrostonSBA", "TSB", "ADIDA"),
    *("Hybrid", "Trees", "TreesTweedie", "TreesPoisson", "Regression", "ElasticNet", "Analogues"),
    *("LSTM", "GRU", "TCN"),
)
LEVELS = (80, 95)

blueprint = ApiBlueprint("forecasts", __name__, "What will be sold, how sure that is, and why.")


class YesOrNo(fields.Boolean):
    """True or false and nothing that Python takes for it, such as 0."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class ReviewsSchema(Schema):
    """More or fewer reviews that blame or praise an aspect, of those of the last four weeks."""

    aspect = fields.String(required=True, validate=Length(1, 64), metadata={"example": "物流"})
    polarity = fields.String(required=True, validate=OneOf(("negative", "positive")))
    change = fields.Float(
        required=True, validate=Range(-1, 10), metadata={"description": "-0.3: three in ten fewer."}
    )


class ScenarioSchema(Schema):
    """What would be different in the days to come; only what is named changes."""

    promo = fields.Float(validate=Range(min=0))
    price = fields.Float(validate=Range(min=0, min_inclusive=False), metadata={"exclusiveMinimum": True})
    discount = fields.Float(validate=Range(0, 1), metadata={"description": "Share off the last price."})
    holiday = YesOrNo(metadata={"description": "The days are days off, or ordinary ones."})
    sentiment = fields.List(fields.Nested(ReviewsSchema), validate=Length(1, 10))
    start = fields.Date(data_key="from")
    end = fields.Date(data_key="to")


class WishSchema(Schema):
    """Which forecast."""

    horizon = fields.Integer(load_default=14, strict=True, validate=Range(1, 90))
    level = fields.List(
        fields.Integer(strict=True, validate=OneOf(LEVELS)),
        load_default=list(LEVELS),
        validate=Length(1, len(LEVELS)),
        metadata={"description": "Bands that are wanted, in percent; the answer has at least these."},
    )
    models = fields.String(load_default="auto", validate=OneOf(MODELS))
    scenario = fields.Nested(ScenarioSchema, load_default=dict)


class PointSchema(Schema):
    """A day to come; bands are named `lo-80`, `hi-80`, `lo-95`, `hi-95`."""

    ds = fields.Date(required=True)
    yhat = fields.Float(required=True)
    bands = fields.Dict(keys=fields.String(), values=fields.Float())


class DriverSchema(Schema):
    """What moves the days to come, in units against the usual."""

    name = fields.String(required=True)
    group = fields.String(
        metadata={"description": "season, trend, promotion, price, holiday, sentiment, or a column's name."}
    )
    effect = fields.Float(required=True)
    polarity = fields.String(metadata={"description": "Of an aspect: negative or positive."})
    reviews = fields.List(
        fields.Integer(), metadata={"description": "Ids of the reviews without which the effect is gone."}
    )


class DirectionSchema(Schema):
    """Whether the days to come sell more than as many before, and how right that was over all products."""

    p_up = fields.Float(required=True, metadata={"description": "Probability that they do."})
    brier = fields.Float(allow_none=True, metadata={"description": "Brier score in the backtest."})
    brier_base = fields.Float(allow_none=True, metadata={"description": "That of the base rate."})
    accuracy = fields.Float(allow_none=True)
    base_rate = fields.Float(allow_none=True, metadata={"description": "How often more was sold so far."})
    n = fields.Integer(allow_none=True, metadata={"description": "Forecasts that were judged."})
    reason = fields.String(allow_none=True, metadata={"description": "What the probability rests on."})


class RemarkSchema(Schema):
    """A warning or a refusal that a program can put into words of its own."""

    code = fields.String(required=True, metadata={"example": "below_seen"})
    detail = fields.String(required=True, metadata={"description": "It in English."})
    values = fields.Dict(required=True, metadata={"description": "What it speaks of."})


class RunSchema(Schema):
    """A forecast, its bands, its reasons and how far to trust it."""

    id = fields.UUID(required=True)
    product_id = fields.Integer(required=True)
    state = fields.String(required=True, validate=OneOf(STATES))
    error = fields.String(required=True)
    horizon = fields.Integer(required=True)
    level = fields.List(fields.Integer(), required=True)
    models = fields.String(required=True, metadata={"description": "What was asked for."})
    model = fields.String(required=True, metadata={"description": "What was used."})
    points = fields.List(fields.Nested(PointSchema), required=True)
    drivers = fields.List(fields.Nested(DriverSchema), required=True)
    evidence = fields.List(fields.Integer(), required=True, metadata={"description": "Ids of reviews."})
    lift = fields.Dict(
        allow_none=True, metadata={"description": "Worth of sentiment: errors, p-value, verdict."}
    )
    lags = fields.List(
        fields.Dict(),
        required=True,
        metadata={"description": "By how many days reviews, and complaints about aspects, lead sales."},
    )
    direction = fields.Nested(
        DirectionSchema, allow_none=True, metadata={"description": "Whether it sells more than before."}
    )
    coverage = fields.Dict(metadata={"description": "Share of past days inside each band, beside its level."})
    changes = fields.List(
        fields.Dict(),
        required=True,
        metadata={"description": "Days `ds` from which sales a day went from `before` to `after`."},
    )
    cutoff = fields.Date(required=True, metadata={"description": "Last day of the data it knew."})
    scenario = fields.Dict(required=True)
    warnings = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What the scenario asks beyond anything seen."},
    )
    remarks = fields.List(
        fields.Nested(RemarkSchema),
        required=True,
        metadata={"description": "The warnings, or why a scenario was refused, by code."},
    )
    assumptions = fields.Dict(required=True, metadata={"description": "What was assumed of days to come."})
    versions = fields.Dict(required=True)
    stale = fields.Boolean(required=True, metadata={"description": "Newer data has come in since."})
    created_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(allow_none=True)


class RefreshSchema(Schema):
    """Nothing needs to be said."""


def run_view(run: ForecastRun) -> dict[str, Any]:
    """Return `run` as the API shows it."""
    found = _findings(run)
    computed = {
        "changes": found.get("changes", []),
        "lags": found.get("lags", []),
        "stale": stored.is_stale(session, run),
    }
    return {
        name: getattr(run, name) for name in RunSchema._declared_fields if name not in computed
    } | computed


def _findings(run: ForecastRun) -> dict[str, Any]:
    """Return what the training of the run's model found; nothing before it ran or once the model is gone."""
    if run.model_id is None:
        return {}
    backtest = stored.get_backtest(session, run.workspace_id, run.product_id, run.model_id)
    return backtest.findings if backtest else {}


@blueprint.route("/products/<int:product_id>/forecasts", methods=["POST"])
@role_required("analyst")
@idempotent
@blueprint.arguments(WishSchema, required=False)
@blueprint.alt_response(200, schema=RunSchema, description="It was already there.", success=True)
@blueprint.response(202, RunSchema, description="It is being computed; `Location` says where to look.")
def create(wish: dict[str, Any], product_id: int) -> ResponseReturnValue:
    """Forecast a product; asking for the same twice makes one run."""
    wish["scenario"] = ScenarioSchema().dump(wish["scenario"])
    wish["level"] = LEVELS  # a run is shared by all who ask this question, whichever bands they look at
    run, _created = forecasts.request_forecast(session, current_workspace.id, product_id, **wish)
    status = 200 if run.state == "succeeded" else 202
    return run_view(run), status, {"Location": url_for("forecasts.get", run_id=run.id)}


@blueprint.route("/forecasts/<uuid:run_id>")
@role_required("viewer")
@blueprint.response(200, RunSchema)
def get(run_id: UUID) -> Response:
    """Get a forecast: points with bands, drivers, evidence, lift of sentiment, realised coverage."""
    stamp = stamps.run_stamp(session, current_workspace.id, run_id)
    return answer(stamp, RunSchema, lambda: run_view(stored.get_run(session, current_workspace.id, run_id)))


@blueprint.route("/workspace/refresh", methods=["POST"])
@role_required("analyst")
@idempotent
@blueprint.arguments(RefreshSchema, required=False)
@blueprint.response(202, JobSchema)
def refresh(_nothing: dict[str, Any]) -> ResponseReturnValue:
    """Train the models on today's data and forecast every product again, without waiting for the night."""
    who = principal()
    return accepted(forecasts.request_refresh(session, current_workspace.id, who.user_id if who else None))
