"""How often conversations without a fault are flagged, and thresholds that keep it rare."""

from collections.abc import Sequence

import numpy as np

from convqa.config import shipped_configs
from convqa.encoder.heads import SegmentHead
from convqa.schema import LANGUAGES
from convqa.standard.loader import load_standard
from training.corpora import GoldConversation
from training.predictions import targets, turn_labels, turn_probabilities
from training.served import HeadInputs


def careful_threshold(
    talks: Sequence[GoldConversation],
    head: SegmentHead,
    inputs: HeadInputs,
    labels: Sequence[tuple[str, str]],
    *,
    share: float,
) -> float:
    """Return the least threshold that flags at most `share` of the clean conversations.

    That holds in each language, and flagged is what has any of the labels.

    Args:
        talks: Development conversations.
        head: The calibrated head of agents.
        inputs: The agents' turns of those conversations, in sentences.
        labels: Tasks with the label that would be held against the agent.
        share: In [0, 1].
    """
    found = turn_probabilities(head, inputs)
    columns = {output.task: output.labels for output in head.outputs}
    values = np.max([found[task][:, columns[task].index(label)] for task, label in labels], axis=0)
    clean = {talk.id for talk in talks if is_clean(talk)}
    highest: dict[str, dict[str, float]] = {}
    for example, value in zip(inputs.examples, values.tolist(), strict=True):
        talk_id = example.id.split(":")[0]
        if talk_id in clean:
            own = highest.setdefault(example.language, {})
            own[talk_id] = max(own.get(talk_id, 0.0), value)
    least = 0.0
    for own in highest.values():
        ordered = sorted(own.values(), reverse=True)
        least = max(least, ordered[int(share * len(ordered))])
    return float(np.clip(np.round(least + 0.001, 3), 0.5, 0.95))


def clean_flags(
    talks: Sequence[GoldConversation], head: SegmentHead, inputs: HeadInputs
) -> tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]:
    """Count conversations without a fault of wording that are flagged, and critically.

    A model alone makes a critical error where it is as sure as the default standard asks.

    Returns:
        For each language and «all»: how many were flagged, and of how many.
    """
    labels = turn_labels(head, inputs, is_careful=True)
    forbidden = turn_probabilities(head, inputs)["forbidden"]
    sure = load_standard(shipped_configs() / "standards" / "default.yaml").confidence.critical
    rows: dict[str, list[int]] = {}
    for row, example in enumerate(inputs.examples):
        rows.setdefault(example.id.split(":")[0], []).append(row)
    column = {
        (output.task, label): number
        for output in head.outputs
        for number, label in enumerate(output.labels)
    }

    grave = [column["forbidden", label] for label in ("profanity", "sensitive_request")]

    def has(task: str, label: str, own: list[int]) -> bool:
        return bool(labels[task][own, column[task, label]].any())

    flagged = {language: [0, 0] for language in ("all", *LANGUAGES)}
    critical = {language: [0, 0] for language in ("all", *LANGUAGES)}
    for talk in talks:
        own = rows.get(talk.id, [])
        if not own or not is_clean(talk):
            continue
        for key in ("all", talk.language):
            flagged[key][0] += has("politeness", "impolite", own) or has(
                "empathy", "dismissive", own
            )
            critical[key][0] += bool((forbidden[np.ix_(own, grave)] >= sure).any())
            flagged[key][1] += 1
            critical[key][1] += 1
    return _pairs(flagged), _pairs(critical)


def grave_recall(head: SegmentHead, inputs: HeadInputs) -> dict[str, tuple[int, int]]:
    """Count impolite and dismissive examples that reach the threshold of a finding."""
    labels = turn_labels(head, inputs, is_careful=True)
    found = {}
    for output in head.outputs:
        truth = targets(inputs.examples, output)
        for column, label in enumerate(output.labels):
            if label in ("impolite", "dismissive"):
                true = truth[:, column] == 1
                found[label] = (int((true & labels[output.task][:, column]).sum()), int(true.sum()))
    return found


def is_clean(talk: GoldConversation) -> bool:
    """Tell whether no agent turn is impolite, dismissive or forbidden."""
    return all(
        turn.politeness != "impolite" and turn.empathy != "dismissive" and not turn.forbidden
        for turn in talk.turns
        if turn.role == "agent"
    )


def _pairs(counts: dict[str, list[int]]) -> dict[str, tuple[int, int]]:
    return {key: (value[0], value[1]) for key, value in counts.items()}
