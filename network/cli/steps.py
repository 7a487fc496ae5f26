"""The static checks that `scripts/check` and `scripts/test` share, each one command."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent

STATIC_STEPS = {
    "format": [str(PROGRAMS / "ruff"), "format", "--check", "--quiet", "."],
    "lint": [str(PROGRAMS / "ruff"), "check", "--quiet", "."],
    "types": [str(PROGRAMS / "mypy")],
    "layers": [str(PROGRAMS / "lint-imports"), "--no-logo"],
}
FIXES = {
    "format": [str(PROGRAMS / "ruff"), "format", "."],
    "lint": [str(PROGRAMS / "ruff"), "check", "--fix", "."],
}


def run(command: list[str]) -> int:
    """Run one command at the project's root and return its exit code; Ctrl-C ends it with us."""
    environment = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    return subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode


def run_static_steps(*, fix: bool = False) -> list[str]:
    """Run every static check, also after a failed one, and return the names of those that failed."""
    failed = []
    for name, command in STATIC_STEPS.items():
        started = time.monotonic()
        if run(FIXES.get(name, command) if fix else command) != 0:
            failed.append(name)
        verdict = "FAILED" if name in failed else "ok"
        print(f"{name}: {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
    return failed
