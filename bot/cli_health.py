"""``neuvo health``: records in, and programmes evaluated. Each room is imported only when its command runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TextIO

import click

from bot.cli_options import read_settings


@click.group()
def health() -> None:
    """Health outreach: the records of who allowed it, and the programmes that look at them."""


@health.command("import")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--from", "base", help="A FHIR server that exports ($export), instead of files.")
@click.option("--issuer", help="The identifier system of login subjects in Patients (NEUVO_LOGIN_OIDC_ISSUER).")
@click.option("--faults/--no-faults", default=True, help="Whether to list each fault with its file and line (yes).")
def health_import(paths: tuple[Path, ...], base: str | None, issuer: str | None, faults: bool) -> None:
    """Import FHIR R4: bundles (.json), bulk export (.ndjson, .ndjson.gz), folders of them, or a server's export.

    Only facts that a programme asks for are kept, of persons who log in here and allow it. The token for a server is
    read from NEUVO_HEALTH_FHIR_TOKEN.
    """
    from bot.health_run import import_records as run

    for line in run(read_settings(), paths, base, issuer, faults=faults):
        click.echo(line)


@health.command("evaluate")
@click.argument("programme", required=False)
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day to evaluate for (today).")
@click.option("--report", is_flag=True, help="Write FHIR MeasureReports, one a line, instead of counts.")
def health_evaluate(programme: str | None, day: datetime | None, report: bool) -> None:
    """Evaluate a PROGRAMME, or all: how many stand where, and why. Nothing is sent by it.

    What is found today waits in the console for a trained person to decide on; with --report, or --on another day,
    people are counted alone.
    """
    from bot.health_run import evaluate as run

    for line in run(read_settings(), programme, None if day is None else day.date(), report=report):
        click.echo(line)


@health.command("communications")
@click.option(
    "--to", "out", type=click.File("w", encoding="utf-8", lazy=False), default="-", help="The file (standard output)."
)
def health_communications(out: TextIO) -> None:
    """Write what reviewers decided and what was sent: FHIR CommunicationRequest and Communication, one a line.

    The persons are pseudonyms, and nothing clinical is in it.
    """
    from bot.health_run import communications as run

    for line in run(read_settings()):
        click.echo(line, file=out)


@health.command("programmes")
def health_programmes() -> None:
    """List the programmes with their versions, owners and review dates."""
    from bot.health_run import programmes as run

    for line in run(read_settings()):
        click.echo(line)
