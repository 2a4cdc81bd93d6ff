"""Chance that anybody can repeat: 64 bits from a seed and an index, and tables that turn bits into things.

`random.Random` per member would cost more than the member; SplitMix64 (Steele, Lea, Flood 2014) costs half a
microsecond and lets any member be made without making those before."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import exp, gcd
from statistics import NormalDist
from typing import TypeVar

Thing = TypeVar("Thing")

MASK = (1 << 64) - 1
STEP = 0x9E37_79B9_7F4A_7C15
FIRST = 0xBF58_476D_1CE4_E5B9
SECOND = 0x94D0_49BB_1331_11EB


def mixed(number: int) -> int:
    """64 bits that look independent for neighbouring numbers."""
    number = number * STEP & MASK
    number = (number ^ number >> 30) * FIRST & MASK
    number = (number ^ number >> 27) * SECOND & MASK
    return number ^ number >> 31


def stream(seed: int, purpose: str) -> int:
    """Where the numbers of one purpose start, so that names and sales of a seed have nothing to do with each other."""
    start = mixed(seed & MASK)
    for letter in purpose.encode():
        start = mixed(start ^ letter)
    return start


def spread(things: Sequence[Thing], weights: Sequence[float], size: int) -> list[Thing]:
    """A table of `size` cells in which each thing has its share, in the order given: a look-up instead of a draw."""
    sums = list(accumulate(weights))
    return [things[bisect_right(sums, (cell + 0.5) / size * sums[-1])] for cell in range(size)]


def long_tail(sigma: float, size: int) -> list[float]:
    """Quantiles of the log-normal distribution with median 1: most a little, few a lot."""
    normal = NormalDist(0.0, sigma)
    return [exp(normal.inv_cdf((cell + 0.5) / size)) for cell in range(size)]


def coprime_step(number: int, modulus: int) -> int:
    """A multiplier near `number` that makes i → i × step + start (mod modulus) hit every value once."""
    step = number % modulus | 1
    while gcd(step, modulus) != 1:
        step += 2
    return step
