"""Print the next 14 days of every product as CSV: `python forecast_table.py ADDRESS TOKEN > next.csv`."""

import csv
import sys

from fengping_client import Fengping, JobFailed


def main(address: str, token: str) -> None:
    """Ask for each forecast and write its days, with the 80% band and whether sentiment helped."""
    table = csv.writer(sys.stdout)
    table.writerow(["product", "ds", "yhat", "lo-80", "hi-80", "sentiment"])
    with Fengping(address, token) as shop:
        for product in shop.products():
            try:
                run = shop.forecast(product["id"])
            except JobFailed as failed:
                print(f"{product['external_id']}: {failed}", file=sys.stderr)
                continue
            verdict = (run["lift"] or {}).get("verdict", "not measured")
            for point in run["points"]:
                low, high = point["bands"].get("lo-80"), point["bands"].get("hi-80")
                table.writerow([product["external_id"], point["ds"], point["yhat"], low, high, verdict])


if __name__ == "__main__":
    main(*sys.argv[1:3])
