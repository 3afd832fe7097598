"""A shop in PostgreSQL, made there: products, two years of days, reviews, a forecast for each product."""

from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from storage import accounts, months
from storage.forecasts import data_stamp
from storage.models import ForecastPoint, ForecastRun
from webapp.auth.tokens import generate_token, hash_token

DAYS, FIRST = 730, date(2024, 11, 1)
LAST = FIRST + timedelta(days=DAYS - 1)
HORIZON = 14
ASPECTS = ("物流", "包装", "客服", "价格", "质量", "外观")

_FILL = (
    """
    INSERT INTO products (workspace_id, external_id, title, description, category, brand, price, shop)
    SELECT :w, 'SKU' || n, '保温杯 不锈钢 ' || n || '号 500ml', repeat('真空保温，一键开盖，食品级内胆。', 8),
        '水杯', '风评', 39 + n, '旗舰店' FROM generate_series(1, :products) n
    """,
    """
    INSERT INTO sales (product_id, day, workspace_id, units, revenue, price, promo, stockout, views)
    SELECT id, CAST(:first AS date) + d, :w, 20 + mod(id * 7 + d * 3, 40), 900, 39.9,
        CAST(mod(d, 30) = 0 AS int), 0, 500 + mod(d, 90)
    FROM products, generate_series(0, :days - 1) d WHERE workspace_id = :w
    """,
    """
    INSERT INTO reviews (workspace_id, product_id, source, external_id, created_at, day, text, rating,
        user_key, label, score, p_negative, p_neutral, p_positive, aspects, keywords, language, scored_by)
    SELECT :w, p.id, 'tmall', 'r' || n, moment, moment::date, repeat('物流很快，包装严实，质量好。', 4),
        1 + mod(n * 31, 5), 'u' || mod(n * 7919, 400000),
        (ARRAY['negative','neutral','positive','positive','uncertain'])[1 + mod(n * 13, 5)],
        mod(n * 17, 200) / 100.0 - 1, 0.2, 0.2, 0.6,
        jsonb_build_array(
            jsonb_build_object('category', (CAST(:aspects AS text[]))[1 + mod(n, 6)], 'aspect', '发货速度',
                'opinion', '快', 'polarity', (ARRAY['negative','positive','neutral'])[1 + mod(n, 3)],
                'start', 0, 'end', 2)),
        ARRAY['词' || mod(n, 50), '词' || mod(n, 37), '很快'], 'zh', 'made up'
    FROM generate_series(1, CAST(:reviews AS bigint)) n
    JOIN products p ON p.workspace_id = :w AND p.external_id = 'SKU' || (1 + mod(n, :products)),
    LATERAL (SELECT CAST(:first AS date) + CAST(mod(n / :products, :days) AS int)
        + interval '1 second' * mod(n * 37, 86400) AS moment) m
    """,
    """
    INSERT INTO review_keys SELECT workspace_id, source, external_id, id FROM reviews WHERE workspace_id = :w
    """,
    """
    INSERT INTO daily_features (product_id, day, workspace_id, reviews, sentiment_mean, sentiment_std,
        negative_share, positive_share, rating_mean, length_mean, suspect_share, smooth, version)
    SELECT product_id, day, :w, count(*), avg(score), stddev_pop(score), 0.2, 0.4, avg(rating), 56, 0,
        '{"reviews_7": 13.5, "sentiment_mean_7": 0.11, "negative_share_7": 0.2, "positive_share_7": 0.4,
          "rating_mean_7": 3.1, "reviews_28": 13.6, "sentiment_mean_28": 0.12, "negative_share_28": 0.2,
          "positive_share_28": 0.4, "rating_mean_28": 3.0}', '1'
    FROM reviews WHERE workspace_id = :w GROUP BY product_id, day
    """,
)


def fill(session: Session, products: int = 100, reviews: int = 1_000_000) -> tuple[int, str]:
    """Make the shop; return its workspace and a token of a viewer. The caller commits."""
    workspace = accounts.create_workspace(session, "load").id
    token = generate_token()
    accounts.create_token(session, workspace, name="load", role="viewer", token_hash=hash_token(token))
    given = {
        "w": workspace,
        "products": products,
        "reviews": reviews,
        "days": DAYS,
        "first": FIRST,
        "aspects": list(ASPECTS),
    }
    months.make(session, (FIRST + timedelta(days=day) for day in range(DAYS)))
    for statement in _FILL:
        session.execute(text(statement), given)
    for product_id in session.scalars(text("SELECT id FROM products WHERE workspace_id = :w"), given).all():
        session.add(_run(workspace, product_id, data_stamp(session, workspace)))
    session.flush()
    return workspace, token


def _run(workspace: int, product_id: int, stamp: str) -> ForecastRun:
    points = [
        ForecastPoint(
            ds=LAST + timedelta(days=step),
            yhat=30.0 + step,
            bands={"lo-80": 20.0, "hi-80": 40.0, "lo-95": 12.0, "hi-95": 52.0},
        )
        for step in range(1, HORIZON + 1)
    ]
    drivers = [{"name": name, "group": "sentiment", "effect": 1.5, "reviews": [1, 2, 3]} for name in ASPECTS]
    return ForecastRun(
        workspace_id=workspace,
        product_id=product_id,
        models="auto",
        model="Trees",
        horizon=HORIZON,
        level=[80, 95],
        cutoff=LAST,
        feature_version=stamp,
        state="succeeded",
        drivers=drivers,
        coverage={"80": 0.81, "95": 0.94},
        points=points,
    )
