"""The words that readers see for codes that programs use."""

from flask_babel import lazy_gettext as _  # a name is translated when it is chosen, not its neighbours

from storage.models import Workspace
from webapp.pages.aspect_names import aspect_label


def is_demo(workspace: Workspace) -> bool:
    """Whether everything in the workspace is synthetic."""
    return workspace.name.lower() == "demo"


def sentiment(label: str | None) -> str:
    """Name a review's label."""
    return str(
        {
            "positive": _("Positive"),
            "neutral": _("Neutral"),
            "negative": _("Negative"),
            "uncertain": _("Unsure"),
        }.get(label or "", _("Not scored yet"))
    )


def suspect(code: str) -> str:
    """Name what is held against a review."""
    return str(
        {
            "empty": _("no content"),
            "default_text": _("the platform's default text"),
            "too_short": _("too short to say anything"),
            "filler": _("filler to reach a length"),
            "rating_contradicts": _("the stars contradict the words"),
            "duplicate": _("same text as several other reviews"),
            "template": _("nearly the same text as several other reviews"),
            "account_copies": _("the same account wrote the same under different products"),
            "busy_account": _("the same account wrote many reviews in a short time"),
            "burst": _("the product got unusually many reviews at that time"),
        }.get(code, code)
    )


def state(code: str) -> str:
    """Name a job's state."""
    return str(
        {
            "queued": _("Queued"),
            "running": _("Running"),
            "succeeded": _("Done"),
            "failed": _("Failed"),
            "cancelled": _("Cancelled"),
        }.get(code, code)
    )


def job_kind(code: str) -> str:
    """Name what a job does."""
    return str(
        {
            "import_reviews": _("Import reviews"),
            "import_products": _("Import products"),
            "import_sales": _("Import sales"),
            "import_orders": _("Import orders"),
            "score": _("Score reviews"),
            "analyze": _("Analyse texts"),
            "train": _("Train forecasts"),
            "refresh": _("Refresh forecasts"),
            "digest": _("Sum up reviews"),
            "undo": _("Undo an import"),
            "export": _("Export"),
        }.get(code, code)
    )


def table(code: str) -> str:
    """Name the rows of a table, as far as an import or a deletion tells of them."""
    return str(
        {
            "reviews": _("Reviews"),
            "sales": _("Days of sales"),
            "order_lines": _("Order lines"),
            "products": _("Products"),
            "exog_columns": _("What columns stand for"),
            "daily_features": _("Days of reviews, counted"),
            "product_digests": _("Sums of reviews"),
            "backtests": _("Backtests"),
            "forecast_runs": _("Forecasts"),
            "alert_items": _("Alerts"),
            "messages": _("Messages"),
            "exports": _("Files for download"),
            "snapshots": _("Frozen reports"),
            "refusals": _("Refused rows"),
            "idempotency_keys": _("Kept answers to programs"),
            "order_lines_unnamed": _("Order lines, name taken off"),
            "replaced_rows_unnamed": _("Kept rows, name taken off"),
        }.get(code, code)
    )


def word_kind(code: str) -> str:
    """Name what is done with a word of the dictionary."""
    return str({"keep": _("keep whole"), "split": _("take apart")}.get(code, code))


def role(code: str) -> str:
    """Name what somebody may do."""
    return str({"owner": _("Owner"), "analyst": _("Analyst"), "viewer": _("Viewer")}.get(code, code))


def stage(code: str) -> str:
    """Name a stage of a job."""
    return str(
        {
            "import": _("Read rows"),
            "score": _("Score reviews"),
            "suspects": _("Look for suspects"),
            "daily": _("Build days"),
            "digest": _("Sum up reviews"),
            "undo": _("Take back rows"),
            "export": _("Write the file"),
            "analyze": _("Analyse texts"),
            "train": _("Train models"),
            "forecast": _("Forecast"),
        }.get(code, code)
    )


def model(alias: str) -> str:
    """Name a forecasting model, and tell whether sentiment corrects it."""
    base, _plus, felt = alias.partition("+")
    name = {
        "SeasonalNaive": _("Seasonal naive (last week again)"),
        "Regression": _("Regression"),
        "ElasticNet": _("Elastic net"),
        "Trees": _("Boosted trees"),
        "TreesTweedie": _("Boosted trees (Tweedie loss)"),
        "TreesPoisson": _("Boosted trees (Poisson loss)"),
        "Analogues": _("Alike products"),
        "Ensemble": _("Several models, weighted"),
        "Fengping": _("Fengping (chosen by backtest)"),
    }.get(base, base)
    return str(_("%(name)s with sentiment", name=name) if felt else name)


def driver(code: str, polarity: str = "") -> str:
    """Name what moves a forecast; a column of the shop's own keeps its name."""
    group, of_aspect, category = code.partition(":")
    if of_aspect and group == "sentiment":
        aspect = aspect_label(category)
        praised, blamed = _("%(aspect)s praised", aspect=aspect), _("%(aspect)s blamed", aspect=aspect)
        other = _("Other review sentiment")
        return str({"positive": praised, "negative": blamed}.get(polarity, other))
    return str(
        {
            "usual": _("Usual level"),
            "ahead": _("Forecast"),
            "others": _("Everything else"),
            "sentiment": _("Review sentiment"),
            "reviews": _("Number of reviews"),
            "rating": _("Star rating"),
            "price": _("Price"),
            "discount": _("Discount"),
            "promo": _("Promotion"),
            "promotion": _("Promotions and shopping festivals"),
            "stockout": _("Out of stock"),
            "views": _("Page views"),
            "visitors": _("Visitors"),
            "carts": _("Added to cart"),
            "holiday": _("Holidays and festivals"),
            "shopping_festival": _("Shopping festivals"),
            "weekday": _("Day of the week"),
            "season": _("Season and day of the week"),
            "trend": _("Recent sales"),
        }.get(code, code)
    )


def assumption(code: str) -> str:
    """Name what was taken for the days to come of a column that is known ahead."""
    return str(
        {
            "plan": _("as planned"),
            "last": _("the last known value"),
        }.get(code, code)
    )


def version(code: str) -> str:
    """Name what a version number belongs to."""
    return str(
        {
            "model": _("Model version"),
            "features": _("Feature version"),
            "data": _("Data version"),
            "analyzer": _("Analyser version"),
        }.get(code, code)
    )


def problem(status: int) -> str | None:
    """Name an error of the web in words; None where the standard title will do."""
    found = {
        400: _("That request could not be understood"),
        403: _("You may not do that here"),
        404: _("There is nothing at this address"),
        413: _("That file is too large"),
        429: _("Too many requests, please wait a moment"),
        500: _("Something went wrong on our side"),
        503: _("Out of order for a moment"),
    }.get(status)
    return None if found is None else str(found)


def file_kind(code: str) -> str:
    """Name a kind of file."""
    return str(
        {
            "reviews": _("Reviews"),
            "products": _("Products"),
            "sales": _("Daily sales"),
            "orders": _("Orders"),
        }.get(code, code)
    )


def file_kind_hint(code: str) -> str:
    """Say which columns a kind of file needs."""
    return str(
        {
            "reviews": _("product id, time, text"),
            "products": _("product id, title"),
            "sales": _("product id, date, units"),
            "orders": _("order id, product id, time, quantity"),
        }.get(code, "")
    )
