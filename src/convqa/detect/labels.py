"""Findings of the model: what each segment does, how it is said, and how the conversation ended.

Segments of unknown or other speakers get none, so nothing is held against anyone by mistake.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from convqa.detect.contexts import surroundings
from convqa.detect.outcome import SegmentLabels, conversation_features
from convqa.encoder import Bundle
from convqa.encoder.heads import decide
from convqa.encoder.manifest import Columns, CustomHead, Output, Task
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
    custom = _read_custom(bundle, text, context, all_roles)
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
            *_segment_findings(
                conversation.segments, own, custom.between(end - len(own.roles), end), bundle
            ),
            *_conversation_findings(whole, row, own, bundle),
        ]
        for row, (conversation, own, end) in enumerate(
            zip(conversations, labelled, ends.tolist(), strict=True)
        )
    ]


class _Custom(NamedTuple):
    """What the custom heads say of all segments of their role: head, rows and probabilities."""

    read: Sequence[tuple[CustomHead, NDArray[np.int64], NDArray[np.float64]]]

    def between(self, start: int, end: int) -> list[tuple[CustomHead, NDArray[np.float64]]]:
        """Return the probabilities of the segments in `[start, end)`."""
        return [(head, _rows_between(values, rows, start, end)) for head, rows, values in self.read]


def _read_custom(
    bundle: Bundle,
    text: NDArray[np.int8],
    context: NDArray[np.int8],
    roles: NDArray[np.object_],
) -> _Custom:
    read = []
    for own in bundle.custom:
        rows = np.flatnonzero(roles == own.head.role)
        read.append((own.head, rows, own.predict(text[rows], context[rows])))
    return _Custom(read)


def _between(
    found: Mapping[str, NDArray[np.float64]], rows: NDArray[np.int64], start: int, end: int
) -> dict[str, NDArray[np.float64]]:
    """Return the probabilities of the segments in `[start, end)`."""
    return {task: _rows_between(values, rows, start, end) for task, values in found.items()}


def _rows_between(
    values: NDArray[np.float64], rows: NDArray[np.int64], start: int, end: int
) -> NDArray[np.float64]:
    first, last = np.searchsorted(rows, [start, end])
    return values[first:last]


def _segment_findings(
    segments: Sequence[Segment],
    labelled: SegmentLabels,
    custom: Sequence[tuple[CustomHead, NDArray[np.float64]]],
    bundle: Bundle,
) -> list[Finding]:
    found: list[tuple[int, Finding]] = []
    floor = bundle.manifest.storage_floor
    by_role = {
        role: [segment for segment in segments if segment.role == role]
        for role in ("agent", "customer")
    }
    for role, head, values in (
        ("agent", bundle.agent, labelled.agent),
        ("customer", bundle.customer, labelled.customer),
    ):
        for output in head.outputs:
            names = _Names(_KIND[output.task], output.labels)
            found += _column_findings(by_role[role], names, output, values[output.task], floor)
    for own, probabilities in custom:
        names = _Names("head", own.finding_labels)
        found += _column_findings(by_role[own.role], names, own, probabilities, floor)
    # Within a segment the order of the heads' outputs is kept: the sort is stable.
    return [finding for _, finding in sorted(found, key=lambda pair: pair[0])]


class _Names(NamedTuple):
    """What findings of some columns are called."""

    kind: FindingKind
    labels: Sequence[str]


def _column_findings(
    segments: Sequence[Segment],
    names: _Names,
    columns: Columns,
    probabilities: NDArray[np.float64],
    floor: float,
) -> Iterator[tuple[int, Finding]]:
    present = decide(probabilities, columns)
    rows, places = np.nonzero(present | (probabilities >= floor))
    chosen = probabilities[rows, places].tolist()
    holds = present[rows, places].tolist()
    for row, place, probability, is_present in zip(
        rows.tolist(), places.tolist(), chosen, holds, strict=True
    ):
        segment = segments[row]
        yield (
            segment.index,
            Finding(
                kind=names.kind,
                label=names.labels[place],
                source="model",
                spans=segment.spans,
                segment=segment.index,
                probability=probability,
                is_present=is_present,
            ),
        )


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
