"""A bound session cannot reach another workspace, however the query is written."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.orm import Session, aliased, sessionmaker

from storage import (
    accounts,
    alert_items,
    alert_rules,
    audit,
    chunks,
    destinations,
    dictionary,
    exports,
    idempotency,
    products,
    shares,
    snapshots,
    tenancy,
    webhooks,
)
from storage.alert_items import Sighting
from storage.errors import ForeignRow, NotFound
from storage.models import (
    AspectCategory,
    Base,
    Chunk,
    DailyFeature,
    Delivery,
    ExogColumn,
    ForecastRun,
    Job,
    OrderLine,
    Owned,
    Product,
    ProductDigest,
    Refusal,
    Relabel,
    ReplacedRow,
    Review,
    Sale,
    SavedView,
    Subscription,
)
from tests.storage.factories import (
    make_import,
    make_model,
    make_products,
    make_reviews,
    make_sales,
    review_row,
)

DAY = date(2026, 6, 1)
# Tables with a workspace that must be asked before it is known who asks; storage.accounts alone reads them.
ACCOUNTS = {"memberships", "api_tokens", "invitations"}
OWNED: list[Any] = sorted(Owned.__subclasses__(), key=lambda model: model.__name__)


@pytest.fixture
def bound(session: Session, workspace_id: int) -> Session:
    """A session of the first workspace on the transaction of the test."""
    opened = Session(session.get_bind(), join_transaction_mode="create_savepoint", expire_on_commit=False)
    return tenancy.bind(opened, workspace_id)


@pytest.fixture
def theirs(session: Session, other_id: int) -> int:
    """The id of a product next door that has a row in every table that workspaces own."""
    [product_id] = make_products(session, other_id, "P1")
    make_reviews(session, other_id, [review_row(product_id, DAY)])
    make_sales(session, other_id, product_id, DAY, [1.0])
    make_model(session, other_id, product_id)
    dictionary.put_words(session, other_id, [{"word": "秘密"}])
    idempotency.claim_key(session, other_id, "key", "hash")
    audit.record(session, other_id, audit.Actor("li@example.com"), "login")
    job = make_import(session, other_id)
    own: dict[str, Any] = {"workspace_id": other_id}
    line = {"order_id": "1", "line_no": 1, "ordered_at": datetime.now(UTC), "day": DAY, "quantity": 1}
    question = {"models": "auto", "horizon": 14, "level": [80], "cutoff": DAY, "feature_version": "1"}
    hook = webhooks.add_webhook(session, other_id, "https://hooks.example.com/", "s").id
    rule = alert_rules.add_rule(session, other_id, {"name": "秘密", "kind": "stockout"})
    alert_items.see(session, rule, Sighting(product_id, "", DAY, {}, 1.0, None))
    told = destinations.add_destination(session, other_id, "email", "秘密", "li@example.com", "sealed")
    destinations.queue(session, other_id, told.id, {"test": True})
    frozen = snapshots.take(session, session.get_one(Product, product_id))
    shares.add_share(session, frozen, "hash")
    exports.add_export(session, job, "a.xlsx", frozen, format="xlsx", language="zh")
    person = accounts.create_user(session, "wang@example.com", "hash").id
    session.add_all(
        [
            Refusal(**own, job_id=job.id, line=1, code="missing_value"),
            OrderLine(**own, **line, product_id=product_id),
            ExogColumn(**own, name="visits", role="past"),
            DailyFeature(**own, product_id=product_id, day=DAY, reviews=1, version="1"),
            ProductDigest(**own, product_id=product_id, version="1", stamp="1"),
            Delivery(**own, webhook_id=hook),
            AspectCategory(**own, name="秘密", is_off=True),
            Relabel(**own, product_id=product_id, review_id=1, day=DAY, label="negative"),
            ReplacedRow(**own, job_id=job.id, kind="exog_columns", key='["visits"]'),
            SavedView(**own, user_id=person, name="秘密"),
            Subscription(**own, user_id=person, product_id=product_id, format="xlsx", language="zh"),
            ForecastRun(**own, **question, id=uuid4(), product_id=product_id),
        ]
    )
    session.commit()
    return product_id


def test_every_table_with_a_workspace_is_guarded() -> None:
    named = {table.name for table in Base.metadata.tables.values() if "workspace_id" in table.c}
    assert named - tenancy.owned_tables() == ACCOUNTS
    assert len(OWNED) >= 16


@pytest.mark.parametrize("model", OWNED, ids=lambda model: model.__name__)
def test_nothing_of_a_neighbour_is_read_or_changed(
    session: Session, bound: Session, theirs: int, other_id: int, model: Any
) -> None:
    [there] = session.scalars(select(model).where(model.workspace_id == other_id).limit(1))
    key = tuple(getattr(there, column.key) for column in model.__mapper__.primary_key)
    named = model.workspace_id == other_id
    assert bound.get(model, key if len(key) > 1 else key[0]) is None
    assert bound.scalars(select(model)).all() == []
    assert bound.scalars(select(aliased(model))).all() == []
    assert bound.scalar(select(func.count()).select_from(model)) == 0
    assert bound.scalar(select(func.count()).where(named)) == 0
    assert bound.scalar(select(select(model).where(named).exists())) is False
    bound.execute(update(model).values(workspace_id=model.workspace_id))
    changed = bound.execute(delete(model).where(named))
    assert changed.rowcount == 0
    assert session.scalar(select(func.count()).select_from(model).where(named)) == 1


def test_a_join_does_not_open_the_door(bound: Session, session: Session, theirs: int) -> None:
    query = select(Chunk.id).join(Job, Job.id == Chunk.job_id)
    assert session.scalars(query).all() != []
    assert bound.scalars(query).all() == []
    assert bound.scalars(select(Product.id).where(Product.id.in_(select(Sale.product_id)))).all() == []


def test_functions_of_storage_asked_for_a_neighbour_find_nothing(
    bound: Session, theirs: int, other_id: int
) -> None:
    with pytest.raises(NotFound):
        products.get_product(bound, other_id, theirs)
    assert products.list_products(bound, other_id).items == []
    assert products.count_products(bound, other_id) == 0


@pytest.mark.parametrize("named", [None, 0])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM reviews",
        "SELECT 1 FROM products AS p JOIN sales ON true",
        "DELETE FROM reviews",
        "SELECT 1 FROM marked_days, reviews",
        "INSERT INTO refusals (line) VALUES (1)",
    ],
)
def test_handwritten_sql_must_name_the_workspace(bound: Session, sql: str, named: int | None) -> None:
    with pytest.raises(ForeignRow):
        bound.execute(text(sql), {} if named is None else {"workspace": named})


def test_tables_are_reached_by_their_mappers_only(bound: Session) -> None:
    with pytest.raises(ForeignRow):
        bound.execute(select(Review.__table__))
    with pytest.raises(ForeignRow):
        bound.execute(update(Review), [{"id": 1, "text": "x"}])


def test_what_belongs_to_nobody_is_open(bound: Session) -> None:
    assert bound.scalar(select(func.now())) is not None
    assert bound.scalar(text("SELECT 1")) == 1


def test_rows_of_a_neighbour_are_not_written(bound: Session, other_id: int) -> None:
    bound.add(Product(workspace_id=other_id, external_id="P9"))
    with pytest.raises(ForeignRow):
        bound.flush()


def test_rows_copied_under_another_name_stay_out(bound: Session, other_id: int, workspace_id: int) -> None:
    rows = [{"external_id": "P7"}]
    with pytest.raises(ForeignRow):
        products.copy_products(bound, other_id, rows)
    assert products.copy_products(bound, workspace_id, rows) != []


def test_a_row_asked_for_by_its_key_is_ones_own_even_in_a_free_session(
    session: Session, workspace_id: int, other_id: int, theirs: int
) -> None:
    assert tenancy.own(session, other_id, Product, theirs, "product").id == theirs
    with pytest.raises(NotFound, match=f"product {theirs} does not exist"):
        tenancy.own(session, workspace_id, Product, theirs, "product")


def test_a_session_keeps_its_workspace(bound: Session, workspace_id: int, other_id: int) -> None:
    assert tenancy.bind(bound, workspace_id) is bound
    assert tenancy.bound_to(bound) == workspace_id
    with pytest.raises(ForeignRow):
        tenancy.bind(bound, other_id)


def test_a_workspace_sees_its_own(bound: Session, session: Session, workspace_id: int) -> None:
    [mine] = make_products(session, workspace_id, "A1")
    job = make_import(session, workspace_id)
    session.commit()
    assert products.get_product(bound, workspace_id, mine).external_id == "A1"
    assert [chunk.job_id for chunk in chunks.pending_chunks(bound, workspace_id, job.id)] == [job.id]


def test_sessions_of_a_workspace_are_bound_and_commit(engine: Engine) -> None:
    sessions = tenancy.Sessions(sessionmaker(engine), 7)
    with sessions() as one, sessions.begin() as other:
        assert tenancy.bound_to(one) == tenancy.bound_to(other) == 7
