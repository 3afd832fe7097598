"""Import last night's files and say what was refused: `python nightly_import.py ADDRESS TOKEN FOLDER`."""

import sys
from pathlib import Path

from fengping_client import Fengping

KINDS = ("products", "sales", "orders", "reviews")


def main(address: str, token: str, folder: str) -> None:
    """Import every file of the folder whose name begins with a kind, e.g. sales-2026-11-26.csv."""
    with Fengping(address, token, patience=3600) as shop:
        for kind in KINDS:
            for path in sorted(Path(folder).glob(f"{kind}*")):
                job = shop.import_file(kind, path)
                refused = f", refused rows: {address}{job['errors_url']}" if job["failed"] else ""
                print(f"{path.name}: {job['done']} rows{refused}")


if __name__ == "__main__":
    main(*sys.argv[1:4])
