"""A file of generated reviews, as real sets are: texts that come again, rows that come again, some phones."""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from demo.phrases import ASPECTS, COMMON, DEGREES

HEADER = ("product_id", "review_id", "created_at", "text", "rating", "user_id", "source")
PRODUCTS, DAYS, CHARACTERS = 500, 365, 60
COPIED, REPEATED = 0.2, 0.1
"""Shares of rows with the text of an earlier review, and of earlier rows that come again: 30% together."""
WITH_PHONE = 0.01
FIRST_DAY = datetime(2025, 11, 1)
BLOCK = 10_000


def write(path: Path, rows: int, seed: int = 0) -> Path:
    """Write so many rows as CSV and return the path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(reviews(rows, seed))
    return path


def reviews(rows: int, seed: int = 0) -> Iterator[tuple[str, ...]]:
    """Yield rows in the order of `HEADER`, in the order of the days."""
    rng = np.random.default_rng(seed)
    kept: list[tuple[str, ...]] = []
    for start in range(0, rows, BLOCK):
        block = _block(rng, start, min(BLOCK, rows - start), rows, kept)
        kept = block
        yield from block


def texts(count: int, seed: int = 1) -> list[str]:
    """Return texts of `CHARACTERS` characters on average, all of them made anew."""
    return _texts(np.random.default_rng(seed), count)


def _block(
    rng: np.random.Generator, start: int, count: int, rows: int, before: list[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    made = _texts(rng, count)
    fate = rng.random(count)
    earlier = rng.integers(0, BLOCK, count)
    products, seconds = rng.integers(0, PRODUCTS, count), rng.integers(0, 86_400, count)
    stars, users = (
        rng.choice([1, 2, 3, 4, 5], count, p=[0.08, 0.05, 0.1, 0.2, 0.57]),
        rng.integers(0, rows, count),
    )
    block: list[tuple[str, ...]] = []
    for place in range(count):
        source = block if place > BLOCK // 10 else before or block
        again = source[earlier[place] % len(source)] if source and fate[place] < COPIED + REPEATED else None
        if again and fate[place] < REPEATED:
            block.append(again)
            continue
        number = start + place
        moment = FIRST_DAY + timedelta(days=number * DAYS // rows, seconds=int(seconds[place]))
        text = again[3] if again else made[place]
        fields = (f"SKU{products[place]:05d}", f"R{number:09d}", f"{moment:%Y-%m-%d %H:%M:%S}", text)
        block.append((*fields, str(stars[place]), f"u{users[place]}", "tmall"))
    return block


def _texts(rng: np.random.Generator, count: int) -> list[str]:
    clauses = [
        clause.replace("{}", degree)
        for by_polarity in (*COMMON.values(), *ASPECTS.values())
        for polarity, several in by_polarity.items()
        for clause in several
        for degree in (DEGREES[polarity] if "{}" in clause else ("",))
    ]
    mean = sum(map(len, clauses)) / len(clauses) + 1
    lengths = rng.integers(1, round(2 * CHARACTERS / mean), count)
    drawn = iter(rng.integers(0, len(clauses), int(lengths.sum())).tolist())
    found = ["，".join(clauses[next(drawn)] for _ in range(length)) + "。" for length in lengths.tolist()]
    for place in np.flatnonzero(rng.random(count) < WITH_PHONE).tolist():
        found[place] += f"电话13{rng.integers(10**8, 10**9)}"
    return found
