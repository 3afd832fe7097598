"""Shapes of answers; the server may add keys, and leaves out what it does not know."""

from typing import Any, NotRequired, TypedDict


class Sentiment(TypedDict):
    """`label` is negative, neutral, positive or uncertain; `score` is positive minus negative."""

    label: str
    score: float
    negative: float
    neutral: float
    positive: float


class Aspect(TypedDict):
    """What is spoken of, what is said of it, and where it stands in the text."""

    category: str
    aspect: str
    opinion: str
    polarity: str
    start: int
    end: int


class Suspect(TypedDict):
    """Whether a text looks bought or copied."""

    is_suspect: bool
    reasons: list[str]


class Analysis(TypedDict, total=False):
    """What was found in one text; `only` leaves parts out."""

    sentiment: Sentiment
    aspects: list[Aspect]
    keywords: list[str]
    suspect: Suspect
    pii: list[str]
    language: str
    analyzer: str


class Job(TypedDict):
    """Work under way: `state` is queued, running, succeeded, failed or cancelled."""

    id: str
    kind: str
    state: str
    stage: str
    stages: list[dict[str, Any]]
    total: int | None
    done: int
    failed: int
    rate: float | None
    eta_seconds: float | None
    error: str
    columns: NotRequired[dict[str, Any]]
    errors_url: str | None
    result_url: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None


class Product(TypedDict):
    """`external_id` is the shop's own number."""

    id: int
    external_id: str
    title: str
    description: str
    category: str
    brand: str
    price: float | None
    launched_at: str | None
    shop: str
    analysis: dict[str, Any] | None
    created_at: str
    updated_at: str


class Day(TypedDict, total=False):
    """Sales and what reviews said by the end of a day."""

    day: str
    units: float | None
    revenue: float | None
    price: float | None
    promo: float | None
    stockout: float | None
    views: float | None
    visitors: float | None
    carts: float | None
    extra: dict[str, float]
    reviews: float | None
    sentiment_mean: float | None
    sentiment_std: float | None
    negative_share: float | None
    positive_share: float | None
    rating_mean: float | None
    length_mean: float | None
    suspect_share: float | None
    smooth: dict[str, float]


class Review(TypedDict, total=False):
    """A review as it is stored, personal data masked."""

    id: int
    external_id: str
    source: str
    created_at: str
    day: str
    title: str
    text: str
    rating: float | None
    sku: str
    channel: str
    label: str | None
    score: float | None
    aspects: list[Aspect]
    keywords: list[str]
    is_suspect: bool
    suspect_reasons: list[str]
    pii: list[str]


class Point(TypedDict):
    """A day to come: expected units, and bands such as ``{"lo-80": 3.1, "hi-80": 7.4}``."""

    ds: str
    yhat: float
    bands: dict[str, float]


class Driver(TypedDict):
    """What moves the forecast, in units."""

    name: str
    group: NotRequired[str]
    effect: float
    polarity: NotRequired[str]
    reviews: NotRequired[list[int]]


class Run(TypedDict):
    """A forecast, its bands, its reasons and how far to trust it."""

    id: str
    product_id: int
    state: str
    error: str
    horizon: int
    level: list[int]
    models: str
    model: str
    points: list[Point]
    drivers: list[Driver]
    evidence: list[int]
    lift: dict[str, Any] | None
    lags: list[dict[str, Any]]
    direction: dict[str, Any] | None
    coverage: dict[str, float]
    changes: list[dict[str, Any]]
    cutoff: str
    scenario: dict[str, Any]
    warnings: list[str]
    remarks: list[dict[str, Any]]
    assumptions: dict[str, Any]
    versions: dict[str, str]
    stale: bool
    created_at: str
    finished_at: str | None
