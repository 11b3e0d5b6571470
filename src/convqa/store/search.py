"""Full-text search that treats all six languages alike: folded words, found anywhere in a word.

Folding drops case, accents and punctuation, so «Łódź» is found by «lodz» and «reiseforsikring» by
«forsikring»: compounds are as common in Norwegian, Danish and Swedish as endings are in Polish and
Romanian, and no dictionary serves all six. Both databases keep the folded text under an index of
trigrams and answer the same LIKE.
"""

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from convqa.store.tables import conversations, search_texts

# Letters that Unicode does not take apart into a base and an accent.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"}
)
_NOT_WORD = re.compile(r"[\W_]+")
_QUERY = re.compile(r'"([^"]*)"|(\S+)')

# More adds nothing that a person types, and each is another look into the index.
MAX_TERMS = 12

# To look up 20,000 of 200,000 conversations takes PostgreSQL 0.1 s; of what is more common, a page
# is soon full in any order. Measured with 10,000: 0.6 s for a phrase in 5 % of them.
_RARE = 20_000


def fold(text: str) -> str:
    """Return text in small letters without accents and punctuation, single spaces around words."""
    return f" {_NOT_WORD.sub(' ', _plain(text)).strip()} "


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LETTERS)


def fold_all(texts: Iterable[str]) -> str:
    """Return several texts folded into one; no phrase runs over their borders."""
    return "|".join(fold(text) for text in texts)


def search_terms(query: str) -> tuple[str, ...]:
    """Return what must all be in the folded text: words, and phrases that stood in quotes.

    A word of one or two letters must stand alone; a longer one may be part of a word.
    """
    terms: dict[str, None] = {}
    for phrase, word in _QUERY.findall(query):
        folded = fold(phrase or word)
        core = folded.strip()
        if core:
            terms[core if len(core) > 2 else folded] = None
    return tuple(terms)[:MAX_TERMS]


def find_terms(text: str, terms: Iterable[str]) -> list[tuple[int, int]]:
    """Return the characters `[start, end)` of a text that hold one of `search_terms`, in order.

    Places that touch or overlap are one; an accent belongs to its letter.
    """
    whole = fold(text)
    present = [term for term in terms if term in whole]
    if not present:
        return []
    folded, origins = _fold_letters(text)
    found: set[int] = set()
    for term in present:
        start = folded.find(term)
        while start >= 0:
            first, last = start + (term[0] == " "), start + len(term.rstrip()) - 1
            found.update(range(origins[first], origins[last] + 1))
            start = folded.find(term, start + 1)
    return _joined(found, text)


def _fold_letters(text: str) -> tuple[str, list[int]]:
    """Return `fold` of a text, and for each of its letters the place of the one it comes from."""
    letters, origins = [" "], [0]
    for place, character in enumerate(text):
        for letter in _plain(character):
            if not _NOT_WORD.match(letter):
                letters.append(letter)
                origins.append(place)
            elif letters[-1] != " ":
                letters.append(" ")
                origins.append(place)
    if letters[-1] != " ":
        letters.append(" ")
        origins.append(len(text))
    return "".join(letters), origins


def _joined(places: Iterable[int], text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for start in sorted(places):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        if spans and spans[-1][1] >= start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def contains(query: str, *, is_rare: bool = False) -> ColumnElement[bool]:
    """Return the condition on `conversations` that holds where every term of a query is found.

    Args:
        query: Words and quoted phrases.
        is_rare: Look all matches up in the index first, and not conversation by conversation in the
            order of the page: the planner of PostgreSQL takes rare words for common ones.
    """
    found = _hits(query)
    # An offset keeps PostgreSQL from merging the look-up into the outer query.
    return conversations.c.id.in_(found.offset(0) if is_rare else found)


def is_rare(connection: Connection, query: str) -> bool:
    """Return whether few enough conversations match a query to look them all up first."""
    hits = _hits(query).limit(_RARE + 1).subquery()
    n_hits = connection.execute(select(func.count()).select_from(hits)).scalar_one()
    return n_hits <= _RARE


def _hits(query: str) -> Select[int]:
    likes = [search_texts.c.folded.like(f"%{term}%") for term in search_terms(query)]
    return select(search_texts.c.rowid).where(and_(*likes))
