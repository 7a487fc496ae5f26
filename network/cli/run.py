"""`scripts/run`: serve the network with a demo neighbourhood until Ctrl-C, the database included."""

import argparse
import errno
import hashlib
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

import uvicorn
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from network.demo import DAYS, DAYS_LEAST
from network.settings import SettingRefused, Settings
from network.store.embedded import EmbeddedPostgres, open_database
from network.store.unprivileged import DatabaseUnavailable

Credential = tuple[str, str, str]  # role, name, secret


def main() -> int:
    """Parse, refuse what can't work before anything is touched, then serve."""
    options = _options()
    environment = {**os.environ, **({"POLLEN_HOST": options.host} if options.host else {})}
    if options.port is not None:
        environment["POLLEN_PORT"] = str(options.port)
    try:
        listener = _listen(environment)
        settings = Settings.from_environment({**environment, "POLLEN_PORT": str(listener.getsockname()[1])})
        if options.fresh and settings.database_url and not options.yes:
            raise SettingRefused("--fresh would empty the database that DATABASE_URL names; add --yes to mean it")
        _serve(settings, environment, listener, fresh=options.fresh, demo_days=options.demo_days)
    except (SettingRefused, DatabaseUnavailable) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        pass  # the usual way to stop
    print("Stopped. The data is kept.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/run",
        description="Start a certificate network with a demo neighbourhood. Ctrl-C stops everything it started.",
        epilog="DATABASE_URL uses an existing PostgreSQL. Every variable: network/settings.py.",
    )
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8700; 0 takes a free one)")
    parser.add_argument("--fresh", action="store_true", help="forget all data and found the demo anew")
    parser.add_argument("--yes", action="store_true", help="with --fresh: empty the database of DATABASE_URL too")
    parser.add_argument(
        "--demo-days", type=int, default=DAYS, metavar="N",
        help=f"how long a demo that is founded now has traded (default {DAYS}, {DAYS_LEAST} or more): shorter starts"
        " sooner, and its pages know of no effect yet",
    )  # fmt: skip
    options = parser.parse_args()
    if options.demo_days < DAYS_LEAST:
        parser.error(f"--demo-days is {options.demo_days}, expected {DAYS_LEAST} or more")
    return options


def _listen(environment: Mapping[str, str]) -> socket.socket:
    """Take the port now, so that a taken one is refused before anything starts.

    Raises: SettingRefused.
    """
    host, port = environment.get("POLLEN_HOST") or "127.0.0.1", environment.get("POLLEN_PORT") or "8700"
    if not port.isdigit() or int(port) > 65535:
        raise SettingRefused(f"the port is {port!r}, expected 1 to 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)  # a second start would be let in while the first only held the address
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise SettingRefused(f"Port {port} is taken by another program. Try: scripts/run --port 0") from None
        raise SettingRefused(f"Can't listen on {host} port {port}: {problem.strerror}") from None
    return listener


def _serve(
    settings: Settings, environment: Mapping[str, str], listener: socket.socket, *, fresh: bool, demo_days: int
) -> None:
    from network.api.app import create_app  # noqa: PLC0415 - a refusal above should not wait for the whole network
    from network.beside import beside  # noqa: PLC0415
    from network.demo.doors import demo_doors  # noqa: PLC0415
    from network.demo.founding import ensure_demo  # noqa: PLC0415
    from network.store.migrations import drop_all, migrate_all  # noqa: PLC0415

    credentials_file = _credentials_file(settings)
    if fresh and not settings.database_url:
        EmbeddedPostgres(settings.data_dir / "postgres").erase()
    with open_database(settings.data_dir, environment) as url:
        if fresh and settings.database_url:
            drop_all(url)
        if fresh:
            credentials_file.unlink(missing_ok=True)
        migrate_all(url)
        credentials = _kept_credentials(credentials_file)
        if credentials is None:
            with Progress(
                TextColumn("A demo street trades for {task.total} days"), BarColumn(), TimeElapsedColumn()
            ) as bar:
                days = bar.add_task("", total=demo_days)
                credentials = ensure_demo(
                    url, settings, days=demo_days, told=lambda day: bar.update(days, completed=day)
                )
            _keep_credentials(credentials_file, credentials)
        doors = demo_doors(url, settings)
        config = uvicorn.Config(
            create_app(settings, url, beside=False),
            log_level=settings.log_level,
            access_log=False,
            timeout_graceful_shutdown=5,
        )
        with beside(settings, url, environment):
            _Server(config, lambda: _welcome(settings, credentials, doors)).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says where it is only once it answers, and stops in order however often it is told."""

    def __init__(self, config: uvicorn.Config, when_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_started = when_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._when_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:  # told once more, uvicorn would leave before those who are waited for had ended
            super().handle_exit(sig, frame)


def _credentials_file(settings: Settings) -> Path:
    """One file a database, since the demo of another has other secrets."""
    if not settings.database_url:
        return settings.data_dir / "demo-credentials.json"
    name = hashlib.sha256(settings.database_url.encode()).hexdigest()[:8]
    return settings.data_dir / f"demo-credentials-{name}.json"


def _kept_credentials(path: Path) -> list[Credential] | None:
    if not path.exists():
        return None
    return [(role, name, secret) for role, name, secret in json.loads(path.read_text())]


def _keep_credentials(path: Path, credentials: list[Credential]) -> None:
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(credentials, file, ensure_ascii=False, indent=1)
    draft.rename(path)


def _welcome(settings: Settings, credentials: list[Credential], doors: list[tuple[str, str]]) -> None:
    table = Table("Role", "Name", "Secret", title=f"Pollen answers at {settings.public_url}", title_justify="left")
    for row in credentials:
        table.add_row(*(Text(each, no_wrap=True) for each in row))
    # Wide enough that a secret is never broken: it is there to be copied.
    wide = Console(width=1000)
    console = Console(width=max(Console().width, wide.measure(table).maximum), highlight=False)
    console.print(table)
    till = next((secret for role, _, secret in credentials if role == "till"), "SECRET")
    console.print("Pages, as each of them (a link works once, for a new one start again):", soft_wrap=True)
    for who, code in doors:
        console.print(f"  {settings.public_url}/enrol#{code}  {who}", soft_wrap=True)
    console.print(f"  {settings.public_url}/v  a guest, who needs no link", soft_wrap=True)
    console.print("Next, be a till in another terminal (help is inside):", soft_wrap=True)
    console.print(f"  POLLEN_URL={settings.public_url} POLLEN_CREDENTIAL={till} scripts/till", soft_wrap=True)
    console.print(f"Every command: {settings.public_url}/docs. Ctrl-C stops everything, the database too.")


if __name__ == "__main__":
    sys.exit(main())
