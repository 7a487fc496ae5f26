"""`scripts/test`: every static check and every test but the slow ones, browser tests included.

With arguments it is pytest alone, with those arguments, in the environment made ready.
"""

import os
import sys

from network.cli.browser import ensure_browser
from network.cli.steps import run, run_static_steps

WORKERS = "3"
"""One more than the two cores that there always are: a browser's test waits as often as it works."""

WHOLE_FILES = ("--dist", "loadfile", "--no-loadscope-reorder")
"""The tests of a file share what it set up, so one worker has them all; long ones first: see `tests/conftest.py`."""


def main() -> int:
    """Run everything even after a failure, tests last; the exit code is 0 only when all of it passed."""
    arguments = sys.argv[1:]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # images set it; each server that a test starts would compile anew
    failed = [] if arguments else run_static_steps()
    ensure_browser()
    selection = [] if "-m" in arguments else ["-m", "not slow"]
    durations = [] if arguments else ["--durations=25", "--durations-min=5"]
    workers = [] if {"-n", "--pdb"} & set(arguments) else ["-n", WORKERS, *WHOLE_FILES]
    tests = run([sys.executable, "-P", "-m", "pytest", *selection, *workers, *durations, *arguments])
    if failed:
        print(f"failed before the tests: {', '.join(failed)}", file=sys.stderr)
    return tests or (1 if failed else 0)


if __name__ == "__main__":
    sys.exit(main())
