"""A bot that says what a test wants to see: the browser's tests are about the page, not about understanding."""

from __future__ import annotations

from bot.messages import Card, Choice, Image, Link, Reply

HOSTILE = (
    "[avaa](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    "![x](data:text/html,<script>alert(1)</script>)",
    "[a](JaVaScRiPt&#58;alert(1))",
    "[b](java\tscript:alert(1))",
    "[c](vbscript:x)",
    '[d](https://example.org/"onmouseover="alert(1))',
    "<script>alert(1)</script><svg/onload=alert(1)>",
    "**<iframe srcdoc='<script>alert(1)</script>'>**",
)
"""Field case WB-06, and its kin."""

WELCOME = "welcome"
"""The payload that asks for the welcome."""
HELLO = {"fi": "Tervetuloa! Kysy vaikka näin:", "sv": "Välkommen! Fråga till exempel:", "en": "Welcome! Ask, say:"}
EXAMPLES = {
    "fi": ("Missä on lähin kirjasto?", "Mihin voin viedä vanhan sohvan?"),
    "sv": ("Var finns närmaste bibliotek?", "Var kan jag lämna en gammal soffa?"),
    "en": ("Where is the nearest library?", "Where can I take an old sofa?"),
}
PICTURE = "https://pictures.example.org/kallio.png"
CHOICES = ("Jätehuolto", "Sortti-asema", "Jokin muu")
LONG = "\n\n".join(f"Kappale {number} kertoo asiasta tarkemmin." for number in range(40))


def answer(text: str, payload: str | None, language: str) -> tuple[Reply, ...]:
    """What the bot says to a text or a pressed button."""
    if payload == WELCOME:
        return (_welcome(language),)
    if payload is not None:
        return (Reply(text=f"Valitsit: {payload}", language=language),)
    if text == "hostile":
        return (Reply(text="\n\n".join(HOSTILE), language=language, cards=(_hostile_card(),)),)
    if text == "choose":
        return (Reply(text="Mitä näistä?", language=language, choices=_choices()),)
    if text == "place":
        return (_place(language),)
    if text == "image":
        return (
            Reply(text="Tältä se näyttää:", language=language, image=Image(PICTURE, "Kallion kirjaston julkisivu")),
        )
    if text == "two":
        return (Reply(text="Ensin tämä.", language=language), Reply(text="Sitten tämä.", language=language))
    if text == "long":
        return (Reply(text=LONG, language=language),)
    if text == "svenska":
        return (Reply(text="Vi kan tala svenska.", language="sv"),)
    return (Reply(text=f"Sanoit: {text}", language=language),)


def _welcome(language: str) -> Reply:
    choices = tuple(Choice(label, f"example-{number}") for number, label in enumerate(EXAMPLES[language]))
    return Reply(text=HELLO[language], language=language, choices=choices)


def _choices() -> tuple[Choice, ...]:
    return tuple(Choice(label, f"choice-{number}") for number, label in enumerate(CHOICES))


def _place(language: str) -> Reply:
    text = "Lähin on **Kallion kirjasto**:\n\n- 400 metriä\n- puhelin [09 123](tel:+358912)\n\n1. ensin\n2. sitten"
    card = Card(title="Kallion kirjasto", lines=("Viides linja 11", "00530 Helsinki"), url="https://example.org/kallio")
    link = Link("Sähköposti", "mailto:kirjasto@example.org")
    return Reply(text=text, language=language, cards=(card,), links=(link,))


def _hostile_card() -> Card:
    return Card(title=HOSTILE[1], lines=HOSTILE, url="javascript:alert(1)")
