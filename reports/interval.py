"""How sure a share is, given how many reviews it rests on."""

import math

Z95 = 1.959964
FEW = 30


def wilson(count: int, of: int) -> tuple[float, float] | None:
    """Return the 95% interval of a share (Wilson, 1927); None where there is no sample."""
    if of <= 0:
        return None
    share, spread = count / of, Z95**2 / of
    centre = (share + spread / 2) / (1 + spread)
    half = Z95 / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, centre - half), min(1.0, centre + half)


def net_interval(positive: int, negative: int, of: int) -> tuple[float, float] | None:
    """Return the 95% interval of (positive − negative) / of, two shares of one multinomial sample."""
    if of <= 0:
        return None
    up, down = positive / of, negative / of
    half = Z95 * math.sqrt(max(up + down - (up - down) ** 2, 0.0) / of)
    return max(-1.0, up - down - half), min(1.0, up - down + half)


def differs(count: int, of: int, count_before: int, of_before: int) -> bool:
    """Whether two shares differ (pooled two-proportion test, 5%); never claimed on fewer than 30 reviews."""
    if min(of, of_before) < FEW:
        return False
    pooled = (count + count_before) / (of + of_before)
    error = math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / of_before))
    return error > 0 and abs(count / of - count_before / of_before) / error > Z95
