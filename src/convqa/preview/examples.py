"""Examples of a standard, run like unit tests: turns, and what the standard must make of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from convqa.config import read_yaml, suggest
from convqa.detect.address import detect_address
from convqa.detect.attention import detect_attention
from convqa.detect.phrases import CompiledPhrases, compile_phrases, detect_phrases
from convqa.detect.timing import detect_timing
from convqa.errors import ConfigError
from convqa.rescore import Encode, example_vectors
from convqa.schema import (
    Conversation,
    Evaluation,
    Finding,
    SegmentedConversation,
    Source,
    Span,
    Turn,
    Version,
)
from convqa.scoring import score_conversation
from convqa.segment import segment_conversation
from convqa.standard import Standard
from convqa.standard.criteria import CombinedCriterion
from convqa.standard.loader import validated
from convqa.standard.model import Example, phrases_of
from convqa.standard.parts import Part

Detector = Callable[[SegmentedConversation], Sequence[Finding]]

_NO_MODEL = Version("none", "", "")


class ExampleFile(Part):
    """A file of examples beside a standard, `<name>.tests.yaml`."""

    examples: tuple[Example, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """An example and what went wrong; without faults it passes."""

    name: str
    faults: tuple[str, ...]
    evaluation: Evaluation


def load_examples(standard: Path) -> tuple[Example, ...]:
    """Return the examples of the file beside a standard, none where there is no such file.

    Raises:
        ConfigError: The file is wrong.
    """
    path = standard.parent / f"{standard.stem}.tests.yaml"
    return validated(ExampleFile, read_yaml(path)).examples if path.is_file() else ()


def run_examples(
    standard: Standard,
    examples: Sequence[Example],
    *,
    detect: Detector | None = None,
    encode: Encode | None = None,
) -> list[ExampleResult]:
    """Return the result of each example in order.

    Args:
        standard: The standard under test; its phrases are matched.
        examples: Those inside the standard, beside it, or both.
        detect: The models. Without it the labels written in the examples stand in for them; with
            it those labels are added to what the models find.
        encode: Their encoder. Without it no paraphrase of a `meaning:` is found.

    Raises:
        ConfigError: An example expects something of a criterion that the standard has not.
    """
    vectors = example_vectors(standard, (), encode) if encode is not None else None
    phrases = compile_phrases(standard, vectors)
    known = {criterion.id for criterion in standard.criteria}
    for example in examples:
        unknown = sorted(set(example.expect) - known)
        if unknown:
            remedy = suggest(unknown[0], sorted(known)) or f"; known: {', '.join(sorted(known))}"
            raise ConfigError(
                f"example {example.name!r} expects something of the unknown criterion "
                f"{unknown[0]!r}{remedy}"
            )
    return [_run(example, standard, phrases, detect, encode) for example in examples]


def lists_with_meaning(standard: Standard, examples: Sequence[Example]) -> list[str]:
    """Return the phrase lists with `meaning:` that what some examples expect depends on."""
    expected = {criterion_id for example in examples for criterion_id in example.expect}
    named: set[str] = set()
    for criterion in reversed(standard.criteria):  # parts stand before what combines them
        if criterion.id in expected:
            named |= {label.partition(".")[0] for _, _, label in phrases_of(criterion)}
            if isinstance(criterion, CombinedCriterion):
                expected |= set(criterion.of)
    languages = {example.language for example in examples}
    found = (x for x in standard.all_phrase_lists if x.id in named and x.language in languages)
    return sorted({x.id for x in found if any(rule.meaning for rule in x.phrases)})


def _run(
    example: Example,
    standard: Standard,
    phrases: CompiledPhrases,
    detect: Detector | None,
    encode: Encode | None,
) -> ExampleResult:
    segmented = segment_conversation(_conversation(example))
    labels = [
        *_labelled(example, segmented),
        *(detect(segmented) if detect is not None else ()),
    ]
    rows = encode([s.text for s in segmented.segments]) if encode is not None else ()
    vectors = [row.tobytes() for row in rows]
    findings = [
        *labels,
        *detect_attention(segmented, labels),
        *detect_address(segmented),
        *detect_phrases(segmented, phrases, vectors),
        *detect_timing(segmented),
    ]
    evaluation = score_conversation(segmented, findings, standard, _NO_MODEL)
    return ExampleResult(example.name, tuple(_faults(example, evaluation)), evaluation)


def _conversation(example: Example) -> Conversation:
    turns = tuple(Turn(t.role, t.text, t.start_s, t.end_s) for t in example.turns)
    return Conversation(
        id=example.name,
        turns=turns,
        source=Source("", "example", 0),
        language=example.language,
        channel=example.channel,
        queue=example.queue,
        metadata=example.metadata,
    )


def _labelled(example: Example, segmented: SegmentedConversation) -> Iterator[Finding]:
    """Yield the labels written in an example as findings on the whole turn."""
    segment_of: dict[int, int] = {}
    for segment in segmented.segments:
        for span in segment.spans:
            segment_of.setdefault(span.turn, segment.index)
    for number, turn in enumerate(example.turns):
        spans = (Span(number, 0, len(turn.text)),)
        for kind, label in turn.labels.pairs() if turn.labels is not None else ():
            yield Finding(kind, label, "model", spans, segment_of.get(number), 1.0)
    if example.resolution is not None:
        yield Finding("resolution", example.resolution, "model", probability=1.0)
    if example.ending is not None:
        yield Finding("ending", example.ending, "model", probability=1.0)


def _faults(example: Example, evaluation: Evaluation) -> Iterator[str]:
    if evaluation.status == "skipped":
        yield f"is not scored: {evaluation.skip_reason}"
        return
    results = {c.id: c for c in evaluation.criteria}
    for criterion_id, outcome in example.expect.items():
        wanted = "partial" if outcome == "half" else outcome
        found = results[criterion_id]
        if found.outcome != wanted:
            yield f"{criterion_id}: wanted {wanted}, got {found.outcome} ({found.reason})"
    for name in ("critical", "flags"):
        wanted_names, got = getattr(example, name), getattr(evaluation, name)
        if wanted_names is not None and set(wanted_names) != set(got):
            yield f"{name}: wanted {_listed(wanted_names)}, got {_listed(got)}"
    if example.score is not None and example.score != evaluation.score:
        yield f"score: wanted {example.score:g}, got {evaluation.score}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
