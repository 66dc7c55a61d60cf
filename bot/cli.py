"""``neuvo``: the one command of the house. Each room is imported only when its command runs, so that help is quick."""

from __future__ import annotations

import asyncio
import errno
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.settings import Settings

_FOLDER_FAULTS = frozenset((errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EEXIST, errno.ENOTDIR))
LANGUAGES = click.Choice(["fi", "sv", "en"])


def _settings(**changes: object) -> Settings:
    """Read the settings; what the command line says wins."""
    from bot.settings import load_settings

    return load_settings(**{name: value for name, value in changes.items() if value is not None})


class _Neuvo(click.Group):
    """Ends with plain words where what is wrong can be put right by who reads them."""

    def invoke(self, ctx: click.Context) -> object:
        from bot.embedded_binaries import EmbeddedError
        from bot.settings import SettingsFaults
        from bot.texts import TextFaults
        from channels.kind import SetUpFailed
        from knowledge.faults import ContentFaults

        try:
            return super().invoke(ctx)
        except (ContentFaults, EmbeddedError, SettingsFaults, SetUpFailed, TextFaults) as error:
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

    run(_settings(port=port, host=host))


@main.command()
@click.option("--port", type=int, help="The port of the web page (8080).")
@click.option("--host", help="The address to listen on (127.0.0.1).")
def serve(port: int | None, host: str | None) -> None:
    """Serve the channels. Needs DATABASE_URL and a migrated database."""
    from bot.server import serve as run

    run(_settings(port=port, host=host))


@main.command()
def worker() -> None:
    """Run the jobs: effects, retries and the sweep. Needs DATABASE_URL and a migrated database."""
    from bot.server import worker as run

    run(_settings())


@main.command()
@click.option("--language", type=LANGUAGES, help="The language to begin in.")
def chat(language: str | None) -> None:
    """Talk to the city in this terminal, over a database of your own that ends with the talk."""
    from bot.chat import chat as run
    from bot.server import load_city, scratch_database

    with scratch_database() as url:
        asyncio.run(run(load_city(_settings()), url, language))


@main.command()
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"), default="-")
@click.option("--language", type=LANGUAGES, help="The session's language, as if it were known already.")
def understand(file: TextIO, language: str | None) -> None:
    """Read lines and write what was understood of each as one JSON object a line."""
    from bot.server import load_city
    from bot.understand import lines

    for line in lines(load_city(_settings()), file, language):
        click.echo(line)


@main.command()
def train() -> None:
    """Train the models of all languages from the content, and say how well the held-out phrases are understood."""
    from bot.held_out import scores, table
    from bot.server import load_city

    city = load_city(_settings())
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

    found = results(load_city(_settings()))
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
    from bot.database import migrate
    from bot.server import database_url, load_city

    settings = _settings()
    city = load_city(settings)
    if texts is not None:
        said: list[tuple[str | None, str]] = [(None, line) for line in texts]
    else:
        with database_url(settings) as url:
            if settings.database_url is None:
                migrate(url)
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
        run(_settings().city, folder, name, spoken, website=website, today=datetime.now(UTC).date().isoformat())
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
        failures = asyncio.run(hold_all(load_city(_settings()), url, folder))
    for failure in failures:
        click.echo(failure, err=True)
    if failures:
        raise click.ClickException(f"{len(failures)} expectations failed")


@main.group()
def bench() -> None:
    """Measure this machine: one JSON object on the standard output."""


def _files(named: Iterable[str], language: str | None) -> dict[str, Path]:
    """Files by language, written as ``fi=FILE``; ``language`` is that of a file without one."""
    files = {}
    for said in named:
        name, _, file = said.rpartition("=")
        if not (name or language) or not Path(file).is_file():
            raise click.ClickException(f"{said}: write a language and a file that is there, such as fi=test.jsonl")
        files[name or str(language)] = Path(file)
    return files


@bench.command("intents")
@click.option("--lang", "language", type=LANGUAGES, required=True)
@click.option("--train", "train_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--test", "test_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--shots", type=click.IntRange(min=1), help="Phrases of each intent to train on (all of them).")
@click.option("--seeds", type=click.IntRange(min=1), default=1, help="How many random choices of phrases (1).")
@click.option("--tier", type=click.Choice(["fast", "semantic"]), default="fast")
@click.option("--also", multiple=True, metavar="LANG=FILE", help="Train on another language's phrases as well.")
@click.option("--damage", type=click.Choice(["typo", "typos", "bare", "colloquial"]), help="Damage the test's texts.")
def bench_intents(
    language: str,
    train_file: Path,
    test_file: Path,
    shots: int | None,
    seeds: int,
    tier: str,
    also: tuple[str, ...],
    damage: str | None,
) -> None:
    """Accuracy, time and memory of the product's intent pipeline on JSON lines of {text, intent}."""
    import json

    from bot.bench import machine
    from nlu.bench import TierError
    from nlu.bench import bench as run

    try:
        measured = run(language, train_file, test_file, shots, seeds, tier, _files(also, None), damage)
    except (TierError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps({**measured, "tier": tier, **machine()}))


@bench.command("oos")
@click.option("--train", "train_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--test", "test_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="(--train)")
@click.option("--shots", type=click.IntRange(min=1), help="Phrases of each intent to train on (all of them).")
@click.option("--tier", type=click.Choice(["fast", "semantic"]), default="fast")
def bench_oos(train_file: Path, test_file: Path | None, shots: int | None, tier: str) -> None:
    """In-scope accuracy and out-of-scope recall on CLINC150's JSON, or on JSON lines whose intent is oos."""
    import json

    from bot.bench import machine
    from nlu.bench import TierError
    from nlu.bench_more import bench_oos as run

    try:
        measured = run(train_file, test_file or train_file, tier, shots)
    except (TierError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps({**measured, "tier": tier, **machine()}))


@bench.command("language")
@click.option("--lang", "language", type=LANGUAGES, help="The language of a --test without one.")
@click.option("--test", "tests", multiple=True, required=True, metavar="[LANG=]FILE", help="JSON lines, or plain ones.")
def bench_language(language: str | None, tests: tuple[str, ...]) -> None:
    """How often a text's language is told right without a session: by its first word alone, and whole."""
    import json

    from bot.bench import machine
    from bot.server import load_city
    from nlu.bench_more import bench_language as run

    try:
        measured = run(load_city(_settings()), _files(tests, language))
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps({**measured, **machine()}))


@bench.command("turns")
@click.option("--clients", type=click.IntRange(min=1), default=32, help="Conversations side by side (32).")
@click.option("--seconds", type=click.FloatRange(min=0.5), default=10.0, help="How long each server is driven (10).")
def bench_turns(clients: int, seconds: float) -> None:
    """Whole web-chat turns over HTTP against a bare aiohttp echo, in one run."""
    import json

    from bot.bench import compare
    from bot.server import scratch_database

    with scratch_database(durable=True) as url:
        click.echo(json.dumps(asyncio.run(compare(url, clients, seconds))))


@bench.command("import")
@click.option("--units", type=click.IntRange(min=10), default=10_000, help="How many units (10000).")
def bench_import(units: int) -> None:
    """The unit register into a database, with the memory it takes, and the nearest unit out of it."""
    import json

    from bot import logs
    from bot.server import scratch_database
    from knowledge.bench import bench as run
    from knowledge.load import load_content

    logs.configure(level="error")
    content = load_content(_settings().city)
    with scratch_database(durable=True) as url:
        click.echo(json.dumps(asyncio.run(run(url, content, units))))


@bench.command("nearest")
def bench_nearest() -> None:
    """The nearest units out of those that come with the city; `bench import` measures it over ten thousand."""
    import json

    from bot.bench import machine
    from bot.server import scratch_database
    from knowledge.bench import nearest as run
    from knowledge.load import load_content

    content = load_content(_settings().city)
    with scratch_database() as url:
        click.echo(json.dumps({**asyncio.run(run(url, content)), "units": len(content.places.units), **machine()}))


@main.group("import")
def imports() -> None:
    """Bring the city's sources into the database. A copy that is there stays until a whole new one has been read."""


@imports.command("units")
@click.option("--from", "address", help="An address or a file, instead of NEUVO_UNITS_URL.")
@click.option("--connections", help="An address or a file of the connections, where units come without them.")
@click.option("--force", is_flag=True, help="Take it even where a third of the units is gone, or nothing is new.")
def import_units(address: str | None, connections: str | None, force: bool) -> None:
    """The unit register, from TPREK v4 or servicemap v2."""
    from bot.imports import import_units as run

    click.echo(run(_settings(), address, connections, force=force))


@imports.command("events")
@click.option("--from", "address", help="Linked Events' base address or a file, instead of NEUVO_LINKED_EVENTS_URL.")
@click.option("--force", is_flag=True, help="Take it even where a third of the events is gone.")
def import_events(address: str | None, force: bool) -> None:
    """The events of the next 60 days, from Linked Events."""
    from bot.imports import import_events as run

    click.echo(run(_settings(), address, force=force))


@imports.command("state")
def import_state() -> None:
    """How old each copy is, and what its last error was."""
    from bot.imports import state

    for line in state(_settings()):
        click.echo(line)


@imports.command("pages")
@click.argument("address")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="The folder (drafts/ of the city).")
@click.option("--most", type=click.IntRange(min=1), default=50, help="Read no more pages than this (50).")
@click.option("--force", is_flag=True, help="Write drafts anew that are there already.")
def import_pages(address: str, into: Path | None, most: int, force: bool) -> None:
    """Pages of a sitemap, one page, or a table (CSV: question, answer, language, …) as drafts of topics.

    Nothing is answered from a draft until an editor has moved it to topics/.
    """
    from bot.imports import import_pages as run

    click.echo(run(_settings(), address, into, most, force=force))


@imports.command("hours")
@click.option("--from", "address", help="Hauki's base address or a file, instead of NEUVO_HAUKI_URL.")
@click.option("--force", is_flag=True, help="Take it even where a third of the units is gone.")
def import_hours(address: str | None, force: bool) -> None:
    """The opening hours of all units for two weeks, from Hauki: they answer while Hauki is away."""
    from bot.imports import import_hours as run

    click.echo(run(_settings(), address, force=force))


@main.group(invoke_without_command=True)
@click.pass_context
def channels(context: click.Context) -> None:
    """Show the state of each channel, and what it lacks."""
    from bot.channel_setup import states

    if context.invoked_subcommand is None:
        for line in states(_settings()):
            click.echo(line)


@channels.command("connect")
@click.argument("name", type=click.Choice(["sms", "telegram", "teams"]))
def channels_connect(name: str) -> None:
    """Register our webhooks at the provider of a channel, or say the steps that only you can take. Can be run again."""
    from bot.channel_setup import connect

    for step in asyncio.run(connect(_settings(), name)):
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
    """Bring the database at DATABASE_URL to this release's tables."""
    from bot.database import migrate as run

    settings = _settings()
    if settings.database_url is None:
        raise click.ClickException("set DATABASE_URL to the database to migrate (neuvo dev migrates its own)")
    run(str(settings.database_url))
    click.echo("the database is up to date")


if __name__ == "__main__":
    sys.exit(main())
