"""`python -m benchmarks`: every benchmark with its defaults, one after the other."""

import sys

from benchmarks.forecasting import __main__ as forecasting
from benchmarks.sentiment import __main__ as sentiment

if __name__ == "__main__":
    sys.exit(sentiment.main([]) or forecasting.main([]))
