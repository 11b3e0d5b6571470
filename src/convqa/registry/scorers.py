"""The detectors as a scorer of MLflow traces: what a bot or an agent assistant wrote is labelled.

Runs on this machine and asks no language model.
"""

import os

from mlflow.entities import AssessmentSource, Feedback
from mlflow.genai.scorers import Scorer, scorer
from mlflow.genai.utils.trace_utils import parse_outputs_to_str

from convqa.detect.classify import ClassifyRequest, ClassifyResult, LabelChoice, classify_texts
from convqa.encoder import Encoder, load_bundle
from convqa.registry.named import find_bundle

NOTHING = "none"


def wording_scorer(model: str = "convqa-multilingual") -> Scorer:
    """Return a scorer for `mlflow.genai.evaluate` that judges the wording of answers.

    It reads the answer of a trace (`outputs`) as said by an agent and the request (`inputs`) as
    what the customer said before, and gives three assessments: `politeness` (polite, neutral,
    impolite), `empathy` (empathic, none, dismissive) and `forbidden` (the categories found, or
    none). Probabilities are in the metadata.

    Args:
        model: As `--model` of `convqa score`: a folder, a shipped name, or `models:/name@alias`.

    Raises:
        ModelBundleError: There is no such model, or it is damaged.
    """
    bundle = load_bundle(find_bundle(model))
    encoder = Encoder(bundle, threads=os.cpu_count() or 1)
    info = bundle.version_info
    source = AssessmentSource(source_type="CODE", source_id=f"{info.name} {info.version}")

    @scorer(name="wording", description="Politeness, empathy and forbidden wording of an answer.")
    def wording(inputs: object = None, outputs: object = None) -> list[Feedback]:
        request = ClassifyRequest(
            id="answer", role="agent", text=_words(outputs), context=_words(inputs)
        )
        (result,) = classify_texts([request], encoder, bundle)
        return _feedback(result, source)

    return wording


def _feedback(result: ClassifyResult, source: AssessmentSource) -> list[Feedback]:
    found = [
        _choice(name, choice, source)
        for name, choice in (("politeness", result.politeness), ("empathy", result.empathy))
        if choice is not None
    ]
    shares = {label: f"{p:.4f}" for label, p in result.forbidden_probabilities.items()}
    value = ", ".join(result.forbidden) or NOTHING
    return [*found, Feedback(name="forbidden", value=value, source=source, metadata=shares)]


def _choice(name: str, choice: LabelChoice, source: AssessmentSource) -> Feedback:
    shares = {label: f"{p:.4f}" for label, p in choice.probabilities.items()}
    return Feedback(name=name, value=choice.label, source=source, metadata=shares)


def _words(value: object) -> str:
    """Return what was said: the value itself, its only text, or the last message of a chat."""
    if isinstance(value, dict) and len(value) == 1:
        (only,) = value.values()
        if isinstance(only, str):
            return only
    return parse_outputs_to_str(value).strip()
