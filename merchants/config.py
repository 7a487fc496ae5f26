"""Where this till belongs: the network's address and the till's credential, from the environment or a private file.

`POLLEN_URL` and `POLLEN_CREDENTIAL` win over `~/.config/pollen/till.toml` (`POLLEN_TILL_CONFIG` names another file).
The outbox is beside the user's state: `POLLEN_TILL_OUTBOX`, else `~/.local/state/pollen/till.db`.
"""

import json
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

_CREDENTIAL = re.compile(r"pollen_([a-z]+)_([a-z0-9-]+)_([A-Za-z0-9_-]+)")


class ConfigRefused(ValueError):
    """The till is not set up, or not safely; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Config:
    """What `till setup` asks for. `paper` is the receipt's width in millimetres."""

    url: str
    credential: str = field(repr=False)
    outbox: Path
    paper: int = 80
    plain_http: bool = False

    @property
    def coalition(self) -> str:
        """The coalition's name in addresses, as the credential says."""
        found = _CREDENTIAL.fullmatch(self.credential)
        return found[2] if found else ""


def config_path(environment: Mapping[str, str]) -> Path:
    """The private file."""
    if named := environment.get("POLLEN_TILL_CONFIG"):
        return Path(named).expanduser()
    return Path(environment.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "pollen" / "till.toml"


def load(environment: Mapping[str, str]) -> Config:
    """Raises: ConfigRefused."""
    kept = _read(config_path(environment))
    url = environment.get("POLLEN_URL") or str(kept.get("url", ""))
    credential = environment.get("POLLEN_CREDENTIAL") or str(kept.get("credential", ""))
    if not url or not credential:
        raise ConfigRefused("This till is not set up yet. Run: till setup")
    if not _CREDENTIAL.fullmatch(credential):
        raise ConfigRefused("The credential is not one of Pollen's (pollen_till_...). Run: till setup")
    named = environment.get("POLLEN_TILL_OUTBOX")
    home = Path(environment.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "pollen" / "till.db"
    paper = kept.get("paper", 80)
    if paper not in (58, 80):
        raise ConfigRefused("paper is 58 or 80 (millimetres)")
    return Config(
        url=url.rstrip("/"),
        credential=credential,
        outbox=Path(named).expanduser() if named else home,
        paper=int(str(paper)),
        plain_http=environment.get("POLLEN_DEV") == "1",
    )


def save(environment: Mapping[str, str], *, url: str, credential: str, paper: int) -> Path:
    """Write the private file, whole or not at all."""
    path = config_path(environment)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{uuid4().hex}")
    # A JSON string of these characters is a TOML string too.
    text = f"url = {json.dumps(url)}\ncredential = {json.dumps(credential)}\npaper = {paper}\n"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return path


def _read(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    if os.name != "nt" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigRefused(f"{path} holds a secret and can be read by others. Run: chmod 600 {path}")
    try:
        return tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigRefused(f"{path} cannot be read ({error}). Run: till setup") from None
