"""``neuvo bench seal``: what the keys of persons cost a turn, against a server that seals nothing, in one run.

``python -m bot.bench_seal PORT`` is that server. Nothing else can start one: there is no setting for it.
"""

from __future__ import annotations

import secrets
import statistics
import sys

from tqdm import tqdm

from bot.bench import SAID, bench_turns, free_port, machine, process, surroundings

SEALED = ("-m", "bot.cli", "serve", "--port")
PLAIN = ("-m", "bot.bench_seal")


async def compare(database_url: str, clients: int, seconds: float, rounds: int) -> dict[str, object]:
    """Drive both servers in turn, round after round, each over the same database; rates and their ratio."""
    rates: dict[tuple[str, ...], list[float]] = {SEALED: [], PLAIN: []}
    for number in tqdm(range(rounds), unit="round", disable=None):
        for kind in (SEALED, PLAIN) if number % 2 else (PLAIN, SEALED):
            rates[kind].append(await _rate(kind, database_url, clients, seconds))
    sealed, plain = (statistics.median(rates[kind]) for kind in (SEALED, PLAIN))
    pairs = [one / other for one, other in zip(rates[SEALED], rates[PLAIN], strict=True)]
    return {
        "sealed_turns_per_s": round(sealed, 1),
        "plain_turns_per_s": round(plain, 1),
        "cost": round(1 - statistics.median(pairs), 4),
        "cost_by_round": [round(1 - pair, 3) for pair in pairs],
        "clients": clients,
        **machine(),
    }


async def _rate(kind: tuple[str, ...], database_url: str, clients: int, seconds: float) -> float:
    secret, port = secrets.token_urlsafe(48), free_port()
    base = f"http://127.0.0.1:{port}"
    async with process(*kind, str(port), ready=f"{base}/readyz", environment=surroundings(database_url, secret)):
        await bench_turns(base, secret, list(SAID), clients, min(2.0, seconds))
        return (await bench_turns(base, secret, list(SAID), clients, seconds)).per_second


def serve(port: int) -> None:
    """A whole server but for the keys."""
    from bot.codec import Plain  # noqa: PLC0415  the command that measures loads none of the house
    from bot.server import serve as run  # noqa: PLC0415
    from bot.settings import load_settings  # noqa: PLC0415

    run(load_settings(port=port), codec=Plain())


if __name__ == "__main__":
    serve(int(sys.argv[1]))
