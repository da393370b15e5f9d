"""Money as integers of minor units inside, two-decimal strings outside; floats never touch a sum."""
import re
from decimal import ROUND_HALF_UP, Decimal

MINOR_PER_MAJOR = 100
MAX_AMOUNT = 9_999_999_999
"""The largest single amount, 99,999,999.99: ten digits as the old clients' contracts have it."""

_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,2})?", re.ASCII)


def parse(value: object) -> int:
    """Minor units of a plain decimal string, an integer, or a Decimal read from JSON text.

    Raises ValueError for floats, booleans, exponents, NaN, blanks and more than two decimals.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError("A valid amount is required.")
    text = str(value)
    if re.fullmatch(r"-?\d+\.\d{3,}", text, re.ASCII):
        raise ValueError("Ensure that there are no more than 2 decimal places.")
    if not _AMOUNT.fullmatch(text):
        raise ValueError("A valid amount is required.")
    return int(Decimal(text) * MINOR_PER_MAJOR)


def text(minor: int) -> str:
    """The two-decimal string of `minor` units: 100050 is "1000.50"."""
    sign = "-" if minor < 0 else ""
    major, rest = divmod(abs(minor), MINOR_PER_MAJOR)
    return f"{sign}{major}.{rest:02d}"


def number(minor: int) -> float:
    """The JSON number that computed figures (summaries, charts) carry; never used for further sums."""
    return minor / MINOR_PER_MAJOR


def share(amount: int, basis_points: int) -> int:
    """`basis_points` ten-thousandths of `amount`, rounded half-up to the minor unit (5.50 % is 550)."""
    return int((Decimal(amount) * basis_points / 10_000).quantize(Decimal(1), ROUND_HALF_UP))
