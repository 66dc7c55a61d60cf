"""The page as a person meets it: by roles, names and keys."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

FIELD = {"fi": "Kirjoita kysymyksesi", "sv": "Skriv din fråga", "en": "Write your question"}


class Widget:
    """Our chat page in one tab."""

    def __init__(self, page: Page, url: str, language: str = "fi") -> None:
        self.page = page
        self.url = url
        self.language = language
        self.log = page.get_by_role("log")
        self.messages = self.log.get_by_role("article")
        self.status = page.get_by_role("status")

    @property
    def field(self) -> Locator:
        return self.page.get_by_label(FIELD[self.language])

    async def open(self) -> None:
        """Go to the page and wait until it can send and has welcomed."""
        await self.page.goto(self.url)
        await self.online()
        await expect(self.messages.first).to_be_visible()

    async def online(self) -> None:
        await expect(self.log).to_have_attribute("data-state", "online")

    async def say(self, text: str) -> None:
        """Type and send, as a person with a keyboard does."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def ask(self, text: str, reply: str | None = None) -> Locator:
        """Say something and wait for what the bot says to it; the scripted bot repeats what it does not know."""
        await self.say(text)
        found = self.from_bot(f"Sanoit: {text}" if reply is None else reply)
        await expect(found).to_be_visible()
        return found

    async def give_up(self) -> Locator:
        """Let time pass until a message counts as failed; gives its button."""
        again = self.page.locator(".state.failed button")
        while not await again.count():
            await self.page.clock.fast_forward(6_000)
        return again

    def from_bot(self, text: str) -> Locator:
        return self.page.locator(".message.bot").filter(has_text=text)

    def from_me(self, text: str) -> Locator:
        return self.page.locator(".message.own").filter(has_text=text)

    async def heard(self) -> list[str]:
        """All messages in order, without who said them."""
        return await self.page.locator(".message .body").all_inner_texts()
