"""What a message says of a weekly report, in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

ALL = {"zh": "全部商品概览", "en": "All products"}
WEEKLY = {"zh": "周报 {week}", "en": "weekly report {week}"}
OPEN = {"zh": "查看报告与文件", "en": "Open the report and its file"}
COUNT = {"zh": "共 {n:,} 个商品", "en": "{n:,} products"}
SOLD = {
    "zh": "近 7 天（至 {until}）销量 {now:,.0f} 件，前 7 天 {before}",
    "en": "Last 7 days (to {until}): {now:,.0f} units, 7 days before {before}",
}
UNITS = {"zh": "{n:,.0f} 件", "en": "{n:,.0f}"}
UNKNOWN = {"zh": "无数据", "en": "unknown"}
GAPS = {
    "zh": "（有数据的天数：{days} 与 {days_before}）",
    "en": " (days with data: {days} and {days_before})",
}
NET = {
    "zh": "近 {days} 天（至 {until}）净情感 {now}，此前 {before}",
    "en": "Net sentiment, {days} days (to {until}): {now}, before {before}",
}
NET_NOW = {
    "zh": "{net:+.0f}（n={n:,}，95% 区间 {low:+.0f} 至 {high:+.0f}）",
    "en": "{net:+.0f} (n={n:,}, 95% interval {low:+.0f} to {high:+.0f})",
}
NET_BEFORE = {"zh": "{net:+.0f}（n={n:,}）", "en": "{net:+.0f} (n={n:,})"}
AHEAD = {
    "zh": "{start} 起 {days} 天预测 {n:,.0f} 件",
    "en": "Forecast of {days} days from {start}: {n:,.0f} units",
}
BAND = {
    "zh": "（80% 区间逐日相加 {low:,.0f} 至 {high:,.0f}）",
    "en": " (daily 80% bounds added up: {low:,.0f} to {high:,.0f})",
}
NOTHING = {"zh": "没有可用的数据", "en": "There are no figures yet"}


def name(report: Mapping[str, Any], language: str) -> str:
    """Return what a report shows: the product's title, or that it is of all."""
    return str(report["title"] or ALL[language])


def entry(report: Mapping[str, Any], language: str, plain: Callable[[str], str]) -> str:
    """Write a weekly report as a few lines of markdown.

    Parameters
    ----------
    report
        What `workers.weekly_messages` queued.
    plain
        Strips what the shop named of markup.
    """
    week = WEEKLY[language].format(week=report["week"]).strip()
    lines = [
        writer(report[key], language)
        for key, writer in (("products", _count), ("units", _sold), ("net", _net), ("ahead", _ahead))
        if report[key] is not None
    ]
    told = [f"> {line}" for line in lines or [NOTHING[language]]]
    link = [f"[{OPEN[language]}]({report['url']})"] if report["url"] else []
    return "\n".join([f"**{plain(name(report, language))}** · {week}", *told, *link])


def _count(count: int, language: str) -> str:
    return COUNT[language].format(n=count)


def _sold(units: Mapping[str, Any], language: str) -> str:
    before = UNKNOWN[language]
    if units["before"] is not None:
        before = UNITS[language].format(n=units["before"])
    text = SOLD[language].format(until=units["until"], now=units["now"], before=before)
    if units["days"] != 7 or units["days_before"] != 7:
        return text + GAPS[language].format(**units)
    change = (units["now"] / units["before"] - 1) if units["before"] else None
    if change is None:
        return text
    arrow = "↑" if change > 0 else "↓" if change < 0 else "→"
    return text + ("（{} {:+.1%}）" if language == "zh" else " ({} {:+.1%})").format(arrow, change)


def _net(net: Mapping[str, Any], language: str) -> str:
    before = UNKNOWN[language]
    if net["before"] is not None:
        before = NET_BEFORE[language].format(net=net["before"] * 100, n=net["n_before"])
    shown = {"net": net["now"] * 100, "low": net["low"] * 100, "high": net["high"] * 100}
    now = NET_NOW[language].format(**shown, n=net["n"])
    return NET[language].format(days=net["days"], until=net["until"], now=now, before=before)


def _ahead(ahead: Mapping[str, Any], language: str) -> str:
    text = AHEAD[language].format(start=ahead["from"], days=ahead["days"], n=ahead["units"])
    if ahead["low"] is None or ahead["high"] is None:
        return text
    return text + BAND[language].format(low=ahead["low"], high=ahead["high"])
