"""`make bench`: every benchmark in turn, or the ones named: `python -m benchmarks api reports`."""
import importlib
import sys
from pathlib import Path

SUPPORT = {"__init__", "__main__", "console_pages", "grown", "grown_shops", "in_process", "installation", "yardstick"}
"""Modules that the benchmarks share and that measure nothing by themselves."""


def main() -> None:
    """Run `main()` of each benchmark under its name; the API first, because it wants the machine to itself."""
    known = sorted((path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in SUPPORT),
                   key=lambda name: (name != "api", name))
    for name in sys.argv[1:] or known:
        if name not in known:
            raise SystemExit(f"There is no benchmark {name}; there are: {', '.join(known)}.")
        print(f"\n== {name}: {importlib.import_module(f'benchmarks.{name}').__doc__.splitlines()[0]}\n", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
