"""Understands the texts of a file with a trained Rasa model. Runs under Rasa's own Python (3.8 to 3.10), not ours.

``python rasa_parse.py MODEL TEXTS RESULT``: TEXTS is a JSON list; RESULT gets the first intent of each text (that of
Rasa's fallback aside, as rejection is not compared), the milliseconds of each, and the memory of the process.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from rasa.core.agent import Agent

WARM = 50
FALLBACK = "nlu_fallback"


async def main(model: str, said: list[str]) -> str:
    """Understand every text once, after a few that warm the model up; the result as JSON."""
    agent = Agent.load(model)
    for text in said[:WARM]:
        await agent.parse_message(text)
    intents, times = [], []
    for text in said:
        began = perf_counter()
        parsed = await agent.parse_message(text)
        times.append(1_000 * (perf_counter() - began))
        names = [each["name"] for each in parsed["intent_ranking"] if each["name"] != FALLBACK]
        intents.append(names[0] if names else None)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    return json.dumps({"intents": intents, "ms": times, "rss_mb": rss})


if __name__ == "__main__":
    trained, asked, result = sys.argv[1:]
    found = asyncio.run(main(trained, json.loads(Path(asked).read_text(encoding="utf-8"))))
    Path(result).write_text(found, encoding="utf-8")
