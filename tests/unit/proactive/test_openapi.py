"""The served OpenAPI document is valid and true: schemathesis calls every operation as it is described there."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.unit.proactive.service import Service, sent, service

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIG = """
[checks.positive_data_acceptance]
# What is right in its form may name a template that there is not, or a person who is nobody.
expected-statuses = ["2xx", "404", "409", "422"]
"""


async def _run(api: Service, folder: Path, *more: str) -> tuple[int | None, str]:
    """Let it call the API; the status of its end and what it said."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG)
    words = (
        *("--config-file", str(config), "run", f"{api.url}/api/v1/openapi.json"),
        *(
            "--checks",
            "all",
            "--seed",
            "1",
            "--max-examples",
            "60",
            "--no-color",
            "--generation-deterministic",
            "--max-failures",
            "5",
        ),
        *("--header", f"Authorization: Bearer {api.key.secret}"),
        *more,
    )
    process = await asyncio.create_subprocess_exec(
        SCHEMATHESIS, *words, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said = (await process.communicate())[0].decode()
    return process.returncode, said


async def test_every_operation_is_as_it_is_described(database_url: str, tmp_path: Path) -> None:
    async with service(database_url, per_minute=1_000_000) as api:
        await api.post({"nudges": [sent() for _ in range(5)]})
        status, said = await _run(api, tmp_path)
        assert status == 0, said
        assert "5 selected / 5 total" in said, said
        assert "Missing test data" not in said, said
        assert await api.store.value("SELECT count(DISTINCT status) FROM nudges") == 2
