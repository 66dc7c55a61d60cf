"""What is installed is whole: the wheel, the image, the locks and the compose file follow the repository."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from bot.channels import CHANNELS
from bot.channels import variables as channel_variables
from bot.settings import variables

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = [name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]]
UNTOLD_IN_COMPOSE = {
    *("NEUVO_VAR_DIR", "NEUVO_HOST", "NEUVO_PORT", "NEUVO_CITY", "NEUVO_SANDBOX", "NEUVO_LOG_FORMAT"),
    *("NEUVO_SEMANTIC", "NEUVO_TELEGRAM_POLLING", "NEUVO_TEAMS_ANONYMOUS"),
}
"""Settings that the image decides, or that only `neuvo dev` reads."""


def files_of(room: str) -> set[str]:
    found = (path for path in (ROOT / room).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(ROOT)) for path in found}


def test_the_wheel_holds_every_file_of_every_room(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--no-index", "--quiet"]
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", *ROOMS):
        (source / name).symlink_to(ROOT / name)
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(source)], check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    for room in ROOMS:
        assert files_of(room) - packed == set()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_no_address_and_gives_every_package_its_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"(?m)^\s*--(?!hash)", text)
    for block in re.split(r"(?m)^(?=[a-z0-9])", text)[1:]:
        assert "--hash=sha256:" in block


def test_the_locks_hold_what_the_project_asks_for() -> None:
    groups = PROJECT["dependency-groups"]
    runtime = [*PROJECT["project"]["dependencies"], *groups["build"]]
    for name, wanted in {
        "requirements.lock": runtime,
        "requirements-dev.lock": [*runtime, *groups["test"], *groups["check"]],
    }.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        locked = dict(re.findall(r"(?m)^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", text))
        for requirement in map(Requirement, wanted):
            assert requirement.specifier.contains(locked.get(requirement.name, "0")), f"make lock: {requirement}"


def test_the_image_is_made_by_the_steps_of_make_run_and_has_every_room() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "RUN make install" in text
    assert re.search(r"(?m)^run: install\b", (ROOT / "Makefile").read_text(encoding="utf-8"))
    admitted = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"(?m)^COPY (?!--from)(.*) \S+$", text)
    assert {name for line in copied for name in line.split()} >= {
        *ROOMS,
        "Makefile",
        "pyproject.toml",
        "requirements.lock",
    }
    for line in copied:
        assert all(f"!{name}" in admitted and (ROOT / name).exists() for name in line.split())
    assert re.search(r"(?m)^USER (?!0|root)", text)
    assert "/healthz" in text


def test_compose_passes_every_setting_that_a_server_has() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    for name in ("server", "worker", "migration"):
        channels = (name for kind in CHANNELS for name in channel_variables(kind).values())
        expected = {*variables().values(), *channels} - UNTOLD_IN_COMPOSE
        assert set(compose["services"][name]["environment"]) == expected
    assert compose["services"]["database"]["healthcheck"]
    assert "password" not in str(compose["services"]["database"]["environment"]["POSTGRES_PASSWORD"]).lower().replace(
        "postgres_password", ""
    )
