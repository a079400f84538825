"""How sure a share, and the ratio of two shares, can be: 95 % intervals.

Belongs here: the arithmetic alone. Where the same children are counted in several weeks, the cases
are fewer than their number; `Share.effective` says how many they are worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

#: Quantile of the normal distribution that leaves 2.5 % above it.
Z = 1.959963984540054
#: The same, as the worked case of the ratio rounds it.
_RATIO_Z = 1.96


@dataclass(frozen=True)
class Share:
    """`hits` of `cases`. `effective`: what the cases are worth where they hang together."""

    hits: float
    cases: float
    effective: float | None = None

    @property
    def value(self) -> float | None:
        """hits / cases; None without cases."""
        return self.hits / self.cases if self.cases else None

    @property
    def worth(self) -> float:
        """The effective number of cases."""
        return self.cases if self.effective is None else self.effective


def wilson(share: Share) -> tuple[float, float] | None:
    """Wilson interval of a share; None without cases."""
    if share.value is None:
        return None
    n, p = share.worth, share.value
    centre = p + Z * Z / (2 * n)
    reach = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    width = 1 + Z * Z / n
    return max(0.0, (centre - reach) / width), min(1.0, (centre + reach) / width)


def ratio(one: Share, other: Share) -> tuple[float, float, float] | None:
    """one / other with its interval (on the log scale); None where either has no case or no hit."""
    p, q = one.value, other.value
    if not p or not q:
        return None
    spread = sqrt((1 - p) / (p * one.worth) + (1 - q) / (q * other.worth))
    value = p / q
    return value, exp(log(value) - _RATIO_Z * spread), exp(log(value) + _RATIO_Z * spread)


def clustered(
    hits: float, cases: float, hits_squared: float, product: float, cases_squared: float
) -> Share:
    """A share of cases that come in groups (one child's weeks).

    `hits_squared`, `product`, `cases_squared`: sums over the groups of hits², hits x cases, cases².
    The effective number is what the spread between groups leaves (Kish's design effect), never more
    than the number of cases.
    """
    if not cases:
        return Share(hits, cases)
    p = hits / cases
    spread = (hits_squared - 2 * p * product + p * p * cases_squared) / (cases * cases)
    if spread <= 0 or p in (0, 1):
        return Share(hits, cases)
    return Share(hits, cases, min(cases, p * (1 - p) / spread))


def mean(values: list[float]) -> tuple[float, float, float]:
    """Mean of repeated trials with its interval (normal); at least two. Raises ValueError."""
    if len(values) < 2:
        raise ValueError("an interval needs at least two trials")
    middle = sum(values) / len(values)
    spread = sqrt(sum((v - middle) ** 2 for v in values) / (len(values) - 1) / len(values))
    return middle, middle - Z * spread, middle + Z * spread
