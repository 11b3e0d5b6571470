"""Findings of the model: what each segment does, how it is said, and how the conversation ended.

Segments of unknown or other speakers get none, so nothing is held against anyone by mistake.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from convqa.detect.contexts import surroundings
from convqa.detect.outcome import SegmentLabels, conversation_features
from convqa.encoder import Bundle
from convqa.encoder.heads import decide
from convqa.encoder.manifest import Columns, Output, Task
from convqa.schema import Finding, FindingKind, Segment, SegmentedConversation

_KIND: Mapping[Task, FindingKind] = {
    "politeness": "politeness",
    "empathy": "empathy",
    "acts": "act",
    "emotion": "emotion",
    "forbidden": "forbidden",
    "resolution": "resolution",
    "ending": "ending",
}


def detect_labels(
    segmented: SegmentedConversation, vectors: NDArray[np.int8], bundle: Bundle
) -> list[Finding]:
    """Return what the model finds in one conversation.

    Args:
        segmented: A conversation in a language of the bundle.
        vectors: One row a segment, in order, from `Encoder.encode`.
        bundle: The bundle that the vectors come from.

    Returns:
        Findings in order of segments, then `resolution` and `ending`, each with all its labels.
        Of a segment, those present and those likelier than the bundle's `storage_floor`.
    """
    return detect_labels_batch([segmented], [vectors], bundle)[0]


def detect_labels_batch(
    conversations: Sequence[SegmentedConversation],
    vectors: Sequence[NDArray[np.int8]],
    bundle: Bundle,
) -> list[list[Finding]]:
    """Return `detect_labels` of several conversations; the heads read all of them at once."""
    if not conversations:
        return []
    roles = [tuple(s.role for s in conversation.segments) for conversation in conversations]
    width = bundle.width
    before = [surroundings(r, v) for r, v in zip(roles, vectors, strict=True)]
    all_roles = np.array([role for own in roles for role in own], dtype=object)
    text = np.concatenate([v.reshape(-1, width) for v in vectors])
    context = np.concatenate([own.context.reshape(-1, width) for own in before])
    past = np.concatenate([own.past for own in before])
    agent_rows = np.flatnonzero(all_roles == "agent")
    customer_rows = np.flatnonzero(all_roles == "customer")
    agent = bundle.agent.predict(text[agent_rows], context[agent_rows], past[agent_rows])
    customer = bundle.customer.predict(
        text[customer_rows], context[customer_rows], past[customer_rows]
    )
    answers = [
        _Answers(_KIND[output.task], output.labels, output, rows, values[output.task])
        for head, rows, values in (
            (bundle.agent, agent_rows, agent), (bundle.customer, customer_rows, customer),
        )
        for output in head.outputs
    ]  # fmt: skip
    answers += _read_custom(bundle, text, context, all_roles)
    segments = [segment for conversation in conversations for segment in conversation.segments]
    found = _segment_findings(segments, answers, bundle.manifest.storage_floor)
    ends = np.cumsum([len(own) for own in roles])
    labelled = [
        SegmentLabels(
            roles=own,
            agent=_between(agent, agent_rows, int(end) - len(own), int(end)),
            customer=_between(customer, customer_rows, int(end) - len(own), int(end)),
        )
        for own, end in zip(roles, ends, strict=True)
    ]
    features = np.stack(
        [conversation_features(own, v) for own, v in zip(labelled, vectors, strict=True)]
    )
    whole = bundle.conversation.predict(features)
    return [
        [
            *chain.from_iterable(found[end - len(own.roles) : end]),
            *_conversation_findings(whole, row, own, bundle),
        ]
        for row, (own, end) in enumerate(zip(labelled, ends.tolist(), strict=True))
    ]


class _Answers(NamedTuple):
    """What one output or custom head says of all segments of its role, a row each.

    `rows` are the places of these segments among all; `labels` is what findings are called.
    """

    kind: FindingKind
    labels: Sequence[str]
    columns: Columns
    rows: NDArray[np.int64]
    probabilities: NDArray[np.float64]


def _read_custom(
    bundle: Bundle,
    text: NDArray[np.int8],
    context: NDArray[np.int8],
    roles: NDArray[np.object_],
) -> Iterator[_Answers]:
    for own in bundle.custom:
        rows = np.flatnonzero(roles == own.head.role)
        values = own.predict(text[rows], context[rows])
        yield _Answers("head", own.head.finding_labels, own.head, rows, values)


def _between(
    found: Mapping[str, NDArray[np.float64]], rows: NDArray[np.int64], start: int, end: int
) -> dict[str, NDArray[np.float64]]:
    """Return the probabilities of the segments in `[start, end)`."""
    first, last = np.searchsorted(rows, [start, end])
    return {task: values[first:last] for task, values in found.items()}


def _segment_findings(
    segments: Sequence[Segment], answers: Iterable[_Answers], floor: float
) -> list[list[Finding]]:
    """Return the findings of each segment, in the order of the heads' outputs."""
    found: list[list[Finding]] = [[] for _ in segments]
    for one in answers:
        present = decide(one.probabilities, one.columns)
        rows, places = np.nonzero(present | (one.probabilities >= floor))
        for row, place, probability, is_present in zip(
            one.rows[rows].tolist(), places.tolist(),
            one.probabilities[rows, places].tolist(), present[rows, places].tolist(), strict=True,
        ):  # fmt: skip
            segment = segments[row]
            found[row].append(
                Finding(
                    kind=one.kind,
                    label=one.labels[place],
                    source="model",
                    spans=segment.spans,
                    segment=segment.index,
                    probability=probability,
                    is_present=is_present,
                )
            )
    return found


def _conversation_findings(
    whole: Mapping[str, NDArray[np.float64]], row: int, labelled: SegmentLabels, bundle: Bundle
) -> Iterator[Finding]:
    if not {"agent", "customer"} & set(labelled.roles):
        return
    for output in bundle.conversation.outputs:
        values = whole[output.task][row]
        yield from _label_findings(values, output)


def _label_findings(values: NDArray[np.float64], output: Output) -> Iterator[Finding]:
    present = decide(values[np.newaxis], output)[0]
    for label, probability, is_present in zip(
        output.labels, values.tolist(), present.tolist(), strict=True
    ):
        yield Finding(
            kind=_KIND[output.task],
            label=label,
            source="model",
            probability=probability,
            is_present=is_present,
        )
