"""Programs that only some tests need."""
import os
import shutil

import pytest


def installed(*names: str, package: str, why: str) -> str:
    """Where the first of these programs is. Without any the test is skipped, or fails under REQUIRE_PROGRAMS."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        told = f"{why} need {names[0]}: sudo apt-get install -y {package}"
        if os.environ.get("REQUIRE_PROGRAMS"):
            pytest.fail(told)
        pytest.skip(told)
    return found
