"""`scripts/check`: format, lint, types, layers and the tests that need no browser; stops at the first failed test."""

import argparse
import sys

from network.cli.steps import run, run_static_steps


def main() -> int:
    """Run the loop; the exit code is 0 only when everything passed."""
    parser = argparse.ArgumentParser(prog="scripts/check", description=__doc__)
    parser.add_argument("--fix", action="store_true", help="let ruff rewrite what it can")
    options, pytest_arguments = parser.parse_known_args()
    if failed := run_static_steps(fix=options.fix):
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
        return 1
    chosen = ["-m", "not slow and not browser", "-x", "-q", "-n", "2"]
    return run([sys.executable, "-P", "-m", "pytest", *chosen, *pytest_arguments])


if __name__ == "__main__":
    sys.exit(main())
