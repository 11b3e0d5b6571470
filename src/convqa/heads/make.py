"""From a label file to a bundle with a new or corrected head."""

import re
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from convqa.encoder import Bundle, Encoder
from convqa.encoder.derive import Change, derive_bundle, read_card
from convqa.encoder.heads import Float
from convqa.encoder.manifest import Parent
from convqa.heads.checks import check_labels, check_name, label_order
from convqa.heads.correct import correct_head, place_of
from convqa.heads.labels import LabelFile
from convqa.heads.results import card_section
from convqa.heads.train import Question, Trained, train_own_head


def train_head(
    labels: LabelFile, name: str, bundle: Bundle, encoder: Encoder, *, precision: float | None
) -> Trained:
    """Fit a head to labels and judge it by cross-validation over conversations.

    Args:
        labels: The label file.
        name: A new name, or a task of the built-in head of the labels' role.
        bundle: The bundle whose vectors are read; it is not changed.
        encoder: Its encoder.
        precision: Wanted precision in (0, 1), for which thresholds are chosen; None for even odds,
            and for the present thresholds of a built-in head.

    Raises:
        ConfigError: The name is taken, labels are unknown, or there are too few.
    """
    place = place_of(bundle.agent if labels.role == "agent" else bundle.customer, name)
    output = None if place is None else place.output
    check_name(name, bundle, labels, output)
    order = label_order(labels, name, output)
    question = Question(name, order, _target(labels, order), precision)
    check_labels(labels, order, question.target, is_correction=place is not None)
    # The products are small: threads would cost more than they save, and change the last digits.
    with threadpool_limits(limits=1, user_api="blas"):
        if place is None:
            return train_own_head(labels, question, bundle, encoder)
        return correct_head(labels, question, place, bundle, encoder)


def write_bundle(trained: Trained, labels: LabelFile, bundle: Bundle, folder: Path) -> Bundle:
    """Write the bundle with the head into a new folder; the parent stays as it is.

    Raises:
        ConfigError: The folder is not empty.
        ModelBundleError: The folder cannot be written.
    """
    info, name = bundle.version_info, trained.report.name
    version = next_version(info.version, name)
    card = read_card(bundle) or f"# {info.name} {info.version}\n"
    change = Change(
        version=version,
        parent=Parent(
            name=info.name, version=info.version, sha256=info.sha256, head=name,
            labels_sha256=labels.sha256,
        ),
        heads=trained.heads,
        custom_heads=trained.custom_heads,
        tensors=trained.tensors,
        card=_extended(card, info.version, version, card_section(trained.report)),
    )  # fmt: skip
    return derive_bundle(bundle, folder, change)


def next_version(version: str, name: str) -> str:
    """Return the version of a derived bundle: `0.2.0` → `0.2.0+1.NAME` → `0.2.0+2.OTHER`."""
    base, _, local = version.partition("+")
    steps = re.match(r"\d+", local)
    return f"{base}+{int(steps.group()) + 1 if steps else 1}.{name}"


def _extended(card: str, old: str, new: str, section: str) -> str:
    """Return a card with the new version in its title, and a section at its end."""
    title, newline, rest = card.partition("\n")
    if title.endswith(old):
        title = title.removesuffix(old) + new
    return f"{title}{newline}{rest.rstrip()}\n\n{section}"


def _target(labels: LabelFile, order: tuple[str, ...]) -> Float:
    if labels.kind == "yes_no":
        return np.array([[float(bool(row.labels))] for row in labels.rows])
    return np.array([[float(label in row.labels) for label in order] for row in labels.rows])
