"""The fixtures that other tests stand on."""

from __future__ import annotations

import asyncio
import socket

import asyncpg
import pytest

from tests import offline


@pytest.mark.parametrize("number", [1, 2])
async def test_each_test_has_a_database_of_its_own(database_url: str, number: int) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE only_here (number int)")
    assert await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    await connection.close()


def test_a_synchronous_test_can_have_one_too(database_url: str) -> None:
    assert asyncio.run(_answer(database_url)) == 42


async def test_a_connection_left_open_does_not_hinder_the_end(database_url: str) -> None:
    pool = await asyncpg.create_pool(database_url, min_size=2, max_size=2)
    assert await pool.fetchval("SELECT 1") == 1
    pool.terminate()


async def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await connection.close()


@pytest.mark.parametrize("address", [("192.0.2.1", 9), ("2001:db8::1", 9)])
def test_a_connection_off_this_machine_is_stopped_and_noted(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as client, pytest.raises(offline.OffMachineError):
        client.connect(address)
    with socket.socket(family, socket.SOCK_DGRAM) as client, pytest.raises(offline.OffMachineError):
        client.sendto(b"", address)
    assert len(offline.attempts) == 2
    offline.attempts.clear()


async def test_a_name_off_this_machine_is_not_looked_up() -> None:
    with pytest.raises(offline.OffMachineError):
        await asyncio.get_running_loop().getaddrinfo("city.example", 443)
    assert offline.attempts
    offline.attempts.clear()


def test_this_machine_is_reachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        assert offline.attempts == []
    socket.getaddrinfo("localhost", 80)


async def _answer(url: str) -> int:
    connection = await asyncpg.connect(url)
    answer: int = await connection.fetchval("SELECT 42")
    await connection.close()
    return answer
