"""Questions never answered, answers pasted again, and apologies that ignore what was said."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz

from convqa.detect.attention_cues import attention_settings
from convqa.detect.attention_runs import ANSWERING, Said, Stretch
from convqa.detect.phrase_patterns import words_of

_Found = tuple[tuple[Said, ...], str]

_NEEDS = frozenset({"problem", "complaint", "question", "escalation", "denies_resolved", "churn"})
_NO_NEED = frozenset({"thanks", "closing", "greeting", "confirms_resolved"})
_ANGER = frozenset({"denies_resolved", "complaint", "escalation", "churn"})
# Said again for good reason: courtesy, waits, and what the customer has to tell.
_ROUTINE = frozenset(
    {"greeting", "introduction", "closing", "thanks", "hold", "further_help", "verification",
     "question"}
)  # fmt: skip
# A word's beginning stands for it in all its forms («deliver», «delivery»); shorter words are
# mostly grammar.
_STEM = 5
# Answers whose figures are remembered: each is compared with all later ones of its conversation.
_REMEMBERED = 1024


def unanswered_questions(stretches: Sequence[Stretch]) -> Iterator[_Found]:
    """Yield the question and what stood in place of the answer, once at most.

    A question is open where nothing but courtesy and waits follows until the end, or where the
    customer had to ask again and was left unhappy all the same.
    """
    asked = [
        (question, stretches[i + 1 :])
        for i, stretch in enumerate(stretches)
        if (question := _question_in(stretch)) is not None
        and not _is_settled(question, stretches[i + 1 :])
    ]
    for question, later in asked:
        agents = [s for s in later if s.role == "agent"]
        # «And you call this service?» at the end asks for nothing.
        if all(s.answers_nothing for s in agents) and (agents or not question.acts & _ANGER):
            instead = next((s.said[-1:] for s in reversed(agents)), ())
            yield (question, *instead), "no answer before the end"
            return
    for question, later in reversed(asked):
        again = _asked_again(question, later)
        if again is not None:
            yield (question, *again), "asked again"
            return


def _question_in(stretch: Stretch) -> Said | None:
    if stretch.role != "customer":
        return None
    asked = [
        one for one in stretch.said
        if one.is_question
        and len(one.text.split()) > 1
        and not one.acts & {"closing", "greeting", "thanks"}
        and not one.cues & {"still_there"}
    ]  # fmt: skip
    return asked[-1] if asked else None


def _is_settled(question: Said, later: Sequence[Stretch]) -> bool:
    """Return whether the customer is content later on, of what hardly is a question if only polite.

    Without a question mark the model alone says that something was asked.
    """
    signs = {"confirms_resolved"}
    if not question.text.rstrip().endswith("?"):
        signs |= {"thanks", "closing"}
    return any(
        s.role == "customer"
        and (s.acts & signs or any(one.emotion == "positive" for one in s.said))
        for s in later
    )


def _asked_again(question: Said, later: Sequence[Stretch]) -> tuple[Said, ...] | None:
    """Return the words in place of the answer and the last time of asking, if it stayed open."""
    limit = attention_settings().limits.min_question_likeness
    last: tuple[int, Said] | None = None
    for i, stretch in enumerate(later):
        if stretch.role != "customer" or i == 0:
            continue
        for one in stretch.said:
            is_same = (
                one.is_question
                and len(one.text.split()) > 2
                and fuzz.token_set_ratio(one.text.lower(), question.text.lower()) >= limit
            )
            if is_same or "not_answered" in one.cues:
                last = (i, one)
    if last is None:
        return None
    place, asked = last
    answers = [
        i for i, s in enumerate(later) if i > place and s.role == "agent" and not s.answers_nothing
    ]
    if answers and not any(
        s.role == "customer"
        and (s.acts & _ANGER or any(one.emotion == "negative" for one in s.said))
        for s in later[answers[0] + 1 :]
    ):
        return None
    agents = (s.said[-1:] for s in reversed(later[:place]) if s.role == "agent")
    return (*next(agents, ()), asked)


def repeated_answers(stretches: Sequence[Stretch]) -> Iterator[_Found]:
    """Yield an agent's text, what the customer said to it, and nearly the same text again."""
    limits = attention_settings().limits
    earlier: list[tuple[int, Said]] = []
    for i, stretch in enumerate(stretches):
        if stretch.role != "agent":
            continue
        own = [one for one in stretch.said if _is_answer(one, limits.min_repeated_words)]
        before = stretches[i - 1] if i else None
        if before is None or before.role != "customer":
            earlier += [(i, one) for one in own]
            continue
        is_asked_for = "repeat_request" in before.cues or _needs_nothing(before)
        pairs = [
            (old, one)
            for one in own
            for number, old in earlier
            if number < i and not is_asked_for
            and _is_same(old.text, one.text, limits.min_repeated_likeness)
        ]  # fmt: skip
        if pairs:
            old, one = max(pairs, key=lambda pair: len(pair[1].text))
            yield (old, *before.said[-1:], one), "nearly the same text twice"
        earlier += [(i, one) for one in own]


def _needs_nothing(stretch: Stretch) -> bool:
    """Return whether the customer only thanks or takes leave; an answer to that may be the same."""
    return bool(stretch.acts) and stretch.acts <= _NO_NEED


def _is_answer(one: Said, min_words: int) -> bool:
    if one.text.rstrip().endswith("?") or len(one.text.split()) < min_words:
        return False
    if one.is_formula:
        return True
    if one.cues & {"hold", "still_there"} and not one.acts & {"information", "refusal"}:
        return False
    return not (one.acts and one.acts <= _ROUTINE)


def _is_same(one: str, other: str, likeness: float) -> bool:
    """Return whether two texts are one, with another name or a slip; other figures are news."""
    return (
        _digits(one) == _digits(other)
        and fuzz.ratio(one.lower(), other.lower(), score_cutoff=likeness) > 0
    )


@lru_cache(maxsize=_REMEMBERED)
def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def template_apologies(stretches: Sequence[Stretch]) -> Iterator[_Found]:
    """Yield what the customer said and the apology for everything that was all the answer."""
    for before, stretch in pairwise(stretches):
        if stretch.role != "agent" or before.role != "customer":
            continue
        apology = next((s for s in stretch.said if s.is_formula and "apology" in s.cues), None)
        if apology is None or not stretch.answers_nothing or any(s.is_hold for s in stretch.said):
            continue
        if stretch.acts & (ANSWERING - {"information", "paraphrase"}):
            continue
        need = _need_in(before)
        agent_words = {stem for s in stretch.said for stem in _stems(s)}
        if need is not None and not agent_words & {x for s in before.said for x in _stems(s)}:
            yield (need, apology), "nothing but a formula"


def _need_in(stretch: Stretch) -> Said | None:
    needs = [s for s in stretch.said if s.acts & _NEEDS or s.is_question]
    if not needs:
        needs = [s for s in stretch.said if s.emotion == "negative" and not s.acts & _NO_NEED]
    return needs[0] if needs else None


def _stems(one: Said) -> set[str]:
    common = attention_settings().common[one.segment.language]
    return {
        word[:_STEM]
        for word, _, _ in words_of(one.text)
        if len(word) >= _STEM and word not in common
    }
