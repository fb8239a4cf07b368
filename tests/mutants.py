"""Reports how many mutants the unit tests noticed, and which ones none did: `python -m tests.mutants`.

Run it after `mutmut run`. It exits with 1 when too many went unnoticed; `python -m mutmut show NAME` shows one.
"""

import subprocess
import sys
from collections import Counter

ENOUGH = 0.95
"""The share of mutants that must be noticed."""
NOTICED = {"killed", "timeout", "caught by type check"}


def main() -> int:
    command = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    ends = dict(line.strip().split(": ", 1) for line in said.splitlines() if "__mutmut_" in line)
    missed = sorted(name for name, end in ends.items() if end not in NOTICED)
    for name in missed:
        sys.stdout.write(f"{ends[name]}: {name}\n")
    for module, count in sorted(Counter(name.rpartition(".")[0] for name in ends).items()):
        gone = sum(name.startswith(f"{module}.") for name in missed)
        sys.stdout.write(f"{module}: {count - gone} of {count} noticed\n")
    score = 1 - len(missed) / len(ends)
    sys.stdout.write(f"all: {score:.1%}\n")
    return 0 if score >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
