"""Make ``nlu/frequencies.gz`` anew: how usual words are in each language, by ``wordfreq``.

pip install wordfreq && python scripts/list_frequencies.py nlu/frequencies.gz
"""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

from wordfreq import top_n_list, zipf_frequency

sys.path.insert(0, str(Path(__file__).parents[1]))

from nlu.frequencies import dump

LANGUAGES = ("fi", "sv", "en")
COUNT = 60_000
"""So many of the most usual words of each language."""
_LONGEST = 24


def usual() -> dict[str, list[float]]:
    """Words with letters and no digits, and their Zipf values by language."""
    words: dict[str, None] = {}
    for language in LANGUAGES:
        said = (word for word in top_n_list(language, 4 * COUNT) if _is_word(word))
        words.update(dict.fromkeys(islice(said, COUNT)))
    return {word: [zipf_frequency(word, language) for language in LANGUAGES] for word in words}


def _is_word(said: str) -> bool:
    return len(said) <= _LONGEST and any(map(str.isalpha, said)) and not any(map(str.isdigit, said))


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(dump(LANGUAGES, usual()))
