"""Reading a long panel from a CSV."""

import zlib
from pathlib import Path

import pandas as pd

from forecasting.errors import PanelError
from forecasting.frame import KEY, STOCKOUT, PanelSpec

ENCODINGS = ("utf-8-sig", "gb18030")


def read_panel(path: Path, spec: PanelSpec) -> pd.DataFrame:
    """Read a long panel from a CSV in UTF-8 or GB18030, plain or compressed.

    Ids and days stay text: 007 is not 7, and a product may be called NA.

    Raises
    ------
    PanelError
        When the file is empty, broken or not text, or lacks a column or has it twice; names the file.
    """
    try:
        try:
            return _read(path, spec, ENCODINGS[0])
        except UnicodeDecodeError:
            return _read(path, spec, ENCODINGS[1])
    except (ValueError, EOFError, zlib.error, OSError) as error:
        if isinstance(error, PanelError | FileNotFoundError):
            raise
        raise PanelError(f"{path} cannot be read as a CSV: {' '.join(str(error).split())}") from error


def _read(path: Path, spec: PanelSpec, encoding: str) -> pd.DataFrame:
    head = pd.read_csv(path, header=None, nrows=1, dtype=str, encoding=encoding).iloc[0].fillna("")
    kept = [*KEY, "y", *spec.future, *spec.past, *spec.static]
    missing = [column for column in kept if column not in set(head)]
    if missing:
        raise PanelError(f"{path}: missing columns: {', '.join(missing)}; found: {', '.join(head)}")
    kept += [STOCKOUT] if STOCKOUT in set(head) else []
    twice = [column for column in kept if (head == column).sum() > 1]
    if twice:
        raise PanelError(f"{path}: there is more than one column {', '.join(twice)}")
    # A converter is what keeps pandas from taking an id such as NA for an empty one. All columns are read,
    # because with usecols it would not mind rows that have more fields than the header: 1,234 would be 1.
    panel = pd.read_csv(
        path, dtype={"ds": str}, converters={"unique_id": str}, encoding=encoding, low_memory=False
    )
    if not isinstance(panel.index, pd.RangeIndex):
        raise PanelError(f"{path}: rows have more fields than the header, which has {len(head)}")
    return panel[kept]
