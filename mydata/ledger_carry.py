"""What somebody has allowed goes on when it is found out who they are: their chain ends, and the other goes on."""

from __future__ import annotations

from mydata.ledger import Ledger, Wish
from mydata.ledger_state import Standing


async def carry(ledger: Ledger, old: bytes, new: bytes) -> int:
    """Say under one pseudonym what stands under another, where it was said later there; how much was said.

    An agreement to a text that has changed since is not carried: it is asked again. Done twice, it changes nothing.
    Raises what asyncpg raises.
    """
    mine = {(one.purpose, one.channel): one for one in await ledger.standings(new)}
    said = 0
    for one in await ledger.standings(old):
        entry = one.entry
        if entry is None or not _later(one, mine[one.purpose, one.channel]):
            continue
        wish = Wish(
            purpose=one.purpose,
            channel=one.channel,
            language=entry.language,
            through=entry.through,
            by=entry.decided_by,
            guardian=entry.guardian,
        )
        if one.state == "given":
            said += (await ledger.give(new, wish)).new
        elif one.state == "withdrawn":
            said += (await ledger.withdraw(new, wish)).new
    return said


def _later(theirs: Standing, mine: Standing) -> bool:
    return theirs.entry is not None and (mine.entry is None or mine.entry.at < theirs.entry.at)
