"""A report on a tuned model as a page of Markdown, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

NAMES = {
    "negative": "负面 negative",
    "neutral": "中性 neutral",
    "positive": "正面 positive",
    "uncertain": "不确定 uncertain",
}
MEASURED = {
    "accuracy": "准确率 accuracy",
    "macro_f1": "macro-F1",
    "calibration_error": "校准误差 calibration error",
    "uncertain": "不确定比例 uncertain",
}
PARTS = {"trained_on": "参与训练 trained on", "held_back": "留作验证 held back"}


def page(report: Mapping[str, Any], folder: str) -> str:
    """The page of a report.

    Parameters
    ----------
    report : mapping
        As `nlp.training.tune_report.compare`.
    folder : str
        Where the new model lies.
    """
    parts = [
        f"# 微调报告 Tuning report: {report['before']} → {report['after']}",
        verdict(report["against"], folder),
        "## 数据 Rows",
        _table(["", ""], report["rows"].items()),
        "## 验证集 Validation rows",
        _validation(report["validation"]),
        "## 改判 Corrections",
        _table(
            ["", "条数 count", "原模型正确 right before", "新模型正确 right after"],
            ([PARTS[name], *part.values()] for name, part in report["corrections"].items()),
        ),
        "## 标签变化 Labels that would change",
        _changes(report["changes"]),
        "## 变化最大的文本 Largest changes",
        _table(["原来 before", "之后 after", "文本 text"], map(_largest, report["largest"])),
    ]
    return "\n\n".join(parts) + "\n"


def verdict(against: Sequence[str], folder: str) -> str:
    """Whether to switch, in a sentence or two; nothing is switched by itself."""
    if against:
        reasons = "\n".join(f"- {reason}" for reason in against)
        return f"**不要切换。Do not switch.**\n\n{reasons}"
    return f"**可以切换：没有变差。It is not worse and may be switched on:** `SENTIMENT_MODEL={folder}`"


def _validation(found: Mapping[str, Any]) -> str:
    before, after = found["before"], found["after"]
    rows = [[name, *(_measure(model, key) for model in (before, after))] for key, name in MEASURED.items()]
    paired = (
        f"{after['rows']} 条 rows. 只有新模型正确 right only after: {found['mended']}; "
        f"只有原模型正确 right only before: {found['spoilt']} (p = {found['p_value']})."
    )
    return f"{_table(['', '原模型 before', '新模型 after'], rows)}\n\n{paired}"


def _measure(model: Mapping[str, Any], key: str) -> str:
    if key != "accuracy":
        return f"{model[key]:.4f}"
    low, high = model["accuracy_ci"]
    return f"{model[key]:.4f} ({low:.4f}–{high:.4f})"


def _changes(found: Mapping[str, Any]) -> str:
    share = found["changed"] / max(found["texts"], 1)
    rows = [[NAMES[row["from"]], NAMES[row["to"]], row["count"]] for row in found["labels"]]
    told = f"{found['texts']} 条文本中有 {found['changed']} 条 ({share:.1%}) of the texts."
    return f"{told}\n\n{_table(['原来 from', '之后 to', '条数 count'], rows)}"


def _largest(row: Mapping[str, Any]) -> list[str]:
    sides = [f"{NAMES[row[side]['label']]} {row[side]['score']:+.2f}" for side in ("before", "after")]
    return [*sides, " ".join(row["text"].replace("|", "\\|").split())]


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
