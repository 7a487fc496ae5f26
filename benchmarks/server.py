"""The server that is measured, in a process of its own: PORT DATABASE_URL MASTER_KEY_HEX."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn

from network.api.app import create_bench_app
from network.beside import beside
from network.settings import Settings


def main() -> None:
    port, database_url, master_key = sys.argv[1:4]
    with TemporaryDirectory() as folder:
        settings = replace(
            Settings.from_environment({"POLLEN_DATA_DIR": folder, "POLLEN_PORT": port, "POLLEN_LOG_LEVEL": "error"}),
            master_key=bytes.fromhex(master_key),
            data_dir=Path(folder),
        )
        app = create_bench_app(settings, database_url, beside=False)
        with beside(settings, database_url, os.environ):
            uvicorn.run(app, host="127.0.0.1", port=int(port), access_log=False, log_level="error")


if __name__ == "__main__":
    main()
