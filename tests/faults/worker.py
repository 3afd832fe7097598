"""A real worker whose reader is as slow as asked for, and does to some texts what bad ones may do."""

import os
import sys
import time
import zlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

from settings import Settings
from tests.storage.factories import analysis
from tests.workers.factories import SmallArtifacts, SmallReader
from workers.app import create_app

RAISES, HANGS, EATS, SLOW = "毒", "卡死", "撑爆", "慢慢"
MUCH = 1_000_000_000


class FaultyReader(SmallReader):
    """Reads by a checksum, so that every run finds the same."""

    def __call__(
        self,
        texts: Sequence[str],
        only: Collection[str] | None = None,
        ratings: Sequence[float | None] | None = None,
    ) -> list[dict[str, Any]]:
        for text in texts:
            suffer(text)
        time.sleep(len(texts) * float(os.environ.get("SECONDS_PER_TEXT", "0")))
        return [found_in(text) for text in texts]


def suffer(text: str) -> None:
    if SLOW in text:
        time.sleep(1)
    if RAISES in text:
        raise RuntimeError("poisonous text")
    while HANGS in text:  # deaf to what would interrupt it
        with suppress(BaseException):
            time.sleep(3600)
    if EATS in text:
        eaten = b"x" * MUCH
        time.sleep(3600)
        del eaten


def found_in(text: str) -> dict[str, Any]:
    score = zlib.crc32(text.encode()) / 2**31 - 1
    return analysis("negative" if score < 0 else "positive", score)


def main() -> None:
    settings = Settings.from_env()
    artifacts = SmallArtifacts(settings)
    artifacts.small = FaultyReader()
    create_app(settings, artifacts).start(sys.argv[1:])


if __name__ == "__main__":
    main()
