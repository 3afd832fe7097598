"""Small valid files of every kind and format, and what may befall a file on its way; all from a seed."""

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from functools import cache

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.utils.exceptions import IllegalCharacterError

Bytes = Callable[[random.Random, bytes], bytes]

MEGABYTE = 2**20
TABLES: dict[str, list[list[str]]] = {
    "reviews": [
        ["product_id", "review_id", "created_at", "text", "rating"],
        *(
            [f"A{n % 3}", f"r{n}", f"2026-06-{n + 1:02d} 09:30:00", f"发货很快，第 {n} 次买", "5"]
            for n in range(9)
        ),
    ],
    "products": [
        ["product_id", "title", "price", "launched_at"],
        *([f"A{n}", f"空气炸锅 {n}L", f"{n}9.90", "2026-01-05"] for n in range(9)),
    ],
    "sales": [
        ["商品ID", "日期", "销量", "价格", "浏览量"],
        *(["A1", f"2026-06-{n + 1:02d}", f"{n}", "79.00", f"{n}00"] for n in range(9)),
    ],
    "orders": [
        ["order_id", "product_id", "ordered_at", "quantity", "unit_price"],
        *([f"o{n // 2}", f"A{n % 3}", "2026-06-01 10:00:00", "2", "19.90"] for n in range(9)),
    ],
}
ODD_CELLS = [
    *(
        "",
        " ",
        "\0",
        "\ufeff",
        "\ud800",
        "=1+1",
        '"',
        "'",
        "\r",
        "a\nb",
        "null",
        "NaN",
        "Infinity",
        "-0",
        "1e400",
    ),
    *(
        "9" * 400,
        "-1",
        "0x10",
        "１２",
        "٣",
        "2026-13-45",
        "0001-01-01",
        "9999-12-31T23:59:59+14:00",
        "x" * 30_000,
    ),
    *(
        "\u202e",
        "👩‍👩‍👧",
        "e\u0301" * 40,
        "\x1b[31m",
        "{}",
        "[[[[",
        "<!ENTITY>",
        "../../etc/passwd",
        "💥" * 300,
    ),
]
ODD_BYTES = [
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\x80",
    b'"',
    b"\r",
    b"\n\n",
    b",,,",
    b"\xef\xbb\xbf",
    b"PK\x03\x04",
]
ODD_JSON = [None, True, -1, 2**64, 10**300, 1e308, [], {}, [[[]]], {"a": {"b": 1}}, "\ud83d", *ODD_CELLS]
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "gb18030", "big5", "shift_jis", "utf-7", "utf-8-sig", "latin-1")


def csv(rows: list[list[str]], encoding: str = "utf-8") -> bytes:
    return "\n".join(",".join(row) for row in rows).encode(encoding, "replace") + b"\n"


def json_lines(rows: list[list[str]]) -> bytes:
    return "".join(json.dumps(dict(zip(rows[0], row, strict=True))) + "\n" for row in rows[1:]).encode()


def workbook(rows: list[list[str]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def parquet(rows: list[list[str]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))), file)
    return file.getvalue()


FORMATS: dict[str, Callable[[list[list[str]]], bytes]] = {
    "csv": csv,
    "gbk.csv": lambda rows: csv(rows, "gb18030"),
    "jsonl": json_lines,
    "xlsx": workbook,
    "parquet": parquet,
    "csv.gz": lambda rows: gzip.compress(csv(rows), mtime=0),
}


@cache
def whole(kind: str, name: str) -> bytes:
    """Return a valid file."""
    return FORMATS[name](TABLES[kind])


def flip(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncate(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def cut_out(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randint(1, 40) :]


def double(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start : start + chance.randint(1, 200)] * chance.randint(2, 5) + data[start:]


def insert(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + chance.choice(ODD_BYTES) * chance.choice((1, 1, 3, 50)) + data[start:]


def splice(chance: random.Random, data: bytes) -> bytes:
    other = whole(chance.choice(list(TABLES)), chance.choice(list(FORMATS)))
    return data[: chance.randrange(len(data))] + other[chance.randrange(len(other)) :]


def reencode(chance: random.Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    return text.encode(chance.choice(ENCODINGS), "replace")


BYTES: tuple[Bytes, ...] = (flip, truncate, cut_out, double, insert, splice, reencode)


def odd_cells(chance: random.Random, kind: str, name: str) -> bytes:
    """Write a sound file with cells in it that nobody expects."""
    rows = [list(row) for row in TABLES[kind]]
    for _ in range(chance.randint(1, 4)):
        row = chance.choice(rows if chance.random() < 0.3 else rows[1:])
        row[chance.randrange(len(row))] = chance.choice(ODD_CELLS)
    try:
        return FORMATS[name](rows)
    except (ValueError, pa.ArrowException, IllegalCharacterError):  # the format has no room for it
        return "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")


def odd_json(chance: random.Random, kind: str, _name: str) -> bytes:
    """Write JSON lines with values of any type."""
    lines = []
    for row in TABLES[kind][1:]:
        record = dict(zip(TABLES[kind][0], row, strict=True))
        lines.append(json.dumps(record | {chance.choice(list(record)): chance.choice(ODD_JSON)}))
    return "\n".join(lines).encode()


def inside_zip(chance: random.Random, kind: str, _name: str) -> bytes:
    """Break a part of a workbook and pack it again, so that its checksum is right."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole(kind, "xlsx"))) as old, zipfile.ZipFile(file, "w") as new:
        broken = chance.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            if name == broken:
                part = chance.choice(BYTES[:-1])(chance, part)
            if name != broken or chance.random() < 0.9:  # else the part is missing
                new.writestr(name, part)
    return file.getvalue()


def inside_gzip(chance: random.Random, kind: str, _name: str) -> bytes:
    """Break what is in a gzip, so that its checksum is right."""
    name = chance.choice(["csv", "gbk.csv", "jsonl", "xlsx", "parquet", "csv.gz"])
    return gzip.compress(chance.choice(BYTES)(chance, whole(kind, name)), mtime=0)


def gzip_bomb(chance: random.Random, kind: str, _name: str) -> bytes:
    filler = chance.choice((b"\0", b"x", b"\n", b"A1,2026-06-01,1\n"))
    return gzip.compress(whole(kind, "csv") + filler * (16 * MEGABYTE // len(filler)), 1, mtime=0)


def zip_bomb(chance: random.Random, kind: str, _name: str) -> bytes:
    file = io.BytesIO(whole(kind, "xlsx"))
    name = chance.choice(("xl/worksheets/sheet2.xml", "xl/sharedStrings2.xml", "x" * 300, "../escape.xml"))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(16 * MEGABYTE))
    return file.getvalue()


def broken_bytes(chance: random.Random, kind: str, name: str) -> bytes:
    """Break the file as it is, once or more often."""
    data = whole(kind, name)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        data = chance.choice(BYTES)(chance, data) or b"\0"
    return data


WAYS: dict[Callable[[random.Random, str, str], bytes], int] = {
    broken_bytes: 50,
    odd_cells: 20,
    odd_json: 8,
    inside_zip: 12,
    inside_gzip: 8,
    gzip_bomb: 1,
    zip_bomb: 1,
}


def mutant(seed: int) -> tuple[str, str, bytes, str]:
    """Return the kind it is said to be, its name, its bytes and what was done to it."""
    chance = random.Random(seed)
    kind, name = chance.choice(list(TABLES)), chance.choice(list(FORMATS))
    way = chance.choices(list(WAYS), list(WAYS.values()))[0]
    data = way(chance, kind, name)
    said = kind if chance.random() < 0.95 else chance.choice(list(TABLES))
    ending = (
        name if chance.random() < 0.8 else chance.choice([*FORMATS, "exe", "", "\u202egpj.csv", "x/../y"])
    )
    return said, f"file.{ending}", data, f"{way.__name__} of {kind}.{name}"
