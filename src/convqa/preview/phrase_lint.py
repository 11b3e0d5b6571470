"""Phrases tried on their own words: what is never found, and what is both asked for and barred.

A phrase is read as its author would say it: of alternatives the first, nothing or a name in the
gaps.
"""

from collections.abc import Iterator

from convqa.detect.phrase_patterns import sample_of
from convqa.detect.phrases import CompiledPhrases, compile_phrases, detect_phrases
from convqa.schema import (
    Conversation,
    Finding,
    Role,
    Segment,
    SegmentedConversation,
    Source,
    Span,
    Turn,
)
from convqa.standard import LintIssue, PhraseList, PhraseRule, Standard
from convqa.standard.criteria import Criterion, LabelCriterion
from convqa.standard.model import phrases_of

_NAME = "Ida"


def lint_phrases(standard: Standard) -> list[LintIssue]:
    """Return the doubts about the phrases that a standard's criteria name or write themselves."""
    phrases = compile_phrases(standard)
    wanted = {label: c.id for c in standard.criteria for label in _wanted(c)}
    named = {label.partition(".")[0] for c in standard.criteria for _, _, label in phrases_of(c)}
    issues = [*_always_failing(standard)]
    for phrase_list in standard.all_phrase_lists:
        is_own = phrase_list in standard.phrase_lists
        if phrase_list.language in standard.languages and (is_own or phrase_list.id in named):
            issues += _tried(phrase_list, phrases, wanted)
    return issues


def _wanted(criterion: Criterion) -> list[str]:
    """Return the phrases that a criterion asks an agent to say."""
    if not isinstance(criterion, LabelCriterion) or criterion.expect != "present":
        return []
    return [label for kind, label in criterion.find.pairs() if kind == "phrase"]


def _always_failing(standard: Standard) -> Iterator[LintIssue]:
    """Yield the criteria that nothing but phrases can pass, and that have none in a language."""
    for criterion in standard.criteria:
        labels = _wanted(criterion)
        if not labels or len(labels) < len(_pairs(criterion)) or criterion.pass_when:
            continue
        scope = criterion.applies_to
        asked = scope.languages if scope is not None and scope.languages else standard.languages
        lists = {label.partition(".")[0] for label in labels}
        there = {x.language for x in standard.all_phrase_lists if x.id in lists}
        missing = [x for x in asked if x not in there]
        if missing:
            yield LintIssue(
                "error",
                criterion.id,
                f"always fails in {', '.join(missing)}: {', '.join(sorted(lists))} has no phrases "
                "there; write some, or limit it with applies_to: {languages: […]}",
            )


def _pairs(criterion: Criterion) -> tuple[tuple[str, str], ...]:
    return criterion.find.pairs() if isinstance(criterion, LabelCriterion) else ()


def _tried(
    phrase_list: PhraseList, phrases: CompiledPhrases, wanted: dict[str, str]
) -> Iterator[LintIssue]:
    for rule in phrase_list.phrases:
        label = f"{phrase_list.id}.{rule.id}"
        asker = wanted.get(phrase_list.id, wanted.get(label))
        for said in rule.say:
            found = _found(sample_of(said), phrase_list, phrases)
            place = f"phrase {said!r} of {phrase_list.id} ({phrase_list.language})"
            # `unless` may keep a gap from being empty: «this is * from».
            filled = _found(sample_of(said, in_gaps=_NAME), phrase_list, phrases)
            if not any(_is_of(f, phrase_list, rule) for f in (*found, *filled)):
                yield LintIssue(
                    "warning",
                    "",
                    f"{place} is not found in its own words: another phrase, unless or a word that "
                    "negates stands in the way",
                )
            barred = next((f.label for f in found if f.kind == "forbidden"), None)
            if asker is not None and barred is not None and phrase_list.forbidden is None:
                yield LintIssue(
                    "error", asker, f"{place} is asked for and is forbidden as {barred}"
                )


def _is_of(finding: Finding, phrase_list: PhraseList, rule: PhraseRule) -> bool:
    """Return whether a finding is of a list; of longer phrases of the list only one is reported."""
    own = phrase_list.forbidden or phrase_list.id
    return finding.label.partition(".")[0] == own or finding.label == f"{own}.{rule.id}"


def _found(text: str, phrase_list: PhraseList, phrases: CompiledPhrases) -> list[Finding]:
    role: Role = phrase_list.role
    spans = (Span(0, 0, len(text)),)
    segment = Segment(0, role, spans, text, phrase_list.language)
    segments = () if role == "other" else (segment,)
    talk = Conversation("", (Turn(role, text),), Source("", "", 0), phrase_list.language)
    return detect_phrases(SegmentedConversation(talk, segments, phrase_list.language, 1.0), phrases)
