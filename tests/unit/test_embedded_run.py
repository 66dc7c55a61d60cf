"""PostgreSQL's own programs on the embedded database: what docs/operating.md says of backups."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.embedded import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.embedded_run", *command],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PGHOST": "nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_backup_can_be_made_and_restored(tmp_path: Path) -> None:
    assert run(tmp_path, "psql", "--command=CREATE TABLE kept AS SELECT 42 AS n").returncode == 0
    assert run(tmp_path, "pg_dump", "--format=custom", "--file=neuvo.dump").returncode == 0
    (tmp_path / "var").rename(tmp_path / "lost")
    assert run(tmp_path, "pg_restore", "--dbname=neuvo", "neuvo.dump").returncode == 0
    assert run(tmp_path, "psql", "--tuples-only", "--command=SELECT n FROM kept").stdout.strip() == "42"


@pytest.mark.parametrize("words", [[], ["psql", "--command=SELECT no_such"]])
def test_a_failure_is_told(tmp_path: Path, words: list[str]) -> None:
    done = run(tmp_path, *words)
    assert done.returncode != 0
    assert done.stderr


def test_it_keeps_its_hands_off_a_database_in_use(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "var/postgresql", durable=False):
        done = run(tmp_path, "psql", "--command=SELECT 1")
    assert done.returncode == 1
    assert "already runs" in done.stderr
