"""The products of the demo shop. Brands are invented."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["smell", "noise", "suspect", "new", "ordinary"]


@dataclass(frozen=True)
class Item:
    """A product and how it sells.

    Attributes
    ----------
    product_id, title, description, category, brand : str
    price : float
        List price at the start, yuan.
    units : float
        Mean units a day at the start, out of season.
    per_unit : float
        Reviews per unit sold.
    promo_lift : float
        Factor on a day of promotion.
    aspects : tuple[str, ...]
        Its own aspects in ``demo.phrases.ASPECTS``, beside those every product has.
    skus : tuple[str, ...]
    peak : int
        Day of the year on which the season peaks.
    season : float
        Height of the season on the log scale.
    growth : float
        Growth a year on the log scale.
    role : str
        Which truth is planted in it.
    """

    product_id: str
    title: str
    description: str
    category: str
    brand: str
    price: float
    units: float
    per_unit: float
    promo_lift: float
    aspects: tuple[str, ...]
    skus: tuple[str, ...]
    peak: int = 1
    season: float = 0.0
    growth: float = 0.1
    role: Role = "ordinary"


ITEMS = (
    Item(
        "D1001",
        "途伴 20寸万向轮登机行李箱",
        "PC+ABS 混合箱体，静音万向轮，TSA 密码锁，内衬可拆洗，适合三到五天短途出行。",
        "箱包",
        "途伴",
        269,
        110,
        0.09,
        1.35,
        ("箱体", "轮子", "内衬", "气味"),
        ("米白 20寸", "雾蓝 20寸", "黑色 20寸", "黑色 24寸"),
        growth=0.05,
        role="smell",
    ),
    Item(
        "D1002",
        "水芽 玻尿酸补水面膜 20片",
        "三重玻尿酸精华，膜布轻薄服帖，敏感肌可用，补水保湿，改善干燥起皮。",
        "美妆",
        "水芽",
        89,
        150,
        0.008,
        1.6,
        ("保湿", "膜布", "肤感"),
        ("20片装", "30片装", "试用5片"),
        role="noise",
    ),
    Item(
        "D1003",
        "声野 主动降噪蓝牙耳机",
        "35dB 主动降噪，单次续航 8 小时，双设备连接，通话清晰，IPX4 防水。",
        "数码",
        "声野",
        199,
        80,
        0.008,
        1.5,
        ("音质", "续航", "佩戴"),
        ("曜石黑", "云雾白"),
        growth=0.2,
        role="suspect",
    ),
    Item(
        "D1004",
        "晨研 半自动意式咖啡机",
        "15Bar 压力泵，可打奶泡，预浸泡萃取，机身小巧，家用办公两相宜。",
        "厨房电器",
        "晨研",
        499,
        30,
        0.05,
        1.4,
        ("咖啡口感", "操作", "噪音"),
        ("奶油白", "墨绿"),
        growth=0.6,
        role="new",
    ),
    Item(
        "D1005",
        "沐风 家用静音空调扇",
        "8 升大水箱，三档风速，送四个冰晶盒，遥控定时，宿舍卧室客厅都能用。",
        "家用电器",
        "沐风",
        329,
        45,
        0.008,
        1.4,
        ("制冷", "噪音", "水箱"),
        ("遥控款", "机械款"),
        peak=195,
        season=1.2,
    ),
    Item(
        "D1006",
        "暖居 石墨烯暖风机",
        "石墨烯速热，三秒出热风，倾倒断电，节能省电，浴室居家两用。",
        "家用电器",
        "暖居",
        189,
        40,
        0.008,
        1.4,
        ("制热", "噪音", "耗电"),
        ("白色", "灰色"),
        peak=5,
        season=1.1,
    ),
    Item(
        "D1007",
        "拾光 316不锈钢保温杯 500ml",
        "316 不锈钢内胆，十二小时保温，一键开盖，食品级密封圈，不漏水。",
        "家居",
        "拾光",
        79,
        90,
        0.008,
        1.4,
        ("保温", "密封", "外观"),
        ("樱粉", "雾蓝", "墨黑"),
        peak=340,
        season=0.3,
    ),
    Item(
        "D1008",
        "轻练 加宽加厚瑜伽垫",
        "TPE 环保材质，8mm 加厚，双面防滑，附绑带与收纳袋，初学者适用。",
        "运动",
        "轻练",
        69,
        55,
        0.008,
        1.4,
        ("防滑", "厚度", "外观"),
        ("61cm", "80cm"),
        peak=90,
        season=0.2,
    ),
    Item(
        "D1009",
        "山里红 每日坚果礼盒 30包",
        "六种坚果三种果干，独立小包装，当季新货，送礼自吃都合适。",
        "食品",
        "山里红",
        99,
        70,
        0.008,
        1.7,
        ("味道", "新鲜", "分量"),
        ("30包礼盒", "15包体验装"),
        peak=20,
        season=0.6,
    ),
    Item(
        "D1010",
        "小探索 小学生减负书包",
        "一体成型护脊背板，净重 780 克，多层分区，反光条夜间更安全。",
        "箱包",
        "小探索",
        159,
        40,
        0.008,
        1.4,
        ("背负", "容量", "做工"),
        ("1-3年级 蓝", "1-3年级 粉", "4-6年级 蓝"),
        peak=236,
        season=0.7,
    ),
    Item(
        "D1011",
        "食刻 可视空气炸锅 5L",
        "可视窗口，360 度热风，少油少烟，不粘内胆，八种预设菜单。",
        "厨房电器",
        "食刻",
        239,
        50,
        0.008,
        1.5,
        ("炸制效果", "清洗", "操作"),
        ("白色", "黑色"),
        growth=-0.1,
    ),
    Item(
        "D1012",
        "喵食记 全价成猫粮 5kg",
        "鲜鸡肉配方，低敏易消化，添加益生菌与牛磺酸，毛发亮泽。",
        "宠物",
        "喵食记",
        139,
        65,
        0.008,
        1.45,
        ("适口性", "颗粒", "消化"),
        ("5kg", "1.5kg 试吃装"),
        growth=0.3,
    ),
)
