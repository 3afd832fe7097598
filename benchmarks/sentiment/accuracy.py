"""How often an engine is right on labelled reviews."""

from pathlib import Path

import pandas as pd
from sklearn.metrics import accuracy_score, f1_score

from benchmarks.sentiment.engines import Engine


def labelled(path: Path, limit: int = 0) -> pd.DataFrame:
    """Return the complete rows of a file, or so many of them drawn at random, with a boolean `label`.

    Parameters
    ----------
    path : Path
        CSV with text, label (1 positive, 0 negative) and, where there is one, source.
    """
    rows = pd.read_csv(path, usecols=lambda name: name in {"text", "label", "source"})
    rows = rows.dropna(subset=["text", "label"])
    rows = rows.sample(limit, random_state=0) if 0 < limit < len(rows) else rows
    return rows.assign(label=rows["label"].astype(int).astype(bool)).reset_index(drop=True)


def measures(engine: Engine, rows: pd.DataFrame) -> dict[str, float]:
    """Return accuracy and macro-F1 of all rows, then the accuracy of each source."""
    said = pd.Series(engine(rows["text"].tolist()), index=rows.index)
    right = said == rows["label"]
    by_source = right.groupby(rows["source"]).mean() if "source" in rows else {}
    return {
        "accuracy": float(accuracy_score(rows["label"], said)),
        "macro_f1": float(f1_score(rows["label"], said, average="macro")),
        **{str(source): float(share) for source, share in by_source.items()},
    }
