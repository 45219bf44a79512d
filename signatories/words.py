"""Words as the public search compares them: without accents, and one typo away from each other.

A word is stored whole, and once for each of its letters with a gap in its place: "north" as "-orth", "n-rth" and
so on. A typed word is one typo (a missing, extra, wrong or swapped letter) from a stored one exactly when one of
the forms that `near` names is stored for it. So a lookup in an index decides, and nothing is found by accident.
"""

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 40  # letters of a word that are looked at
SHORTEST_WITH_A_TYPO = 4  # letters: in shorter words a typo makes another word
GAP = "-"

# Letters that have no accent to lose.
PLAIN = str.maketrans({"æ": "ae", "ð": "d", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "œ": "oe", "ø": "o", "þ": "th"})
APOSTROPHES = re.compile(r"['’‘ʼ`´]")
WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of a text, each once: “St. George’s” is "st", "georges"."""
    text = APOSTROPHES.sub("", text)
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).translate(PLAIN)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return list(dict.fromkeys(word[:LONGEST] for word in WORD.findall(bare)))


def with_gaps(word: str) -> list[str]:
    """The word with a gap in the place of each letter; none for a short word."""
    if len(word) < SHORTEST_WITH_A_TYPO:
        return []
    return [f"{word[:place]}{GAP}{word[place + 1 :]}" for place in range(len(word))]


def forms_of(texts: Iterable[str], codes: Iterable[str] = ()) -> set[tuple[str, bool]]:
    """What is stored for some names: (form, whether it is the whole word). A code has no typo: it would be another."""
    whole = {word for text in texts for word in words_of(text)}
    gaps = {(form, False) for word in whole for form in with_gaps(word)}
    return gaps | {(word, True) for word in whole} | {(word, True) for code in codes for word in words_of(code)}


def near(word: str) -> tuple[list[str], list[str]]:
    """Forms of the stored words that are one typo away from a typed one: (whole words, words with a gap)."""
    places = range(len(word))
    extra = [word[:place] + word[place + 1 :] for place in places if len(word) > SHORTEST_WITH_A_TYPO]
    swapped = [
        word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        for place in places[:-1]
        if len(word) >= SHORTEST_WITH_A_TYPO
    ]
    missing = [f"{word[:place]}{GAP}{word[place:]}" for place in range(len(word) + 1)]
    enough = len(word) + 1 >= SHORTEST_WITH_A_TYPO
    return list(dict.fromkeys(extra + swapped)), list(dict.fromkeys(with_gaps(word) + (missing if enough else [])))
