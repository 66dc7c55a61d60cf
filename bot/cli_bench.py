"""``neuvo bench``: measurements of this machine. Each room is imported only when its command runs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli_options import LANGUAGES, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@click.group()
def bench() -> None:
    """Measure this machine: one JSON object on the standard output."""


def _files(named: Iterable[str], language: str | None, part: Sequence[str] = ()) -> dict[str, Path]:
    """Files by language, written as ``fi=FILE``; ``language`` is that of a file without one.

    With ``part``, a folder is that of a language's files, such as ``fi/train.jsonl``: the first of these names.
    """
    files = {}
    for said in named:
        name, _, file = said.rpartition("=")
        name, path = name or str(language or ""), Path(file)
        if name and path.is_dir():
            path = next((found for kind in part if (found := path / name / f"{kind}.jsonl").is_file()), path)
        if not name or not path.is_file():
            raise click.ClickException(f"{said}: write a language and a file that is there, such as fi=test.jsonl")
        files[name] = path
    return files


def _languages(_: click.Context, __: click.Parameter, said: str) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(said.split(",")))
    for code in codes:
        if code not in LANGUAGES.choices:
            raise click.BadParameter(f"{code} is not one of {', '.join(LANGUAGES.choices)}")
    return codes


def _by_language(named: Sequence[str], codes: Sequence[str], part: Sequence[str]) -> dict[str, Path]:
    """The files of all the languages: a folder stands for each of them, a file without a language for one alone."""
    alone = codes[0] if len(codes) == 1 else None
    spread = [
        f"{code}={said}" for said in named for code in (codes if "=" not in said and Path(said).is_dir() else ("",))
    ]
    found = _files([said.removeprefix("=") for said in spread], alone, part)
    missing = [code for code in codes if code not in found]
    if missing:
        raise click.ClickException(f"there is no --{part[0]} of {', '.join(missing)}: write {missing[0]}=FILE")
    return found


@bench.command("intents")
@click.option("--lang", "codes", callback=_languages, required=True, help="A language, or several: fi,sv,en.")
@click.option("--train", "trained", multiple=True, required=True, metavar="[LANG=]FILE|FOLDER")
@click.option("--test", "tested", multiple=True, required=True, metavar="[LANG=]FILE|FOLDER")
@click.option("--shots", type=click.IntRange(min=1), help="Phrases of each intent to train on (all of them).")
@click.option("--seeds", type=click.IntRange(min=1), default=1, help="How many random choices of phrases (1).")
@click.option("--tier", type=click.Choice(["fast", "semantic"]), default="fast")
@click.option("--also", multiple=True, metavar="LANG=FILE", help="Train on another language's phrases as well.")
@click.option("--damage", type=click.Choice(["typo", "typos", "bare", "colloquial"]), help="Damage the test's texts.")
def bench_intents(
    codes: tuple[str, ...],
    trained: tuple[str, ...],
    tested: tuple[str, ...],
    shots: int | None,
    seeds: int,
    tier: str,
    also: tuple[str, ...],
    damage: str | None,
) -> None:
    """Accuracy, time and memory of the product's intent pipeline on JSON lines of {text, intent}.

    Several languages are trained together, as the server does, and each is tested. A FOLDER has fi/train.jsonl and
    fi/test.jsonl (or else fi/dev.jsonl) and so on.
    """
    from bot.bench import machine
    from nlu.bench import TierError
    from nlu.bench import bench as run

    train_files = _by_language(trained, codes, ("train",)) | _files(also, None)
    test_files = _by_language(tested, codes, ("test", "dev"))
    try:
        measured = run(train_files, test_files, shots=shots, seeds=seeds, tier=tier, damage=damage)
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
    from bot.bench import machine
    from bot.server import load_city
    from nlu.bench_more import bench_language as run

    try:
        measured = run(load_city(read_settings()), _files(tests, language))
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps({**measured, **machine()}))


@bench.command("lines")
@click.option("--test", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
def bench_lines(file: Path) -> None:
    """How the city's own model understands lines of text, lang and intent (with tabs), and how long it takes."""
    from bot.bench import machine
    from bot.bench_lines import bench_lines as run
    from bot.bench_lines import read_lines
    from bot.server import load_city

    try:
        lines = read_lines(file)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    city = load_city(read_settings())
    tier = "semantic" if city.embed is not None else "fast"
    click.echo(json.dumps({**run(city, lines), "tier": tier, **machine()}))


@bench.command("memory")
@click.option("--messages", type=click.IntRange(min=1), default=200_000, help="How many random messages (200000).")
def bench_memory(messages: int) -> None:
    """Memory of a process that understands all languages, and how much more it holds after messages of random words."""
    from bot.bench import machine
    from bot.server import load_city
    from nlu.memory import measure

    settings = read_settings()
    click.echo(json.dumps({**measure(load_city(settings).model, settings.city / "safety", messages), **machine()}))


@bench.command("turns")
@click.option("--clients", type=click.IntRange(min=1), default=32, help="Conversations side by side (32).")
@click.option("--seconds", type=click.FloatRange(min=0.5), default=10.0, help="How long each server is driven (10).")
def bench_turns(clients: int, seconds: float) -> None:
    """Whole web-chat turns over HTTP against a bare aiohttp echo, in one run."""
    from bot.bench import compare
    from bot.server import load_city, scratch_database

    load_city(read_settings())  # trained before the clock runs
    with scratch_database(durable=True) as url:
        click.echo(json.dumps(asyncio.run(compare(url, clients, seconds))))


@bench.command("handoff")
@click.option("--rounds", type=click.IntRange(min=2), default=300, help="How many questions and answers (300).")
def bench_handoff(rounds: int) -> None:
    """A citizen's question and the answer of a person at the console, over two server processes on loopback."""
    from bot.bench_handoff import measure
    from bot.server import load_city, scratch_database

    load_city(read_settings())  # trained before the clock runs
    with scratch_database(durable=True) as url:
        click.echo(json.dumps(asyncio.run(measure(url, rounds))))


@bench.command("nudges")
@click.option("--nudges", type=click.IntRange(min=100), default=5_000, help="How many are due at once (5000).")
@click.option("--scheduled", type=click.IntRange(min=0), default=1_000_000, help="How many are for later (1000000).")
def bench_nudges(nudges: int, scheduled: int) -> None:
    """Nudges decided, rendered and handed over, against empty jobs of PgQueuer and of Procrastinate, in one run."""
    from bot import logs
    from bot.bench_nudges import measure
    from bot.server import scratch_database

    logs.configure(level="error")
    with scratch_database(durable=True) as url:
        click.echo(json.dumps(asyncio.run(measure(url, read_settings().city, nudges, scheduled))))


@bench.command("health")
@click.option("--patients", type=click.IntRange(min=1), default=100_000, help="How many patients (100000).")
def bench_health(patients: int) -> None:
    """Synthetic health records, about fifty of each patient, imported and all programmes evaluated over them."""
    from bot import logs
    from bot.health_bench import measure
    from bot.server import scratch_database

    logs.configure(level="error")
    with scratch_database(durable=True) as url:
        click.echo(json.dumps(asyncio.run(measure(url, read_settings(), patients))))


@bench.command("seal")
@click.option("--clients", type=click.IntRange(min=1), default=32, help="Conversations side by side (32).")
@click.option("--seconds", type=click.FloatRange(min=0.5), default=10.0, help="How long a server is driven (10).")
@click.option("--rounds", type=click.IntRange(min=1), default=5, help="How often each server is driven (5).")
def bench_seal(clients: int, seconds: float, rounds: int) -> None:
    """What the keys of persons cost: whole turns, sealed and not, in one run."""
    from bot.bench_seal import compare
    from bot.server import load_city, scratch_database

    load_city(read_settings())  # trained before the clock runs
    with scratch_database(durable=True) as url:
        click.echo(json.dumps(asyncio.run(compare(url, clients, seconds, rounds))))


@bench.command("import")
@click.option("--units", type=click.IntRange(min=10), default=10_000, help="How many units (10000).")
def bench_import(units: int) -> None:
    """The unit register into a database, with the memory it takes, and the nearest unit out of it."""
    from bot import logs
    from bot.server import scratch_database
    from knowledge.bench import bench as run
    from knowledge.load import load_content

    logs.configure(level="error")
    content = load_content(read_settings().city)
    with scratch_database(durable=True) as url:
        click.echo(json.dumps(asyncio.run(run(url, content, units))))


@bench.command("nearest")
def bench_nearest() -> None:
    """The nearest units out of those that come with the city; `bench import` measures it over ten thousand."""
    from bot.bench import machine
    from bot.server import scratch_database
    from knowledge.bench import nearest as run
    from knowledge.load import load_content

    content = load_content(read_settings().city)
    with scratch_database() as url:
        click.echo(json.dumps({**asyncio.run(run(url, content)), "units": len(content.places.units), **machine()}))
