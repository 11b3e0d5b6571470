"""Which role a speaker has, by what the file calls it.

Only the label is looked at, never what was said: a speaker that is just `spk_0`, `Speaker 1` or a
person's name stays `unknown`, and its role may be inferred later from the conversation.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from convqa.schema import Role

# "endUser", "AGENT_1" and "agent2" are the words "end user", "agent" and "agent".
_CASE_CHANGE = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_NO_LETTERS = re.compile(r"[\W\d_]+")

# A bot, a supervisor or a note is told by one word of a longer label ("virtual agent", "agent
# supervisor"), and "customer service" is no customer.
_ORDER: tuple[Role, ...] = ("other", "agent", "customer")


@dataclass(frozen=True, slots=True)
class RoleRules:
    """Words and phrases by role, each as normalised by `words_of`, with spaces around it."""

    phrases: tuple[tuple[Role, frozenset[str]], ...]

    def role_of(self, label: str | None) -> Role:
        """Return the role that a label names, `unknown` where it names none."""
        return "unknown" if not label else _role_of(self, label)


def compile_roles(words: Mapping[str, Iterable[str]]) -> RoleRules:
    """Return the rules for these words and phrases of `other`, `agent` and `customer`."""
    return RoleRules(
        tuple((role, frozenset(map(words_of, words.get(role, ())))) for role in _ORDER)
    )


def words_of(label: str) -> str:
    """Return the words of a label in lower case between single spaces, without digits."""
    words = _NO_LETTERS.sub(" ", _CASE_CHANGE.sub(" ", label)).casefold().split()
    return f" {' '.join(words)} "


# Labels repeat in every conversation, names of persons do not.
@lru_cache(maxsize=4096)
def _role_of(rules: RoleRules, label: str) -> Role:
    words = words_of(label)
    for role, phrases in rules.phrases:
        if words in phrases or any(phrase in words for phrase in phrases):
            return role
    return "unknown"
