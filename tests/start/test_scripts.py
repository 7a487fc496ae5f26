import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.name.startswith("_"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_hashes_and_none_an_address(lock: Path) -> None:
    text = lock.read_text()

    packages = re.split(r"\n(?=\S)", text.strip())
    assert packages
    assert all("--hash=sha256:" in package for package in packages)
    assert not re.search(r"://|index-url|find-links|^-|/", text, re.MULTILINE)


def test_the_three_locks_agree_on_every_version() -> None:
    pins = [pin for lock in LOCKS for pin in re.findall(r"^(\S+)==(\S+)", lock.read_text(), re.MULTILINE)]

    assert len(dict(pins)) == len(set(pins))


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [Requirement(each) for each in [*project["dependencies"], *project["optional-dependencies"]["dev"]]]
    pins = dict(re.findall(r"^(\S+)==(\S+)", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE))

    outdated = [str(each) for each in asked if pins.get(canonicalize_name(each.name), "0") not in each.specifier]
    assert outdated == [], "run scripts/lock"


@pytest.mark.parametrize("script", [*SCRIPTS, ROOT / ".ci" / "run"], ids=lambda path: path.name)
def test_a_script_can_be_started(script: Path) -> None:
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_a_script_works_from_another_folder_and_in_foreign_surroundings(tmp_path: Path) -> None:
    (tmp_path / "network").mkdir()
    (tmp_path / "network" / "__init__.py").write_text("raise SystemExit('the wrong network')")
    surroundings = {"PYTHONPATH": str(tmp_path), "VIRTUAL_ENV": "/nowhere", "PIP_TARGET": "/nowhere", "CDPATH": "/tmp"}

    done = subprocess.run(
        [ROOT / "scripts" / "run", "--help"],
        cwd=tmp_path,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "--fresh" in done.stdout
