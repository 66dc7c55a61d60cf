"""Run one of PostgreSQL's own programs on the embedded database: ``python -m bot.embedded_run pg_dump --file=x``.

For backups and a look inside, while ``neuvo dev`` is stopped: starts the server, runs the program, stops the server.
"""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

from bot.embedded import EmbeddedError, EmbeddedPostgres
from bot.embedded_binaries import programs
from bot.settings import SettingsFaults, load_settings


def main(command: list[str]) -> int:
    """Run the command with the database's address in its environment; give its exit code."""
    if not command:
        print("usage: python -m bot.embedded_run psql|pg_dump|pg_restore [ARGUMENT…]", file=sys.stderr)  # noqa: T201
        return 2
    try:
        folder = load_settings().embedded_folder
        with EmbeddedPostgres(folder) as postgres:
            return run(command, postgres.url)
    except (EmbeddedError, SettingsFaults) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1


def run(command: list[str], url: str) -> int:
    """Run one of the wheel's programs, or any other, on the database of that address."""
    parts = urlsplit(url)
    place = parse_qs(parts.query)
    address = {
        "DATABASE_URL": url,
        "PGHOST": place["host"][0],
        "PGPORT": place["port"][0],
        "PGUSER": parts.username or "",
        "PGDATABASE": parts.path.lstrip("/"),
        "PATH": f"{programs(os.geteuid())}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    try:
        return subprocess.run(["/usr/bin/env", *command], env=os.environ | address, check=False).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
