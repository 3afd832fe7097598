"""What a message says of an alert, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# White space too: what ends a line for Python, such as U+2028, is refused in the subject of a mail.
SPECIAL = re.compile(r"[*_`\[\]<>#|\s]")

TEST = {
    "zh": "**测试消息**\n这里会收到风评的提醒。",
    "en": "**Test message**\nAlerts of Fengping will arrive here.",
}
OPEN = {"zh": "查看", "en": "Open"}
BACK = {"zh": "再次出现", "en": "came back"}
WHAT = {
    "negative_share": {"zh": "差评占比上升", "en": "share of bad reviews rises"},
    "aspect_complaints": {"zh": "“{aspect}”差评上升", "en": "complaints about {aspect} rise"},
    "net_sentiment": {"zh": "净情感下降", "en": "net sentiment falls"},
    "below_band": {"zh": "销量低于预测区间", "en": "sales are below the forecast's band"},
    "forecast_falls": {"zh": "未来 14 天预测下降", "en": "forecast of the next 14 days falls"},
    "forecast_rises": {"zh": "未来 14 天预测上升", "en": "forecast of the next 14 days rises"},
    "stockout": {"zh": "缺货", "en": "out of stock"},
    "suspect_burst": {"zh": "疑似刷评集中出现", "en": "burst of suspect reviews"},
}
SHARES = ("negative_share", "aspect_complaints", "suspect_burst")
FIGURES = {
    "share": {
        "zh": "{now:.1%}（n={n}），此前 28 天 {before:.1%}（差 95% 区间 {low:+.1f} 至 {high:+.1f} 个百分点）",
        "en": "{now:.1%} (n={n}), 28 days before {before:.1%} (95% interval {low:+.1f} to {high:+.1f} pp)",
    },
    "net": {
        "zh": "{now:+.0f}（n={n}），此前 28 天 {before:+.0f}（差 95% 区间 {low:+.0f} 至 {high:+.0f}）",
        "en": "{now:+.0f} (n={n}), 28 days before {before:+.0f} (95% interval {low:+.0f} to {high:+.0f})",
    },
    "units": {
        "zh": "日均 {now:.1f} 件，对照 {before:.1f} 件",
        "en": "{now:.1f} units a day, against {before:.1f}",
    },
    "stockout": {"zh": "近 7 天缺货 {days:.0f} 天", "en": "{days:.0f} of the last 7 days"},
}
LOST = {"zh": "预计 14 天少卖 {lost:.0f} 件", "en": "about {lost:.0f} units lost in 14 days"}


def entry(body: Mapping[str, Any], language: str, public_url: str = "") -> str:
    """Write one alert as a few lines of markdown; what the shop named is stripped of markup.

    Parameters
    ----------
    body
        What `workers.alerts` queued; ``{"test": true}`` is a test message.
    public_url
        Where the pages are, "" for no link.
    """
    if body.get("test"):
        return TEST[language]
    aspect = body["aspect"] if language == "zh" else body.get("aspect_en", body["aspect"])
    what = WHAT[body["kind"]][language].format(aspect=plain(aspect))
    back = ("（{}）" if language == "zh" else " ({})").format(BACK[language]) if body.get("came_back") else ""
    lines = [f"**{plain(body['product'])}** · {what}{back}", f"> {body['day']} · {_figures(body, language)}"]
    if body.get("units_lost") is not None:
        lines.append(f"> {LOST[language].format(lost=body['units_lost'])}")
    if public_url:
        lines.append(f"[{OPEN[language]}]({public_url}/alerts?product={body['product_id']})")
    return "\n".join(lines)


def _figures(body: Mapping[str, Any], language: str) -> str:
    kind, now = body["kind"], body["now"]
    if kind == "stockout":
        return FIGURES["stockout"][language].format(days=now * 7)
    shape = "share" if kind in SHARES else "net" if kind == "net_sentiment" else "units"
    scale = 100 if shape == "net" else 1
    return FIGURES[shape][language].format(
        now=now * scale,
        before=body["before"] * scale,
        n=body["n"],
        low=(body["low"] or 0) * 100,
        high=(body["high"] or 0) * 100,
    )


def plain(name: str) -> str:
    """Strip a name that the shop gave of markup, and cut it."""
    return SPECIAL.sub(" ", name)[:60].strip()
