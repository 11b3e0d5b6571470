"""Make a bundle: heads as whole numbers, calibration, thresholds, manifest, figures, model card.

Run as `python -m training.assemble`; writes `<work>/bundle/`.
"""

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

from convqa.encoder.bundle import HEADS, Bundle, load_bundle
from convqa.encoder.heads import SegmentHead, probabilities
from convqa.encoder.manifest import FORMAT_VERSION, Head, Manifest, Output
from convqa.schema import LANGUAGES
from training.calibrate import (
    Calibration,
    best_f1_threshold,
    fit_sigmoid,
    fit_softmax,
    rare_flag_threshold,
)
from training.card import data_sets, write_card
from training.corpora import Example, GoldConversation, part_of, read_conversations
from training.evaluate import evaluate_bundle
from training.false_flags import careful_threshold
from training.fit_heads import labelled_examples
from training.integer_heads import integer_conversation_head, integer_role_head
from training.kept_vectors import KeptVectors
from training.labels import ENDING, RESOLUTION
from training.model import OUTPUTS, SINGLE_LABEL, VECTOR_SCALE
from training.outcome_head import fit_outcomes, outcomes
from training.predictions import targets
from training.served import VectorTable, head_inputs, texts_of
from training.settings import Paths, Settings, needed, run_step

logger = logging.getLogger(__name__)

_VECTOR_FEATURES = 2 * 384

# Labels that flag a conversation: the thresholds of their findings keep false flags rare.
_GRAVE = (("politeness", "impolite"), ("empathy", "dismissive"))
# Where a grave label is likely but not sure enough, praise must not take its place: it too has to
# be likelier than not, else the neutral label of its task holds.
_PRAISE = {("politeness", "polite"): 0.5, ("empathy", "empathic"): 0.5}

# Share of the negative texts that may be taken for one forbidden category. Development texts are
# hard on purpose and a third of them forbidden, so the share in real talk is far smaller.
_FORBIDDEN_SHARE = 0.005
_HIGHEST = 0.9  # a forbidden category that no text reaches would be of no use


def plain_output(task: str, labels: tuple[str, ...]) -> Output:
    """Return an output without calibration; labels of which several may hold need one half."""
    n = len(labels)
    activation = "softmax" if task in (*SINGLE_LABEL, "resolution", "ending") else "sigmoid"
    return Output(
        task=task, activation=activation, labels=labels, scale=(1.0,) * n, bias=(0.0,) * n,
        thresholds=(0.0 if activation == "softmax" else 0.5,) * n,
    )  # fmt: skip


def calibrated_head(
    role: str,
    tensors: Mapping[str, NDArray[np.generic]],
    dev: Sequence[Example],
    table: VectorTable,
) -> SegmentHead:
    """Return the head of a role with calibration and thresholds from development data.

    Each turn is read whole, so that its labels are those of one text.
    """
    outputs = tuple(plain_output(task, labels) for task, labels in OUTPUTS[role].items())
    plain = SegmentHead.from_tensors(
        Head(name=role, outputs=outputs), tensors, width=384, where="training"
    )
    inputs = head_inputs([item for item in dev if item.role == role], table, is_split=False)
    logits = plain.logits(inputs.text, inputs.context, inputs.past)
    fitted = []
    start = 0
    for output in outputs:
        own = logits[:, start : start + len(output.labels)]
        start += len(output.labels)
        fitted.append(_calibrated(output, own, targets(inputs.examples, output)))
    return replace(plain, outputs=tuple(fitted))


def _calibrated(output: Output, logits: NDArray[np.float64], truth: NDArray[np.int64]) -> Output:
    known = (truth >= 0).any(axis=1)
    logits, truth = logits[known], truth[known]
    if output.activation == "softmax":
        found = fit_softmax(logits, truth.argmax(axis=1))
    else:
        found = fit_sigmoid(logits, truth.astype(np.float64))
    calibrated = with_calibration(output, found)
    values = probabilities(logits, calibrated)
    return calibrated.model_copy(update={"thresholds": _thresholds(calibrated, values, truth)})


def with_calibration(output: Output, found: Calibration) -> Output:
    """Return the output with scale and bias rounded to what the manifest shows."""
    return output.model_copy(
        update={
            "scale": tuple(float(v) for v in np.round(found.scale, 5)),
            "bias": tuple(float(v) for v in np.round(found.bias, 5)),
        }
    )


def _thresholds(
    output: Output, values: NDArray[np.float64], truth: NDArray[np.int64]
) -> tuple[float, ...]:
    if output.activation == "softmax":
        return output.thresholds
    thresholds = []
    for own, target in zip(values.T, truth.T, strict=True):
        found = best_f1_threshold(own, target)
        if output.task == "forbidden":
            rare = rare_flag_threshold(own, target, share=_FORBIDDEN_SHARE)
            found = max(found, min(rare, _HIGHEST))
        thresholds.append(float(np.round(found, 3)))
    return tuple(thresholds)


def careful_head(
    head: SegmentHead, talks: Sequence[GoldConversation], table: VectorTable, *, share: float
) -> SegmentHead:
    """Return the head of agents with thresholds for the labels that flag a conversation.

    At most `share` of the clean development conversations are flagged. One threshold serves all
    those labels: the few conversations that set it are better counted together than apart.
    """
    turns = [turn for talk in talks for turn in talk.turns if turn.role == "agent"]
    inputs = head_inputs(turns, table, is_split=True)
    careful = careful_threshold(talks, head, inputs, _GRAVE, share=share)
    found = _PRAISE | dict.fromkeys(_GRAVE, careful)
    outputs = tuple(
        output.model_copy(
            update={
                "thresholds": tuple(
                    found.get((output.task, label), threshold)
                    for label, threshold in zip(output.labels, output.thresholds, strict=True)
                )
            }
        )
        for output in head.outputs
    )
    return replace(head, outputs=outputs)


def conversation_outputs(
    paths: Paths, settings: Settings, table: VectorTable, agent: SegmentHead, customer: SegmentHead
) -> tuple[Head, dict[str, NDArray[np.generic]]]:
    """Fit, calibrate and return the head over whole conversations."""
    talks = read_conversations(paths.corpora)
    learnt, asked = (part_of(talks, split, paths.corpora) for split in ("train", "dev"))
    train = outcomes(learnt, table, agent, customer, with_cuts=True)
    dev = outcomes(asked, table, agent, customer, with_cuts=False)
    linear = fit_outcomes(
        train, n_vector=_VECTOR_FEATURES, c=settings.heads.conversation_c,
        vector_c=settings.heads.vector_c,
    )  # fmt: skip
    features = np.stack([item.features for item in dev]).astype(np.float64)
    logits = features @ linear.weight + linear.bias
    fitted = []
    start = 0
    for task, labels in (("resolution", RESOLUTION), ("ending", ENDING)):
        own = logits[:, start : start + len(labels)]
        start += len(labels)
        truth = np.array([labels.index(getattr(item, task)) for item in dev])
        found = fit_softmax(own, truth)
        # Offsets would undo what the cut conversations taught about rare endings.
        found = Calibration(found.scale, np.zeros(len(labels)))
        fitted.append(with_calibration(plain_output(task, labels), found))
    head = Head(name="conversation", outputs=tuple(fitted))
    return head, integer_conversation_head(linear.weight, linear.bias)


def write_bundle(
    paths: Paths, settings: Settings, heads: tuple[Head, ...], tensors: Mapping[str, NDArray]
) -> Path:
    """Write the files of the bundle and their manifest, and return its folder.

    The figures of the bundle before it go with it, so that nobody takes them for those of this one.
    """
    (paths.work / "metrics.json").unlink(missing_ok=True)
    folder = paths.work / "bundle"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("encoder.onnx", "tokenizer.json"):
        shutil.copyfile(paths.work / name, folder / name)
    save_file(dict(tensors), folder / HEADS)
    write_manifest(folder, settings, heads, paths)
    return folder


def write_manifest(folder: Path, settings: Settings, heads: tuple[Head, ...], paths: Paths) -> None:
    """Write `manifest.json` with the sha256 of every other file in the folder."""
    files = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.iterdir())
        if file.name != "manifest.json"
    }
    manifest = Manifest(
        format_version=FORMAT_VERSION, name=settings.name, version=settings.version,
        languages=LANGUAGES, width=384, max_tokens=settings.fine_tune.max_tokens,
        vector_scale=VECTOR_SCALE, storage_floor=settings.storage_floor, heads=heads,
        data_sets=data_sets(paths.public), files=files,
    )  # fmt: skip
    text = json.dumps(manifest.model_dump(), indent=1, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def all_texts(examples: Sequence[Example], talks: Sequence[GoldConversation]) -> set[str]:
    """Return every text that fitting and judging the heads may need."""
    return texts_of([*examples, *(turn for talk in talks for turn in talk.turns)])


def assemble(paths: Paths) -> Bundle:
    """Build the bundle, judge it on the test data and write its card."""
    settings = paths.load()
    state = torch.load(needed(paths.work / "heads.pt", after="fit_heads"), weights_only=True)
    needed(paths.work / "parity.json", after="parity")  # which the card shows
    examples = labelled_examples(paths)
    dev = part_of(examples, "dev", paths.corpora)
    encoder = KeptVectors(paths.work, max_tokens=settings.fine_tune.max_tokens)
    table = VectorTable(encoder, all_texts(examples, []))
    tensors: dict[str, NDArray[np.generic]] = {}
    built = {}
    for role in OUTPUTS:
        own = {
            k.removeprefix(f"{role}."): v.numpy() for k, v in state.items() if k.startswith(role)
        }
        integers = integer_role_head(role, own)
        tensors.update(integers)
        built[role] = calibrated_head(role, integers, dev, table)
    dev_talks = part_of(read_conversations(paths.corpora), "dev", paths.corpora)
    built["agent"] = careful_head(
        built["agent"], dev_talks, table, share=settings.clean_false_flag_share
    )
    whole, linear = conversation_outputs(paths, settings, table, built["agent"], built["customer"])
    tensors.update(linear)
    heads = (
        Head(name="agent", outputs=built["agent"].outputs),
        Head(name="customer", outputs=built["customer"].outputs),
        whole,
    )
    folder = write_bundle(paths, settings, heads, tensors)
    report = evaluate_bundle(load_bundle(folder), paths, table)
    (paths.work / "metrics.json").write_text(report.model_dump_json(indent=1), encoding="utf-8")
    write_card(folder, settings, report, paths)
    write_manifest(folder, settings, heads, paths)
    bundle = load_bundle(folder)
    logger.info("%s", bundle.version_info)
    return bundle


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run_step("assemble", assemble)
