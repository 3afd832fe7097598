"""The fields of each kind of file, and the column names that are understood for them.

The names are tried in the order given: where a file has several of them, the first one wins and the
others stay unmapped (the preview shows both).
"""

from dataclasses import dataclass
from typing import Literal

Type = Literal[
    "id", "title", "text", "moment", "day", "stars", "money", "balance", "amount", "count", "pieces", "yes_no"
]


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name, type and the column names (Chinese first) that stand for it."""

    name: str
    type: Type
    synonyms: tuple[str, ...]
    required: bool = False
    blank: bool = False  # the column must be there, its cells may be empty

    @property
    def accepted(self) -> tuple[str, ...]:
        """All column names understood, the field's own first."""
        return (self.name, *self.synonyms)


def _field(name: str, type_: Type, synonyms: str, *, required: bool = False, blank: bool = False) -> Field:
    return Field(name, type_, tuple(part.strip() for part in synonyms.split(",")), required, blank)


_PRODUCT = (
    "商品ID, 商品编号, 商品编码, 商品id号, 宝贝ID, 货号, SPU, SPU ID, 产品ID, 产品编号, item id, "
    "goods id, asin, spu, unique id, StockCode, sku id, sku编号, sku"
)

REVIEWS = (
    _field("product_id", "id", _PRODUCT, required=True),
    _field(
        "created_at",
        "moment",
        "评论时间, 评价时间, 评论日期, 评价日期, 发表时间, 创建时间, 时间, 日期, review time, review date, "
        "review creation date, comment time, creation time, date, time, ds",
        required=True,
    ),
    _field(
        "text",
        "text",
        "评论内容, 评价内容, 评论, 评价, 初评内容, 初次评价, 内容, 评论正文, review, review text, "
        "review content, review comment message, comment, content, body",
        required=True,
    ),
    _field("review_id", "id", "评论ID, 评价ID, 评论编号, 评价编号, comment id, id"),
    _field(
        "rating",
        "stars",
        "评分, 星级, 评价星级, 打分, 得分, 评价等级, star, stars, star rating, review score, score",
    ),
    _field(
        "user_id",
        "id",
        "用户ID, 买家ID, 用户, 用户名, 用户昵称, 买家昵称, 买家, 昵称, 会员名, "
        "user, user name, nickname, reviewer id",
    ),
    _field(
        "title",
        "title",
        "评论标题, 评价标题, 标题, review title, review headline, review comment title, headline",
    ),
    _field("product_title", "title", "商品标题, 商品名称, 宝贝标题, 产品名称, product name, item title"),
    _field("source", "title", "来源, 平台, 评论来源, 来源平台, platform, site"),
    _field("sku", "title", "SKU, 规格, 商品规格, SKU名称, 购买规格, 款式, variant"),
    _field(
        "purchased_at",
        "moment",
        "购买时间, 下单时间, 购买日期, 下单日期, purchase time, order time, reference time",
    ),
    _field("channel", "title", "渠道, 购买渠道, 终端, client"),
    _field("incentivised", "yes_no", "是否激励, 有奖评价, 晒单有礼, 返现, 赠品评价, incentivized, vine"),
)
PRODUCTS = (
    _field("product_id", "id", _PRODUCT, required=True),
    _field(
        "title",
        "title",
        "商品标题, 商品名称, 宝贝标题, 产品名称, 标题, 名称, 品名, product title, product name, name",
        required=True,
    ),
    _field("description", "text", "商品描述, 商品详情, 描述, 详情, 简介, 卖点, product description, details"),
    _field(
        "category", "title", "类目, 品类, 商品类目, 分类, 商品分类, product category name, product category"
    ),
    _field("brand", "title", "品牌, 品牌名, 品牌名称, brand name"),
    _field("price", "money", "价格, 售价, 单价, 现价, 销售价, 标价, sale price, list price"),
    _field(
        "launched_at", "day", "上架时间, 上市时间, 上架日期, 上市日期, 发布时间, launch date, released at"
    ),
    _field("shop", "title", "店铺, 店铺名称, 门店, 平台, store, seller, seller id"),
)
SALES = (
    _field("product_id", "id", _PRODUCT + ", 店铺ID, store, shop id", required=True),
    _field("date", "day", "日期, 销售日期, 统计日期, 时间, 天, day, ds, dt, sale date", required=True),
    _field(
        "units",
        "amount",
        "销量, 销售量, 销售数量, 销售件数, 支付件数, 成交件数, 件数, 数量, "
        "units sold, sold, quantity, qty, sales, y",
        required=True,
        blank=True,
    ),
    _field("revenue", "balance", "销售额, 成交金额, 支付金额, 成交额, 收入, GMV, sales amount, turnover"),
    _field("price", "money", "价格, 售价, 成交价, 均价, 单价, 客单价, mean price, unit price"),
    _field("promo", "yes_no", "促销, 是否促销, 活动, 是否活动, 大促, promotion, on promotion, is promo"),
    _field("stockout", "yes_no", "缺货, 是否缺货, 断货, 是否断货, 售罄, out of stock, sold out"),
    _field("views", "count", "浏览量, 商品浏览量, 浏览次数, PV, page views"),
    _field("visitors", "count", "访客数, 商品访客数, 访客, UV, unique visitors"),
    _field("carts", "count", "加购件数, 加购数, 加购人数, 加购, add to cart, cart adds"),
)
ORDERS = (
    _field(
        "order_id",
        "id",
        "订单号, 订单编号, 订单ID, 主订单编号, 子订单编号, order no, order number, InvoiceNo, invoice",
        required=True,
    ),
    _field("product_id", "id", _PRODUCT, required=True),
    _field(
        "ordered_at",
        "moment",
        "下单时间, 订单时间, 订单创建时间, 付款时间, 支付时间, 下单日期, 购买时间, 日期, "
        "order time, order date, "
        "order purchase timestamp, InvoiceDate, created at, date",
        required=True,
    ),
    _field("quantity", "pieces", "数量, 购买数量, 商品数量, 件数, 销量, qty, units", required=True),
    _field("unit_price", "money", "单价, 商品单价, 成交单价, 价格, 售价, price"),
    _field(
        "customer_id",
        "id",
        "客户ID, 买家ID, 用户ID, 会员ID, 买家昵称, 买家会员名, 买家, 客户, customer, user id, buyer id",
    ),
)
KINDS: dict[str, tuple[Field, ...]] = {
    "reviews": REVIEWS,
    "products": PRODUCTS,
    "sales": SALES,
    "orders": ORDERS,
}


def template(kind: str, language: str = "zh") -> list[str]:
    """Return the header of an empty file of a kind, required columns first.

    Parameters
    ----------
    kind : {"reviews", "products", "sales", "orders"}
    language : {"zh", "en"}
        Chinese names come from the synonyms, English ones are the fields' own.

    Raises
    ------
    KeyError
        When the kind is unknown.
    """
    fields = sorted(KINDS[kind], key=lambda field: not field.required)
    return [field.synonyms[0] if language.startswith("zh") else field.name for field in fields]
