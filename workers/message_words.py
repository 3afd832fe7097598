"""What a message says: a headline for all that goes into it, and an entry for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workers import alert_words, report_words
from workers.alert_words import plain

ALERTS = {"zh": "风评提醒 · {n} 条", "en": "Fengping · {n} alert{s}"}
REPORT = {"zh": "风评周报 · {name}", "en": "Fengping weekly report · {name}"}
REPORTS = {"zh": "风评周报 · {n} 份", "en": "Fengping · {n} weekly reports"}
BOTH = {"zh": "风评 · 提醒 {n} 条，周报 {m} 份", "en": "Fengping · {n} alert{s}, {m} weekly report{t}"}


def headline(bodies: Sequence[Mapping[str, Any]], language: str) -> str:
    """Return the headline of a message of alerts, weekly reports or both; one report is named."""
    reports = [body["report"] for body in bodies if "report" in body]
    m, n = len(reports), len(bodies) - len(reports)
    count = {"n": n, "m": m, "s": "" if n == 1 else "s", "t": "" if m == 1 else "s"}
    if m and n:
        return BOTH[language].format(**count)
    if m == 1:
        return REPORT[language].format(name=plain(report_words.name(reports[0], language)))
    if m:
        return REPORTS[language].format(n=m)
    return ALERTS[language].format(**count)


def longest_headline(bodies: Sequence[Mapping[str, Any]], language: str) -> str:
    """Return the longest headline that the first so many of some bodies can have.

    Counts only grow; but a report that goes alone is named.
    """
    found = (headline(bodies, language), headline(bodies[:1], language))
    return max(found, key=lambda text: len(text.encode()))


def entry(body: Mapping[str, Any], language: str, public_url: str = "") -> str:
    """Write one alert, weekly report or test as a few lines of markdown."""
    if "report" in body:
        return report_words.entry(body["report"], language, plain)
    return alert_words.entry(body, language, public_url)
