"""Running things at the same time, and asking afterwards whether the books are right."""
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from services.verification import verify


def together(count: int, function: Callable[[int], Any]) -> list[Any]:
    """Run `function(number)` from `count` threads at once; what each returned, or the exception it raised."""
    def call(number: int) -> Any:
        try:
            return function(number)
        except Exception as error:  # noqa: BLE001  the outcome, whatever it is, is what the tests look at
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def breaks() -> list[str]:
    """Every break that `verify` finds in the books."""
    return [line for finding in verify() for line in finding.breaks]
