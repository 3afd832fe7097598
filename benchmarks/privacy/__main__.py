"""What the finder of personal data finds in real reviews, to be read by eye, and how long it takes."""

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.report import write
from nlp.privacy import find, mask
from nlp.reading import texts

AROUND = 24
REPEATS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every hit in its sentence and write the counts by kind."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.privacy", description=__doc__)
    parser.add_argument("files", nargs="+", help="CSV or JSON lines, also .gz")
    parser.add_argument("--text-column", default="text", metavar="NAME")
    parser.add_argument("--rows", type=int, default=10_000, help="drawn at random (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    given = dict.fromkeys(text for file in options.files for text in texts(file, options.text_column))
    drawn = random.Random(options.seed).sample(list(given), min(options.rows, len(given)))
    for line in hits(drawn):
        print(line)
    about = {
        "files": [Path(file).name for file in options.files],
        "reviews": len(drawn),
        "seed": options.seed,
        "reviews_per_s": speeds(drawn),
    }
    write("privacy", counts(drawn), about)
    print(about["reviews_per_s"])
    return 0


def hits(reviews: Sequence[str]) -> Iterator[str]:
    """Yield each hit between brackets, with what stands around it."""
    for text in reviews:
        for item in find(text):
            before, after = text[max(0, item.start - AROUND) : item.start], text[item.end : item.end + AROUND]
            yield f"{item.kind:10} {before}⟦{text[item.start : item.end]}⟧{after}".replace("\n", " ")


def counts(reviews: Sequence[str]) -> list[dict[str, object]]:
    """Count hits, and reviews with one, by kind."""
    found = [[item.kind for item in find(text)] for text in reviews]
    hit, held = (
        Counter(kind for kinds in found for kind in kinds),
        Counter(kind for kinds in found for kind in {*kinds}),
    )
    rows = [{"kind": kind, "hits": hit[kind], "reviews": held[kind]} for kind in sorted(hit)]
    return [*rows, {"kind": "any", "hits": sum(hit.values()), "reviews": sum(map(bool, found))}]


def speeds(reviews: Sequence[str]) -> dict[str, int]:
    """Reviews masked in a second of one core's time: all of them, and those without a digit."""
    plain = [text for text in reviews if not re.search(r"\d", text)]
    return {"all": _speed(reviews), "without_digits": _speed(plain)}


def _speed(reviews: Sequence[str]) -> int:
    best = min(_seconds(reviews) for _ in range(REPEATS))
    return round(len(reviews) / best)


def _seconds(reviews: Sequence[str]) -> float:
    start = time.process_time()
    for text in reviews:
        mask(text)
    return max(time.process_time() - start, 1e-9)


if __name__ == "__main__":
    sys.exit(main())
