from demo.items import ITEMS


def test_each_truth_has_one_product() -> None:
    roles = [item.role for item in ITEMS]
    assert {role: roles.count(role) for role in ("smell", "noise", "suspect", "new")} == dict.fromkeys(
        ("smell", "noise", "suspect", "new"), 1
    )


def test_products_are_described_in_chinese_and_distinct() -> None:
    assert len({item.product_id for item in ITEMS}) == len(ITEMS) == 12
    for item in ITEMS:
        assert len(item.description) > 20
        assert not item.description.isascii()
        assert item.brand in item.title


def test_numbers_make_sense() -> None:
    for item in ITEMS:
        assert 20 < item.price < 1000
        assert 10 < item.units < 300
        assert 0 < item.per_unit < 0.2
        assert 1 < item.promo_lift < 2
        assert 1 <= item.peak <= 366
