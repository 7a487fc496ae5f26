"""The environment, read once.

- `DATABASE_URL`: a PostgreSQL 15 or newer, as `postgresql://...`. Unset: an embedded one under the data directory.
- `POLLEN_DATA_DIR`: where this installation keeps its files. Unset: `.pollen` in a clone, else `$XDG_DATA_HOME/pollen`.
- `POLLEN_HOST`: the address to listen on, `0.0.0.0` for every one. Unset: `127.0.0.1`.
- `POLLEN_PORT`: the port to listen on. Unset: 8700.
- `POLLEN_PUBLIC_URL`: the origin that tills, phones and links use, https unless on this machine.
  Unset: `http://localhost:PORT`.
- `POLLEN_MASTER_KEY`: base64 of 32 bytes that seal the coalitions' signing keys.
  Unset: made once in the data directory as `master.key`, mode 0600. Keep a copy: what it seals is lost with it.
- `POLLEN_SMTP_URL`: the mail server that messages to guests go through, as `smtps://USER:PASSWORD@HOST:PORT`, or `smtp://`
  with STARTTLS (which only this machine may lack). Unset: nothing that needs a message is offered.
- `POLLEN_MAIL_FROM`: who such a message is from, such as `Pollen <pollen@example.org>`. Needed with a mail server.
- `POLLEN_SMS_GATEWAY`: the domain of a gateway that sends what is mailed to NUMBER@DOMAIN as an SMS. Unset: no phones.
- `POLLEN_LOG_LEVEL`: debug, info, warning or error. Unset: info.
- `POLLEN_DEV`: 1 on a developer's machine, where plain http is accepted for any public URL. Unset: 0.
"""

import base64
import binascii
import os
import re
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

LOG_LEVELS = ("debug", "info", "warning", "error")
MASTER_KEY_BYTES = 32
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class SettingRefused(ValueError):
    """A variable has a value that can't be meant; its text names both."""


@dataclass(frozen=True)
class Settings:
    """What differs from one installation to another."""

    database_url: str | None = field(repr=False)  # its password belongs in no log
    data_dir: Path
    host: str
    port: int
    public_url: str
    master_key: bytes = field(repr=False)
    log_level: str
    dev: bool
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    sms_gateway: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read and check every variable; a first start makes the data directory and the master key.

        Raises: SettingRefused.
        """
        dev = _flag(environment, "POLLEN_DEV")
        data_dir = _data_dir(environment)
        smtp_url, mail_from, sms_gateway = _mail(environment)
        port = _port(environment.get("POLLEN_PORT") or "8700")
        return cls(
            database_url=_database_url(environment.get("DATABASE_URL")),
            data_dir=data_dir,
            host=environment.get("POLLEN_HOST") or "127.0.0.1",
            port=port,
            public_url=_public_url(environment.get("POLLEN_PUBLIC_URL") or f"http://localhost:{port}", dev=dev),
            master_key=_master_key(environment.get("POLLEN_MASTER_KEY"), data_dir),
            log_level=_log_level(environment.get("POLLEN_LOG_LEVEL") or "info"),
            dev=dev,
            smtp_url=smtp_url,
            mail_from=mail_from,
            sms_gateway=sms_gateway,
        )

    def as_environment(self) -> dict[str, str]:
        """The variables that give another process of this installation the same settings, the database apart."""
        return {
            "POLLEN_DATA_DIR": str(self.data_dir),
            "POLLEN_HOST": self.host,
            "POLLEN_PORT": str(self.port),
            "POLLEN_PUBLIC_URL": self.public_url,
            "POLLEN_MASTER_KEY": base64.b64encode(self.master_key).decode(),
            "POLLEN_LOG_LEVEL": self.log_level,
            "POLLEN_DEV": "1" if self.dev else "0",
            "POLLEN_SMTP_URL": self.smtp_url or "",
            "POLLEN_MAIL_FROM": self.mail_from or "",
            "POLLEN_SMS_GATEWAY": self.sms_gateway or "",
        }


def _flag(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "0"
    if text not in ("0", "1"):
        raise SettingRefused(f"{name} is {text!r}, expected 0 or 1")
    return text == "1"


def _data_dir(environment: Mapping[str, str]) -> Path:
    if named := environment.get("POLLEN_DATA_DIR"):
        return Path(named).expanduser().absolute()
    clone = Path(__file__).resolve().parents[1]
    if (clone / "pyproject.toml").exists():
        return clone / ".pollen"
    home = environment.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser()
    return Path(home, "pollen").absolute()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise SettingRefused(f"POLLEN_PORT is {text!r}, expected 1 to 65535")
    return int(text)


def _database_url(text: str | None) -> str | None:
    if text and urlsplit(text).scheme not in ("postgresql", "postgres"):
        raise SettingRefused("DATABASE_URL does not start with postgresql://")
    return text or None


def _public_url(text: str, *, dev: bool) -> str:
    url = text.rstrip("/")
    try:
        parts = urlsplit(url)
    except ValueError as problem:
        raise SettingRefused(f"POLLEN_PUBLIC_URL is {text!r}: {problem}") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or url != f"{parts.scheme}://{parts.netloc}":
        raise SettingRefused(f"POLLEN_PUBLIC_URL is {text!r}, expected an origin such as https://pollen.example")
    if parts.scheme == "http" and parts.hostname not in THIS_MACHINE and not dev:
        raise SettingRefused(f"POLLEN_PUBLIC_URL is {text!r}: other machines need https, or POLLEN_DEV=1")
    return url


def _mail(environment: Mapping[str, str]) -> tuple[str | None, str | None, str | None]:
    url, sender, gateway = (
        environment.get(name) or None for name in ("POLLEN_SMTP_URL", "POLLEN_MAIL_FROM", "POLLEN_SMS_GATEWAY")
    )
    if url and (urlsplit(url).scheme not in ("smtp", "smtps") or not urlsplit(url).hostname):
        raise SettingRefused("POLLEN_SMTP_URL is not smtps://USER:PASSWORD@HOST")  # its password belongs in no message
    if bool(url) != bool(sender):
        raise SettingRefused("POLLEN_SMTP_URL and POLLEN_MAIL_FROM go together")
    if sender and "@" not in parseaddr(sender)[1]:
        raise SettingRefused(f"POLLEN_MAIL_FROM is {sender!r}, expected such as Pollen <pollen@example.org>")
    if gateway and (not url or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", gateway)):
        raise SettingRefused(f"POLLEN_SMS_GATEWAY is {gateway!r}, expected a domain, with a mail server")
    return url, sender, gateway


def _log_level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise SettingRefused(f"POLLEN_LOG_LEVEL is {text!r}, expected one of {', '.join(LOG_LEVELS)}")
    return text.lower()


def _master_key(text: str | None, data_dir: Path) -> bytes:
    if text:
        return _decoded(text, "POLLEN_MASTER_KEY")
    path = data_dir / "master.key"
    if not path.exists():
        _write_new_key(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SettingRefused(f"{path} can be read by others; run: chmod 600 {path}")
    return _decoded(path.read_text().strip(), str(path))


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        raise SettingRefused(f"{where} is not base64 of {MASTER_KEY_BYTES} bytes")
    return key


def _write_new_key(path: Path) -> None:
    """Make the key once, whole and on disk: what it seals is lost with it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):  # Two first starts at once: both then read the one that came first.
        os.link(draft, path)
    draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
