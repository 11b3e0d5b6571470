"""Who is the agent where a file only tells speakers apart: inferred when the wording is clear.

Recognisers write `spk_0` and `spk_1`. What agents say (opening formulas, questions that verify, the
offer of further help) and what customers say (my order, why, I have been waiting) tells the roles
in most conversations; where it does not, the speaker stays unknown and nothing is held against
anyone.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from convqa.schema import Conversation, Role, Turn
from convqa.segment.settings import segment_settings
from convqa.text import PLACEHOLDER

# Letters that Unicode does not decompose.
_UNDECOMPOSED = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "đ": "d", "ß": "ss", "’": "'"})


def infer_roles(conversation: Conversation, language: str) -> Conversation:
    """Return the conversation with the roles of unknown speakers that the wording makes clear.

    Only turns of role `unknown` with a `speaker_id` change; they get `role_source` `inferred` and
    the probability of the role. One speaker alone stays unknown: there the recogniser did not tell
    the two sides apart. Of exactly two speakers, one may be given by the file; the other can then
    only be inferred to be the other side.

    Args:
        conversation: Redacted or not.
        language: One of `LANGUAGES`, whose phrases are looked for.
    """
    said = _texts_by_speaker(conversation.turns)
    unknown = [speaker for speaker, role in said if role == "unknown"]
    if not unknown or len(said) < 2:
        return conversation
    evidence = {key: _evidence(" ".join(texts), language) for key, texts in said.items()}
    inferred = _infer_pair(evidence) if len(said) == 2 else _infer_alone(evidence)
    turns = tuple(_with_role(turn, inferred) for turn in conversation.turns)
    return replace(conversation, turns=turns)


Speaker = tuple[str, Role]


def _texts_by_speaker(turns: tuple[Turn, ...]) -> dict[Speaker, list[str]]:
    """Return what each speaker says; given roles are one speaker each, whoever speaks for them."""
    said: dict[Speaker, list[str]] = {}
    for turn in turns:
        if turn.role == "unknown" and turn.speaker_id is not None:
            said.setdefault((turn.speaker_id, "unknown"), []).append(turn.text)
        elif turn.role in ("agent", "customer"):
            said.setdefault(("", turn.role), []).append(turn.text)
    return said


def _infer_pair(evidence: Mapping[Speaker, int]) -> dict[str, tuple[Role, float]]:
    """Return speaker → role and probability for two speakers, the first against the second."""
    settings = segment_settings().roles
    first, second = evidence
    p_agent = _sigmoid(settings.scale * (evidence[first] - evidence[second]))
    agent, customer = (first, second) if p_agent >= 0.5 else (second, first)
    confidence = max(p_agent, 1 - p_agent)
    if confidence < settings.min_confidence or agent[1] == "customer" or customer[1] == "agent":
        return {}
    roles: dict[Speaker, Role] = {agent: "agent", customer: "customer"}
    return {key[0]: (role, confidence) for key, role in roles.items() if key[1] == "unknown"}


def _infer_alone(evidence: Mapping[Speaker, int]) -> dict[str, tuple[Role, float]]:
    """Return speaker → role and probability where three or more speak, each by own words."""
    settings = segment_settings().roles
    inferred: dict[str, tuple[Role, float]] = {}
    for (speaker, given), score in evidence.items():
        p_agent = _sigmoid(settings.scale * score)
        confidence = max(p_agent, 1 - p_agent)
        if given == "unknown" and confidence >= settings.min_confidence_alone:
            inferred[speaker] = ("agent" if p_agent >= 0.5 else "customer", confidence)
    return inferred


def _with_role(turn: Turn, inferred: Mapping[str, tuple[Role, float]]) -> Turn:
    if turn.role != "unknown" or turn.speaker_id is None or turn.speaker_id not in inferred:
        return turn
    role, confidence = inferred[turn.speaker_id]
    return turn._replace(role=role, role_source="inferred", role_confidence=confidence)


def _evidence(text: str, language: str) -> int:
    """Return the number of different agents' phrases less that of customers' phrases."""
    folded = _fold(PLACEHOLDER.sub(" ", text))
    agent, customer = _patterns(language)
    return len(set(agent.findall(folded))) - len(set(customer.findall(folded)))


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    phrases = segment_settings().roles.phrases[language]
    return _pattern(phrases.agent), _pattern(phrases.customer)


def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern over folded text; the longest of phrases that begin alike is found."""
    folded = sorted({_fold(p.rstrip("*")) + "*" * p.endswith("*") for p in phrases}, key=len)
    options = "|".join(re.escape(p).replace(r"\*", r"\w*") for p in reversed(folded))
    return re.compile(rf"\b(?:{options})\b")


def _fold(text: str) -> str:
    """Return a text in small letters without accents, its words parted by single spaces."""
    decomposed = unicodedata.normalize("NFD", text.lower().translate(_UNDECOMPOSED))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("'", "")
    return " ".join(re.findall(r"\w+", plain))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))
