"""Ask what a lower price would bring: `python price_scenario.py ADDRESS TOKEN PRODUCT_ID DISCOUNT`."""

import sys

from fengping_client import Fengping, JobFailed
from fengping_client.shapes import Run


def total(run: Run) -> float:
    """Return the units of the whole horizon."""
    return sum(point["yhat"] for point in run["points"])


def main(address: str, token: str, product_id: str, discount: str) -> None:
    """Compare the forecast with one at a share off the planned price, e.g. 0.1."""
    with Fengping(address, token) as shop:
        usual = shop.forecast(int(product_id))
        try:
            cheaper = shop.forecast(int(product_id), scenario={"discount": float(discount)})
        except JobFailed as refused:
            print(f"refused: {refused.found['error']}")
            return
        print(f"as planned {total(usual):.0f}, {float(discount):.0%} off {total(cheaper):.0f} units")
        for warning in cheaper["warnings"]:
            print(f"mind: {warning}")


if __name__ == "__main__":
    main(*sys.argv[1:5])
