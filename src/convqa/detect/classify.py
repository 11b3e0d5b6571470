"""Labels of single texts, for `convqa classify`: the same heads as for whole conversations.

Where heads read what was said so far, that is left out: a text comes with its context alone.
Of labels of which one holds, the likeliest is given. Findings of a conversation are more careful:
there a label that may be held against somebody also has to reach the bundle's threshold.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from convqa.detect.contexts import pair_vectors
from convqa.encoder import Bundle, Encoder
from convqa.encoder.heads import decide, likeliest
from convqa.encoder.manifest import CustomHead, Output
from convqa.errors import TranscriptError
from convqa.schema import ROLES, Role


@dataclass(frozen=True, slots=True)
class ClassifyRequest:
    """A text and what the other party said before it, each taken whole.

    `record` is the object as read, given back with the labels.
    """

    id: str
    role: Role
    text: str
    context: str = ""
    record: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelChoice:
    """The likeliest label, and the probability of each, in [0, 1]; they sum to 1."""

    label: str
    probabilities: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class HeadLabels:
    """The labels of a custom head that hold, and the probability of each, in [0, 1]."""

    labels: tuple[str, ...]
    probabilities: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ClassifyResult:
    """The labels of one text; a task that its role does not have is None or empty.

    `heads` has the custom heads of the bundle by name.
    """

    id: str
    politeness: LabelChoice | None = None
    empathy: LabelChoice | None = None
    emotion: LabelChoice | None = None
    acts: tuple[str, ...] = ()
    acts_probabilities: Mapping[str, float] = field(default_factory=dict)
    forbidden: tuple[str, ...] = ()
    forbidden_probabilities: Mapping[str, float] = field(default_factory=dict)
    heads: Mapping[str, HeadLabels | None] = field(default_factory=dict)


def parse_classify_line(line: str) -> ClassifyRequest:
    """Read one line of the input of `convqa classify`.

    Raises:
        TranscriptError: It is no JSON object, or a field is missing or of another type.
    """
    try:
        record = json.loads(line)
    except ValueError as err:
        raise TranscriptError("is no JSON; give one object a line") from err
    except RecursionError as err:
        raise TranscriptError("is nested too deeply; give one flat object a line") from err
    if not isinstance(record, dict):
        raise TranscriptError("must be a JSON object with id, role and text")
    role = _text(record, "role")
    if role not in ROLES:
        raise TranscriptError(f"must be one of {', '.join(ROLES)}", field="role")
    return ClassifyRequest(
        id=_identifier(record),
        role=role,
        text=_text(record, "text"),
        context=_text(record, "context") if record.get("context") is not None else "",
        record=record,
    )


def classify_texts(
    requests: Sequence[ClassifyRequest], encoder: Encoder, bundle: Bundle
) -> list[ClassifyResult]:
    """Return the labels of each text, in the order of the requests.

    Args:
        requests: Any number; a text is never split.
        encoder: The encoder of the same bundle.
        bundle: The heads.
    """
    results = [ClassifyResult(id=request.id) for request in requests]
    texts = [request.text for request in requests]
    text, context = pair_vectors(texts, [[request.context] for request in requests], encoder)
    for role, head in (("agent", bundle.agent), ("customer", bundle.customer)):
        rows = [row for row, request in enumerate(requests) if request.role == role]
        values = head.predict(text[rows], context[rows])
        for place, row in enumerate(rows):
            results[row] = _result(requests[row].id, head.outputs, values, place)
    for custom in bundle.custom:
        rows = [row for row, request in enumerate(requests) if request.role == custom.head.role]
        answers = _head_labels(custom.head, custom.predict(text[rows], context[rows]))
        found = dict(zip(rows, answers, strict=True))
        results = [
            replace(result, heads={**result.heads, custom.head.name: found.get(row)})
            for row, result in enumerate(results)
        ]
    return results


def labelled_record(request: ClassifyRequest, result: ClassifyResult) -> dict[str, object]:
    """Return the object as read with the labels added."""
    return {
        **request.record,
        **{
            task: None if choice is None else {
                "label": choice.label, "probabilities": dict(choice.probabilities),
            }
            for task, choice in (
                ("politeness", result.politeness),
                ("empathy", result.empathy),
                ("emotion", result.emotion),
            )
        },
        "acts": list(result.acts),
        "acts_probabilities": dict(result.acts_probabilities),
        "forbidden": list(result.forbidden),
        "forbidden_probabilities": dict(result.forbidden_probabilities),
        **_heads_record(result.heads),
    }  # fmt: skip


def _heads_record(heads: Mapping[str, HeadLabels | None]) -> dict[str, object]:
    """Return the key `heads`, which only a bundle with custom heads gives."""
    if not heads:
        return {}
    return {
        "heads": {
            name: None if found is None else {
                "labels": list(found.labels), "probabilities": dict(found.probabilities),
            }
            for name, found in heads.items()
        }
    }  # fmt: skip


def _head_labels(head: CustomHead, values: NDArray[np.float64]) -> list[HeadLabels]:
    held = likeliest(values) if head.activation == "softmax" else decide(values, head)
    return [
        HeadLabels(
            labels=tuple(label for label, is_held in zip(head.labels, own, strict=True) if is_held),
            probabilities=dict(zip(head.labels, row.tolist(), strict=True)),
        )
        for own, row in zip(held, values, strict=True)
    ]


def _result(
    identifier: str,
    outputs: Sequence[Output],
    values: Mapping[str, NDArray[np.float64]],
    place: int,
) -> ClassifyResult:
    choices: dict[str, LabelChoice] = {}
    labels: dict[str, tuple[str, ...]] = {}
    shares: dict[str, Mapping[str, float]] = {}
    for output in outputs:
        row = values[output.task][place]
        is_single = output.activation == "softmax"
        present = likeliest(row[np.newaxis])[0] if is_single else decide(row[np.newaxis], output)[0]
        held = tuple(
            label for label, is_held in zip(output.labels, present, strict=True) if is_held
        )
        shares[output.task] = dict(zip(output.labels, row.tolist(), strict=True))
        if is_single:
            choices[output.task] = LabelChoice(held[0], shares[output.task])
        else:
            labels[output.task] = held
    return ClassifyResult(
        id=identifier,
        politeness=choices.get("politeness"),
        empathy=choices.get("empathy"),
        emotion=choices.get("emotion"),
        acts=labels.get("acts", ()),
        acts_probabilities=shares.get("acts", {}),
        forbidden=labels.get("forbidden", ()),
        forbidden_probabilities=shares.get("forbidden", {}),
    )


def _identifier(record: Mapping[str, object]) -> str:
    value = record.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise TranscriptError("must be a text or a whole number", field="id")
    return str(value)


def _text(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise TranscriptError("must be a text", field=name)
    # Lone surrogates are no text that a tokenizer takes.
    return value.encode("utf-8", "replace").decode("utf-8")
