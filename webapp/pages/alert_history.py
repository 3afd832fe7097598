"""What a rule would have said about the stored past; the days are read once for all its sensitivities."""

from collections import OrderedDict
from datetime import timedelta
from threading import Lock
from typing import Any

from flask import Flask, current_app

from alerting import Days, Replay, Rule, replay
from storage.alert_days import last_day_of, product_columns, products_in
from storage.models import AlertRule
from webapp.auth.access import current_workspace
from webapp.database import session

LOOKED = 365
BEFORE = 35
MOST_PRODUCTS = 20
KEPT = 8

History = dict[int, Days]


class Histories:
    """The days asked for last, by what they were read for; threads share them, processes do not."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Any, History] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any) -> History | None:
        """Return the days, or None where they are not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: Any, history: History) -> None:
        """Keep days; the ones not asked for longest go first."""
        with self._lock:
            self._kept[key] = history
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def init_app(app: Flask) -> None:
    """Give `app` days of its own."""
    app.extensions["histories"] = Histories()


def replayed(rule: AlertRule) -> Replay:
    """Let a rule, kept or not yet, look at each day of the last year of its products.

    At most twenty products, those with most reviews; kept until a job changes the workspace's data.
    """
    histories: Histories = current_app.extensions["histories"]
    scope = tuple(sorted((name, str(value)) for name, value in rule.scope.items()))
    key = (rule.workspace_id, current_workspace.data_version, rule.kind, scope)
    found = histories.get(key)
    if found is None:
        found = _read(rule)
        histories.keep(key, found)
    return replay(Rule(rule.kind, rule.sensitivity, rule.aspect), found, LOOKED)


def _read(rule: AlertRule) -> History:
    end = last_day_of(session, rule.workspace_id, rule.kind)
    if end is None:
        return {}
    start = end - timedelta(days=LOOKED + BEFORE - 1)
    product_ids = products_in(session, rule, MOST_PRODUCTS)
    columns = product_columns(session, rule.workspace_id, product_ids, start, end, rule.kind)
    return {product_id: Days(start, known) for product_id, known in columns.items()}
