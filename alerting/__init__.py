"""Alerts: when a rule speaks, how often it would have spoken, and what is lost meanwhile."""

from alerting.days import Days
from alerting.replay import Alarm, Replay, replay
from alerting.rules import KINDS, LEVELS, SENSITIVITIES, Rule, Signal, signals
from alerting.shares import difference, wilson
from alerting.worth import HORIZON, effect, strength, units_lost

__all__ = [
    "HORIZON",
    "KINDS",
    "LEVELS",
    "SENSITIVITIES",
    "Alarm",
    "Days",
    "Replay",
    "Rule",
    "Signal",
    "difference",
    "effect",
    "replay",
    "signals",
    "strength",
    "units_lost",
    "wilson",
]
