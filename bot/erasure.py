"""A conversation is forgotten: all that hangs on it, and the person behind it where that was all there was."""

from __future__ import annotations

from bot.codec import Codec
from bot.database import Database
from bot.messages import Address

FORGET = "DELETE FROM conversations WHERE channel = $1 AND address_lookup = $2 RETURNING person_id"
"""channel, lookup. Messages, transcript, pictures, what waits to be sent and what is asked for go with it."""
FORGET_PERSON = """
DELETE FROM persons p WHERE id = $1 AND NOT EXISTS (SELECT FROM conversations c WHERE c.person_id = p.id)
"""


async def erase(database: Database, codec: Codec, address: Address) -> None:
    """Forget the conversation at an address; none there is no error. Raises one of ``DOWN``.

    A turn that is being held finds its claim gone, and writes nothing.
    """
    async with database.pool.acquire() as connection, connection.transaction():
        person = await connection.fetchval(FORGET, address.channel, codec.lookup(address.key))
        if person is not None:
            await connection.execute(FORGET_PERSON, person)
