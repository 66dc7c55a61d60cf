"""Holds the whole ledger against its keys: what was changed, put in, taken out, reordered or cut is found.

A row that was cut from the end of its chain leaves no gap: the checkpoints tell it, once one has covered the row.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mydata import ledger_sql as sql
from mydata.ledger_chain import START, Entry
from mydata.ledger_checkpoint import FIRST, Checkpoint
from mydata.ledger_heads import AT_ONCE, root_at

MOST = 1_000
"""Findings that are told; the rest is counted."""

Progress = Callable[[int], object]
"""Told of so many more rows."""


@dataclass(slots=True)
class Report:
    """What was read, and what is wrong, in words."""

    entries: int = 0
    chains: int = 0
    checkpoints: int = 0
    wrong: int = 0
    findings: list[str] = field(default_factory=list)

    def add(self, words: str) -> None:
        """One more fault."""
        self.wrong += 1
        if len(self.findings) < MOST:
            self.findings.append(words)


async def verify(
    connection: Any,
    mac_key: bytes,
    public: bytes,
    *,
    kept: Checkpoint | None = None,
    every: bool = False,
    progress: Progress = lambda _: None,
) -> Report:
    """Read all of the ledger, in one transaction that sees one moment; memory does not grow with it.

    ``public`` is the public half of the signing key, ``kept`` a checkpoint that was kept elsewhere. Of the
    checkpoints in the database the chains are held against the newest, with ``every`` against each one.
    """
    report = Report()
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        texts = await _texts(connection, report)
        await _chains(connection, mac_key, texts, report, progress)
        await _checkpoints(connection, public, kept, report, every=every)
    return report


async def _texts(connection: Any, report: Report) -> dict[bytes, tuple[str, int]]:
    """What each text is of, by its digest."""
    found: dict[bytes, tuple[str, int]] = {}
    for row in await connection.fetch(sql.TEXTS):
        named = f"the text of {row['purpose']}, version {row['version']},"
        if hashlib.sha256(row["text"].encode()).digest() != row["digest"]:
            report.add(f"{named} is not what was agreed to")
            continue
        told = json.loads(row["text"])
        if (told["id"], told["version"]) != (row["purpose"], row["version"]):
            report.add(f"{named} is of another purpose or version")
        found[row["digest"]] = (told["id"], told["version"])
    return found


async def _chains(
    connection: Any, key: bytes, texts: dict[bytes, tuple[str, int]], report: Report, progress: Progress
) -> None:
    before, unread = None, 0
    async for row in connection.cursor(sql.EVERY, prefetch=AT_ONCE):
        entry = Entry.of(row)
        if before is not None and before.pseudonym != entry.pseudonym:
            before = None
        report.chains += before is None
        _entry(entry, before, key, report)
        if texts.get(entry.digest) != (entry.purpose, entry.version):
            report.add(f"{_name(entry)}: the text that was agreed to is missing")
        before, report.entries, unread = entry, report.entries + 1, unread + 1
        if unread == AT_ONCE:
            progress(unread)
            unread = 0
    progress(unread)


def _entry(entry: Entry, before: Entry | None, key: bytes, report: Report) -> None:
    expected = before.seq + 1 if before else 1
    if entry.seq != expected:
        report.add(f"{_name(entry)}: entry {expected} is missing")
    # After a fault the rest of the chain is held against what stands there, so that one fault is told once.
    if not hmac.compare_digest(entry.mac, entry.mac_after(before.mac if before else START, key)):
        report.add(f"{_name(entry)}: the entry, or the one before it, was changed, put in or moved")
    if before is not None and entry.at < before.at:
        report.add(f"{_name(entry)}: it is older than the entry before it")


def _name(entry: Entry) -> str:
    return f"chain {entry.pseudonym.hex()[:12]}, entry {entry.seq}"


async def _checkpoints(connection: Any, public: bytes, kept: Checkpoint | None, report: Report, *, every: bool) -> None:
    stored = [Checkpoint.of(row) for row in await connection.fetch(sql.CHECKPOINTS)]
    report.checkpoints = len(stored)
    previous = FIRST
    for number, checkpoint in enumerate(stored, start=1):
        if checkpoint.number != number:
            report.add(f"checkpoint {checkpoint.number}: checkpoint {number} should stand there")
        if checkpoint.previous != previous:
            report.add(f"checkpoint {checkpoint.number}: it does not follow the one before it")
        previous = checkpoint.digest()
    if kept is not None and kept not in stored:
        report.add(f"checkpoint {kept.number}: the one that was kept elsewhere is missing here, or differs")
    chosen = stored if every else stored[-1:]
    for checkpoint in [*stored, kept] if kept is not None else stored:
        if not checkpoint.is_signed_by(public):
            report.add(f"checkpoint {checkpoint.number}: it is not as it was signed")
    for checkpoint in [*chosen, kept] if kept is not None and kept not in chosen else chosen:
        await _ends(connection, checkpoint, report)


async def _ends(connection: Any, checkpoint: Checkpoint, report: Report) -> None:
    root = await root_at(connection, checkpoint.at)
    if not checkpoint.same_ends(root):
        report.add(
            f"checkpoint {checkpoint.number}: it covered {checkpoint.entries} entries in {checkpoint.chains} chains, "
            f"and of these the ledger now holds {root.entries} in {root.chains}: "
            "an entry was cut from the end of its chain, a chain is missing, or one was exchanged"
        )
