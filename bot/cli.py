"""``neuvo``: the one command of the house. Each room is imported only when its command runs, so that help is quick."""

from __future__ import annotations

import asyncio
import errno
import sys
from pathlib import Path
from typing import TextIO

import click

from bot.cli_api import api_keys, nudges
from bot.cli_audit import audit
from bot.cli_bench import bench
from bot.cli_campaigns import campaigns
from bot.cli_data import erasures, holds, retention
from bot.cli_health import health
from bot.cli_import import imports
from bot.cli_keys import keys
from bot.cli_options import LANGUAGES, read_settings

_FOLDER_FAULTS = frozenset((errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EEXIST, errno.ENOTDIR))


class _Neuvo(click.Group):
    """Ends with plain words where what is wrong can be put right by who reads them."""

    def invoke(self, ctx: click.Context) -> object:
        from bot.embedded_binaries import EmbeddedError
        from bot.secret_file import UnusableSecret
        from bot.settings import SettingsFaults
        from bot.texts import TextFaults
        from channels.kind import SetUpFailed
        from knowledge.faults import ContentFaults
        from mydata.retention_rules import RetentionFaults

        try:
            return super().invoke(ctx)
        except (
            ContentFaults,
            EmbeddedError,
            RetentionFaults,
            SettingsFaults,
            SetUpFailed,
            TextFaults,
            UnusableSecret,
        ) as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            if error.filename is None or error.errno not in _FOLDER_FAULTS:
                raise
            remedy = "Let this user write there and make room, or set NEUVO_VAR_DIR to a folder that will do."
            raise click.ClickException(f"{error.filename}: {error.strerror}. {remedy}") from None


@click.group(cls=_Neuvo, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="neuvo")
def main() -> None:
    """Neuvo, the conversation server of a city."""


@main.command()
@click.option("--port", type=int, help="The port of the web page (8080).")
@click.option("--host", help="The address to listen on (127.0.0.1).")
def dev(port: int | None, host: str | None) -> None:
    """Start everything on this machine: database, training, server, worker and a sandbox of the city's services."""
    from bot.server import dev as run

    run(read_settings(port=port, host=host))


@main.command()
@click.option("--port", type=int, help="The port of the web page (8080).")
@click.option("--host", help="The address to listen on (127.0.0.1).")
def serve(port: int | None, host: str | None) -> None:
    """Serve the channels. Needs DATABASE_URL and a migrated database."""
    from bot.server import serve as run

    run(read_settings(port=port, host=host))


@main.command()
def worker() -> None:
    """Run the jobs: effects, retries and the sweep. Needs DATABASE_URL and a migrated database."""
    from bot.server import worker as run

    run(read_settings())


@main.command()
@click.option("--language", type=LANGUAGES, help="The language to begin in.")
def chat(language: str | None) -> None:
    """Talk to the city in this terminal, over a database of your own that ends with the talk."""
    from bot.chat import chat as run
    from bot.server import load_city, scratch_database

    with scratch_database() as url:
        asyncio.run(run(load_city(read_settings()), url, language))


@main.command()
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"), default="-")
@click.option("--language", type=LANGUAGES, help="The session's language, as if it were known already.")
def understand(file: TextIO, language: str | None) -> None:
    """Read lines and write what was understood of each as one JSON object a line."""
    from bot.server import load_city
    from bot.understand import lines

    for line in lines(load_city(read_settings()), file, language):
        click.echo(line)


@main.command()
def train() -> None:
    """Train the models of all languages from the content, and say how well the held-out phrases are understood."""
    from bot.held_out import scores, table
    from bot.server import load_city

    city = load_city(read_settings())
    click.echo(f"{len(city.content.topics)} topics; the model is {city.model}")
    for line in table(scores(city).items()):
        click.echo(line)


@main.command()
@click.option("--held-out", "held_out", is_flag=True, help="Also say which held-out phrases are not understood.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also draw which topics are taken for one another (.svg or .png).",
)
def check(held_out: bool, plot: Path | None) -> None:
    """Read all settings and all content, and list every fault with file, line and what to do.

    --held-out and --plot ask the trained model, which is trained first where the content has changed.
    """
    from bot.check import findings

    found = findings()
    for warning in found.warnings:
        click.echo(f"warning: {warning}")
    for fault in found.faults:
        click.echo(fault)
    if found.faults:
        raise click.ClickException(f"{len(found.faults)} faults")
    click.echo("no faults")
    if held_out or plot is not None:
        _overlap(plot, held_out=held_out)


def _overlap(plot: Path | None, *, held_out: bool) -> None:
    from bot.held_out import results
    from bot.overlap import NoPlot, advice, draw, failed
    from bot.server import load_city

    found = results(load_city(read_settings()))
    if held_out:
        lines = list(failed(found))
        for line in (*lines, *advice(found)):
            click.echo(line)
        click.echo(f"{len(lines)} of {len(found)} held-out phrases are not understood at the first try")
    if plot is not None:
        try:
            click.echo(f"{draw(found, plot)} topics that are taken for one another are drawn in {plot}")
        except NoPlot as error:
            raise click.ClickException(str(error)) from None


@main.command()
@click.option("--texts", type=click.File(encoding="utf-8", errors="replace"), help="A file of texts, one a line.")
@click.option("--days", type=click.IntRange(min=1), help="Only what was said in the last so many days.")
@click.option("--least", type=click.IntRange(min=2), default=3, help="How many texts make a group (3).")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="The folder (drafts/ of the city).")
@click.option("--drafts/--no-drafts", default=True, help="Whether to write the drafts as well (yes).")
def improve(texts: TextIO | None, days: int | None, least: int, into: Path | None, drafts: bool) -> None:
    """Group what was not understood, and write a draft of a topic for each group.

    Reads the masked texts of the database, or a file with --texts. Nothing is answered from a draft until an editor has
    moved it to topics/.
    """
    from bot import improve as run
    from bot.server import database_url, load_city

    settings = read_settings()
    city = load_city(settings)
    if texts is not None:
        said: list[tuple[str | None, str]] = [(None, line) for line in texts]
    else:
        with database_url(settings) as url:
            said = asyncio.run(run.kept(url, days))
    unmet = run.unmet(city, said)
    found = run.groups(city, unmet, least)
    for line in run.lines(found, len(unmet)):
        click.echo(line)
    if drafts and found:
        click.echo(run.keep(city, found, into or settings.city / "drafts"))


@main.command("new-city")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", required=True, help="What the city is called.")
@click.option("--languages", default="fi,sv,en", help="Its languages, the first one first (fi,sv,en).")
@click.option("--website", required=True, help="The address of its website, which begins with https://.")
def new_city(folder: Path, name: str, languages: str, website: str) -> None:
    """Write the folder of another city to begin with; NEUVO_CITY=FOLDER makes the server speak for it."""
    from datetime import UTC, datetime

    from bot.new_city import NotNew
    from bot.new_city import new_city as run

    spoken = [code.strip() for code in languages.split(",") if code.strip()]
    if not spoken or not {"fi", "sv", "en"}.issuperset(spoken):
        raise click.ClickException(f"{languages}: write some of fi, sv and en, with commas between")
    if not website.startswith("https://"):
        raise click.ClickException(f"{website}: write the address that begins with https://")
    try:
        run(read_settings().city, folder, name, spoken, website=website, today=datetime.now(UTC).date().isoformat())
    except NotNew as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{folder} is a city that speaks {', '.join(spoken)}. Next: docs/new-city.md")


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=True, path_type=Path), default="tests/conversations")
def test(folder: Path) -> None:
    """Hold the conversations of a folder: what is said, and what must be answered."""
    from bot.conversations import hold_all
    from bot.server import load_city, scratch_database

    with scratch_database() as url:
        failures = asyncio.run(hold_all(load_city(read_settings()), url, folder))
    for failure in failures:
        click.echo(failure, err=True)
    if failures:
        raise click.ClickException(f"{len(failures)} expectations failed")


main.add_command(api_keys)
main.add_command(audit)
main.add_command(bench)
main.add_command(campaigns)
main.add_command(erasures)
main.add_command(health)
main.add_command(holds)
main.add_command(imports)
main.add_command(keys)
main.add_command(nudges)
main.add_command(retention)


@main.group(invoke_without_command=True)
@click.pass_context
def channels(context: click.Context) -> None:
    """Show the state of each channel, and what it lacks."""
    from bot.channel_setup import states

    if context.invoked_subcommand is None:
        for line in states(read_settings()):
            click.echo(line)


@channels.command("connect")
@click.argument("name", type=click.Choice(["sms", "telegram", "teams"]))
def channels_connect(name: str) -> None:
    """Register our webhooks at the provider of a channel, or say the steps that only you can take. Can be run again."""
    from bot.channel_setup import connect

    for step in asyncio.run(connect(read_settings(), name)):
        click.echo(f"{'done' if step.done else 'to do'}: {step.words}")


@main.group()
def sms() -> None:
    """Text messages."""


@sms.command("count")
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
def sms_count(file: TextIO) -> None:
    """Say what a text costs as a text message: its encoding, its units and parts, as it is and as it is sent."""
    from bot.sms_count import lines

    try:
        text = file.read().removesuffix("\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise click.ClickException(f"{file.name}:{line}: not UTF-8 text. Save it as UTF-8") from None
    for said in lines(text):
        click.echo(said)


@main.group()
def db() -> None:
    """The database."""


@db.command()
def migrate() -> None:
    """Bring the database at DATABASE_URL, and the keys' at NEUVO_KEYS_URL, to this release's tables."""
    from bot.database import migrate as run

    settings = read_settings()
    if settings.database_url is None:
        raise click.ClickException("set DATABASE_URL to the database to migrate (neuvo dev migrates its own)")
    run(settings.database_url, settings.keys_url)
    click.echo("the database is up to date")


if __name__ == "__main__":
    sys.exit(main())
