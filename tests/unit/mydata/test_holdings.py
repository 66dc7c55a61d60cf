"""Every table of the database is a person's in a known way, or nobody's for a reason in words."""

from __future__ import annotations

from uuid import uuid4

from bot.database import Database
from mydata.holdings import ALL, HELD, KEPT, PERSONS, PSEUDONYMOUS, REASONED, counted

COLUMNS = """
SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END || c.table_name AS name,
    array_agg(c.column_name::text) AS columns
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema IN ('public', 'health') AND t.table_type = 'BASE TABLE' GROUP BY table_schema, c.table_name
"""
THEIRS = {"person_id", "conversation_id", "address_lookup"}
"""Columns that name a person, in every table that has them."""
OWN_WAY = {"erasures"}
"""Holds a person's id while the erasure goes on, and a constraint of the table says that it does not after it."""


async def test_every_table_is_in_the_list(database_url: str) -> None:
    async with Database(database_url) as database:
        tables = {row["name"]: set(row["columns"]) for row in await database.pool.fetch(COLUMNS)}
    held = [one.table for one in ALL]
    assert len(held) == len(set(held))
    assert set(held).isdisjoint(REASONED)
    assert set(held) | PSEUDONYMOUS.keys() | REASONED.keys() == tables.keys(), "name the table in mydata/holdings.py"
    named = {name for name, columns in tables.items() if columns & THEIRS}
    assert named - OWN_WAY <= set(held), "a table with a person's key is no table of nobody"
    assert {name for name, columns in tables.items() if "pseudonym" in columns and "." in name} == PSEUDONYMOUS.keys()
    sealed = {one.table for one in HELD if one.sealed}
    assert sealed <= {name for name, columns in tables.items() if "person_id" in columns}


async def test_each_relation_can_be_asked(database_url: str) -> None:
    async with Database(database_url) as database, database.pool.acquire() as connection:
        assert set((await counted(connection, uuid4())).values()) == {0}


def test_the_words_are_there() -> None:
    assert all(len(reason) > 10 for reason in REASONED.values())
    assert all(one.exported for one in ALL)
    assert {one.table for one in (*KEPT, *HELD, PERSONS)} == {one.table for one in ALL}
