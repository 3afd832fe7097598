"""Every name that a file for download says, in Chinese and English, by code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WORDS: dict[str, tuple[str, str]] = {
    # Sheets.
    "overview": ("概览", "Overview"),
    "daily": ("每日", "Daily"),
    "forecast": ("预测", "Forecast"),
    "sentiment": ("情感", "Sentiment"),
    "aspects": ("方面", "Aspects"),
    "models": ("模型对比", "Models"),
    "method": ("方法", "Method"),
    # Columns.
    "metric": ("指标", "Metric"),
    "value": ("数值", "Value"),
    "unit": ("单位", "Unit"),
    "before": ("上期", "Before"),
    "change": ("变化", "Change"),
    "n": ("样本数 n", "n"),
    "level": ("区间", "Interval"),
    "bound-low": ("区间下限", "Interval low"),
    "bound-high": ("区间上限", "Interval high"),
    "low": ("95% 下限", "95% low"),
    "high": ("95% 上限", "95% high"),
    "day": ("日期", "Day"),
    "units": ("销量", "Units sold"),
    "revenue": ("销售额", "Revenue"),
    "price": ("价格", "Price"),
    "promo": ("促销", "Promotion"),
    "stockout": ("缺货", "Out of stock"),
    "reviews": ("评论数", "Reviews"),
    "positive": ("正面", "Positive"),
    "neutral": ("中性、不确定或待分析", "Neutral, unsure or not scored yet"),
    "negative": ("负面", "Negative"),
    "sentiment_7": ("近 7 天情感均值", "Mean sentiment, 7 days"),
    "marked": ("标记", "Marked"),
    "yhat": ("预测", "Forecast"),
    "band80": ("80% 区间", "80% band"),
    "lo-80": ("80% 下限", "80% low"),
    "hi-80": ("80% 上限", "80% high"),
    "lo-95": ("95% 下限", "95% low"),
    "hi-95": ("95% 上限", "95% high"),
    "aspect": ("方面", "Aspect"),
    "mentions": ("提及数", "Mentions"),
    "reviewers": ("评论者数", "Reviewers"),
    "negative_share": ("负面占比", "Negative share"),
    "rating": ("平均星级", "Mean stars"),
    "model": ("模型", "Model"),
    "bias": ("偏差", "Bias"),
    "gain": ("相对朴素", "Against naive"),
    "chosen": ("采用", "Chosen"),
    "item": ("项目", "Item"),
    "content": ("内容", "Content"),
    "product_id": ("商品编号", "Product id"),
    "title": ("商品名称", "Title"),
    "category": ("类目", "Category"),
    "brand": ("品牌", "Brand"),
    "shop": ("店铺", "Shop"),
    "units_before": ("上期销量", "Units sold before"),
    "net_before": ("上期净情感值", "Net sentiment before"),
    "p_up": ("上涨概率", "Probability of a rise"),
    # Figures of the first sheet.
    "net": ("净情感值", "Net sentiment"),
    "positive_share": ("好评率", "Positive reviews"),
    "negative_rate": ("差评率", "Negative reviews"),
    "ahead": ("未来 {days} 天销量预测", "Forecast of the next {days} days"),
    "points": ("百分点", "pp"),
    "pieces": ("件", "units"),
    "rows": ("条", "reviews"),
    "percent": ("%", "%"),
    # Facts of the last sheet.
    "conclusion": ("结论", "Conclusion"),
    "period": ("统计区间", "Period"),
    "compared": ("对比区间", "Compared with"),
    "cutoff_sales": ("销量数据截止", "Sales up to"),
    "cutoff_reviews": ("评论数据截止", "Reviews up to"),
    "cutoff_forecast": ("预测所用数据截止", "Forecast made from data to"),
    "made_at": ("快照生成时间", "Snapshot taken"),
    "hash": ("快照哈希（SHA-256）", "Hash of the snapshot (SHA-256)"),
    "verdict": ("情感对预测的作用", "Does sentiment help the forecast"),
    "helps": ("有效", "Helps"),
    "none": ("无显著差异", "No significant difference"),
    "harms": ("有害", "Harms"),
    "wape_without": ("不含情感的误差 WAPE", "Error without sentiment (WAPE)"),
    "wape_with": ("含情感的误差 WAPE", "Error with sentiment (WAPE)"),
    "p_value": ("p 值", "p-value"),
    "q_value": ("q 值", "q-value"),
    "coverage": ("{level}% 区间的实际覆盖率", "Days really inside the {level}% band"),
    "driver": ("影响预测：{name}（件）", "Moves the forecast: {name} (units)"),
    "version": ("版本：{name}", "Version: {name}"),
    "counting": (
        "评论计入到达当天；净情感值 = 正面占比 − 负面占比；占比的区间为 Wilson 95%",
        "a review counts on the day it arrived; net = positive − negative share; Wilson's 95% interval",
    ),
    "band": (
        "各天界限之和，比合计所需的区间更宽",
        "the daily bounds added up, which is wider than needed",
    ),
    "band_of_total": ("合计的区间", "Band of the total"),
    "counted": ("计数方法", "Counting"),
    "nothing": ("没有数据", "No data"),
    # Models.
    "SeasonalNaive": ("季节朴素（重复上一周）", "Seasonal naive (last week again)"),
    "Regression": ("回归", "Regression"),
    "ElasticNet": ("弹性网络回归", "Elastic net"),
    "Trees": ("提升树", "Boosted trees"),
    "TreesTweedie": ("提升树（Tweedie 损失）", "Boosted trees (Tweedie loss)"),
    "TreesPoisson": ("提升树（Poisson 损失）", "Boosted trees (Poisson loss)"),
    "Analogues": ("相似商品", "Alike products"),
    "Ensemble": ("多模型加权", "Several models, weighted"),
    "Fengping": ("风评（按回测选择）", "Fengping (chosen by backtest)"),
    # Drivers.
    "promotion": ("促销与大促", "Promotions and shopping festivals"),
    "holiday": ("节假日", "Holidays and festivals"),
    "season": ("季节与星期", "Season and day of the week"),
    "trend": ("近期销量", "Recent sales"),
    "discount": ("折扣", "Discount"),
    "shopping_festival": ("大促", "Shopping festivals"),
    "weekday": ("星期", "Day of the week"),
    "views": ("浏览量", "Page views"),
    "visitors": ("访客数", "Visitors"),
    "carts": ("加购", "Added to cart"),
    "praised": ("{aspect}好评", "{aspect} praised"),
    "blamed": ("{aspect}差评", "{aspect} blamed"),
    "sentiment_other": ("其他评论情感", "Other review sentiment"),
    "felt": ("{name} + 情感", "{name} with sentiment"),
    # Versions.
    "analyzer": ("分析器", "analyser"),
    "data": ("数据", "data"),
    "features": ("特征", "features"),
}


def word(code: str, language: str, **values: object) -> str:
    """Say a code in a language; a code that nobody knows, such as a shop's own column, is its own name.

    >>> word("units", "zh"), word("coverage", "en", level=80), word("visits", "zh")
    ('销量', 'Days really inside the 80% band', 'visits')
    """
    found = WORDS.get(code)
    return found[language == "en"].format(**values) if found else code


def aspect_name(category: str, figures: Mapping[str, Any], language: str) -> str:
    """Name an aspect of a snapshot where a line begins; a shop's own is as the shop wrote it.

    A snapshot that was made before aspects had English names has one name of each.

    >>> aspect_name("物流", {"aspect_names": {"物流": "delivery"}}, "en")
    'Delivery'
    """
    names: Mapping[str, str] = figures.get("aspect_names", {}) if language == "en" else {}
    english = names.get(category, category)
    return category if english == category else english[:1].upper() + english[1:]


def driver_name(code: str, polarity: str, figures: Mapping[str, Any], language: str) -> str:
    """Name what moves a forecast as the report's page does; a shop's own column keeps its name.

    >>> driver_name("sentiment:物流", "negative", {}, "zh"), driver_name("sentiment:other", "", {}, "en")
    ('物流差评', 'Other review sentiment')
    """
    group, of_aspect, category = code.partition(":")
    if not of_aspect or group != "sentiment":
        return word(code, language)
    how = {"positive": "praised", "negative": "blamed"}.get(polarity, "sentiment_other")
    return word(how, language, aspect=aspect_name(category, figures, language))


def model_name(alias: str, language: str) -> str:
    """Name a forecasting model, and tell whether sentiment corrects it."""
    base, _, felt = alias.partition("+")
    name = word(base, language)
    return word("felt", language, name=name) if felt else name
