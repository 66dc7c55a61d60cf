"""What the dialogs about a person's own data need, as Protocols; ``bot/service_mydata.py`` binds them.

All values are JSON, since they pass through the journal. Moments are ISO with an offset. Words are in the language
that was asked in. A look-up may raise ``ServiceUnavailable``; what changes something is an effect, and takes its key
first. ``conversation`` is the conversation's id: nobody is named in any other way, so nobody else's data can be had.
"""

from __future__ import annotations

from typing import Protocol, TypedDict


class Consent(TypedDict):
    """A purpose of using data, and what stands for it in a conversation.

    ``basis`` is ``consent`` or ``public_task`` (allowed until one says no). ``state`` is ``given``, ``never``,
    ``withdrawn``, ``outdated`` (the text has changed since) or ``expired``, since ``at``. ``needs`` says what is to be
    done before one can allow it here: ``code`` (confirm the number), ``strong`` (log in), or nothing. ``age`` is from
    which one decides alone; ``guardian`` tells that a guardian decides for who is younger. ``words`` end it.
    """

    id: str
    version: int
    basis: str
    state: str
    at: str | None
    needs: str
    age: int
    guardian: bool
    title: str
    ask: str
    for_me: str
    for_city: str
    data: str
    retention: str
    words: list[str]


class Decision(TypedDict):
    """What the ledger holds: ``outcome`` is ``done``, ``changed`` (another text by now) or ``refused``."""

    outcome: str
    receipt: str
    at: str | None


class Ended(TypedDict):
    """A purpose that has been ended, by its names in each language."""

    titles: dict[str, str]
    receipt: str
    at: str


class Consents(Protocol):
    """The ledger of consents, of the person and the channel of a conversation."""

    async def standings(self, conversation: str, language: str) -> list[Consent]:
        """Every purpose that one can allow or refuse on this channel."""

    async def give(self, key: str, conversation: str, purpose: str, version: int, language: str) -> Decision:
        """Allow a purpose, in the version that was asked."""

    async def withdraw(self, key: str, conversation: str, purpose: str, language: str) -> Decision:
        """End a purpose."""

    async def end(self, key: str, conversation: str, purpose: str, language: str) -> list[Ended]:
        """End a purpose by its word; of all, with an empty ``purpose``."""


class Held(TypedDict):
    """What there is of a conversation: counts, and how surely it is known whose it is.

    ``level`` is ``claimed``, ``confirmed`` or ``strong``; ``fresh`` tells that the login was just now, so that what
    cannot be undone may be done. ``linked``: it belongs to somebody who has other channels or has logged in.
    """

    channel: str
    level: str
    fresh: bool
    linked: bool
    since: str
    messages: int
    answers: int
    pictures: int
    services: int
    notes: int
    pages: str


class Use(TypedDict):
    """One reading of data."""

    at: str
    actor: str
    purpose: str
    what: str


class Nudge(TypedDict):
    """A message that the city wrote first: for which purpose, from which data, on what ground, and what ends it.

    ``given`` is when it was allowed, where it was. ``here`` is why it came to this channel: ``ordered`` here,
    ``fallback`` where another could not reach, written to this ``address``, the ``only`` one, ``preferred`` since the
    person wrote there last, or empty where the sender chose it.
    """

    given: str | None
    here: str
    purpose: str
    title: str
    at: str
    data: str
    basis: str
    words: list[str]


class Linked(TypedDict):
    """A channel that is a person's. ``ending`` is empty where its address means nothing; ``here``: this one."""

    id: str
    channel: str
    ending: str
    level: str
    since: str
    here: bool


class MyData(Protocol):
    """What is held of the person of a conversation, and what they may do about it."""

    async def private(self, conversation: str) -> bool:
        """Whether nobody else reads what is said here."""

    async def held(self, conversation: str) -> Held:
        """What there is of this conversation alone."""

    async def uses(self, conversation: str, language: str, limit: int) -> list[Use]:
        """Who read data, the newest first: of this conversation, unless its person has just logged in."""

    async def last_nudge(self, conversation: str, language: str) -> Nudge | None:
        """The last message here that the city wrote first."""

    async def obstacles(self, conversation: str, language: str) -> list[str]:
        """Why the data of the person cannot be erased now; nothing where it can."""

    async def erase(self, key: str, conversation: str, language: str) -> list[str]:
        """Erase the person; why not, where it cannot be done. The confirmation is sent by it, and no result comes."""

    async def links(self, conversation: str) -> list[Linked]:
        """The person's channels, this one first."""

    async def unlink(self, key: str, conversation: str, link: str) -> bool:
        """Part one of the person's channels from them; false where it is not theirs, or may not be done from here."""


class Login(Protocol):
    """Showing who one is: by a strong login in a browser, or by a code to a telephone."""

    async def begin(self, key: str, conversation: str, language: str) -> str:
        """The address of a page to log in at; empty where nobody can log in."""

    async def finish(self, key: str, conversation: str, code: str) -> str:
        """What the code from that page does: ``linked``, ``wrong``, ``early``, ``expired``, ``spent``, ``another``."""

    async def send(self, key: str, conversation: str, phone: str, language: str) -> str:
        """Send a code to a number (E.164; empty: one's own): ``sent``, ``limited``, ``stopped`` or ``not_here``."""

    async def check(self, key: str, conversation: str, code: str) -> str:
        """What a code from the telephone does: ``right``, ``wrong``, ``spent``, ``none`` or ``another``."""
