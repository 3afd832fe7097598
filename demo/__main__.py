"""``python -m demo DIR [--seed 7] [--end 2026-11-30]``."""

import argparse
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from demo import NOTE, generate, write


def main(arguments: Sequence[str] | None = None) -> None:
    """Write products.csv, reviews.csv, sales.csv and truths.json to a folder."""
    parser = argparse.ArgumentParser(
        prog="python -m demo", description=f"{NOTE}: make the demo shop's files."
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--end", type=dt.date.fromisoformat, help="last day with data (default: yesterday)")
    options = parser.parse_args(arguments)
    made = generate(options.seed, options.end)
    write(made, options.folder)
    print(f"{len(made.products)} products, {len(made.sales)} days of sales, {len(made.reviews)} reviews")


if __name__ == "__main__":
    main()
