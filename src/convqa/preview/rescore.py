"""A stored conversation under another standard."""

from collections.abc import Sequence

from convqa.detect.phrases import CompiledPhrases, detect_phrases
from convqa.schema import Evaluation, Finding, SegmentedConversation, Version
from convqa.scoring import score_conversation
from convqa.standard import Standard


def rescore_conversation(
    segmented: SegmentedConversation,
    stored: Sequence[Finding],
    standard: Standard,
    model: Version,
    phrases: CompiledPhrases,
) -> Evaluation:
    """Return the evaluation of a stored conversation under a standard, without any model.

    Args:
        segmented: The conversation as stored.
        stored: Its findings; those of phrases are left out and matched again.
        standard: The standard to score by.
        model: The bundle that the stored findings come from.
        phrases: The compiled phrases of the standard.
    """
    findings = [f for f in stored if f.source != "phrase"]
    findings += detect_phrases(segmented, phrases)
    return score_conversation(segmented, findings, standard, model)
