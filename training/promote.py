"""Make the challenger champion if it is better, and show whose scores that moves.

Run as `python -m training.promote` (`make promote`); exit code 0 if the alias `champion` was moved,
1 if not. `--run DIR` is the scoring run that is compared under both models, `--tracking-uri` the
registry.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow.entities.model_registry import ModelVersion
from rich.table import Table

from convqa.cli.difference import print_difference
from convqa.cli.progress import console
from convqa.encoder.bundle import Bundle, load_bundle
from convqa.errors import ConvqaError, StoreError
from convqa.preview import diff_models
from convqa.registry import find_bundle
from convqa.registry.tracked import CHALLENGER, CHAMPION, MODEL_NAME
from convqa.store.manifest import read_manifest
from training.contest import Answers, Contest, Gain, HeldOut, answers_of, contest
from training.corpora import read_conversations
from training.fit_heads import labelled_examples
from training.promotion_rule import reasons_against
from training.register import test_digest
from training.settings import ROOT, Paths, shared_options

VERDICT_TAG = "promotion"
TEST_TAG = "promotion_test_sha256"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version of the registry with its bundle."""

    version: ModelVersion
    bundle: Bundle

    @property
    def title(self) -> str:
        """Return the number of the version and what it holds."""
        info = self.bundle.version_info
        return f"version {self.version.version} ({info.name} {info.version} {info.sha256[:8]})"


def promote(paths: Paths, run: Path | None) -> bool:
    """Move the alias `champion` to the challenger if the rule allows; say why if not.

    Args:
        paths: `corpora` holds the test set.
        run: A finished scoring run to compare under both models; None for none.

    Returns:
        Whether the alias was moved.

    Raises:
        ModelBundleError: There is no challenger, or a bundle is damaged.
        StoreError: `run` is no finished run.
    """
    challenger = _candidate(CHALLENGER)
    if not _has_champion():
        _say(f"There is no champion yet: {challenger.title} becomes the first.")
        return _move(challenger, "first champion")
    champion = _candidate(CHAMPION)
    _say(f"Champion: {champion.title}\nChallenger: {challenger.title}")
    if champion.bundle.version_info == challenger.bundle.version_info:
        _say("Not promoted: both are the same bundle.")
        return False
    data = held_out(paths)
    before, after = (answers_of(one.bundle, data) for one in (champion, challenger))
    found = contest(data, before, after)
    _print_contest(found, before, after)
    if run is None:
        _say("There is no scoring run to compare; give one with --run DIR.")
    else:
        _say(f"The run {run} under both models:")
        print_difference(
            diff_models(champion.bundle, challenger.bundle, [run], threads=os.cpu_count() or 1)
        )
    reasons = reasons_against(found, before, after)
    client = mlflow.MlflowClient()
    client.set_model_version_tag(
        MODEL_NAME, challenger.version.version, TEST_TAG, test_digest(paths.corpora)
    )
    if not reasons:
        return _move(challenger, f"better than version {champion.version.version}")
    _say("\n".join(["Not promoted:", *(f"- {reason}" for reason in reasons)]))
    verdict = f"refused against version {champion.version.version}: {'; '.join(reasons)}"
    client.set_model_version_tag(MODEL_NAME, challenger.version.version, VERDICT_TAG, verdict)
    return False


def held_out(paths: Paths) -> HeldOut:
    """Return the test set, which no training and no threshold has seen."""
    return HeldOut(
        examples=tuple(item for item in labelled_examples(paths) if item.split == "test"),
        talks=tuple(talk for talk in read_conversations(paths.corpora) if talk.split == "test"),
    )


def newest_run(folder: Path) -> Path | None:
    """Return the scoring run under a folder that was finished last, None where there is none."""
    found = []
    for path in folder.glob("*/manifest.json"):
        try:
            if read_manifest(path.parent).state == "finished":
                found.append(path)
        except StoreError:  # a folder of something else
            continue
    return max(found, key=lambda path: path.stat().st_mtime).parent if found else None


def _candidate(alias: str) -> Candidate:
    bundle = load_bundle(find_bundle(f"models:/{MODEL_NAME}@{alias}"))
    return Candidate(mlflow.MlflowClient().get_model_version_by_alias(MODEL_NAME, alias), bundle)


def _has_champion() -> bool:
    return CHAMPION in mlflow.MlflowClient().get_registered_model(MODEL_NAME).aliases


def _move(challenger: Candidate, why: str) -> bool:
    client, number = mlflow.MlflowClient(), challenger.version.version
    client.set_registered_model_alias(MODEL_NAME, CHAMPION, number)
    client.set_model_version_tag(MODEL_NAME, number, VERDICT_TAG, f"promoted: {why}")
    _say(f"Promoted: {challenger.title} is the champion ({why}).")
    return True


def _print_contest(found: Contest, before: Answers, after: Answers) -> None:
    table = Table("figure", title="Test set, champion and challenger", title_justify="left")
    for name in ("champion", "challenger", "change", "95 % interval"):
        table.add_column(name, justify="right")
    rows: dict[str, Gain] = {"mean of all": found.mean, **found.languages, **found.tasks}
    for name, gain in rows.items():
        table.add_row(
            name, f"{gain.before:.3f}", f"{gain.after:.3f}", f"{gain.change:+.3f}",
            f"{gain.low:+.3f} to {gain.high:+.3f}",
        )  # fmt: skip
    console.print(table)
    for name, old, new in (
        ("clean conversations flagged", before.clean_flagged, after.clean_flagged),
        ("clean conversations critical", before.clean_critical, after.clean_critical),
        ("texts found", before.grave_found, after.grave_found),
    ):
        shares = (f"{key} {old[key][0]} → {new[key][0]} of {n}" for key, (_, n) in new.items())
        _say(f"{name}: {', '.join(shares)}")


def _say(text: str) -> None:
    """Print text as it is, without cutting lines to the width of the terminal."""
    console.print(text, soft_wrap=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Read the options, promote, and return the exit code: 0 moved, 1 not moved, 2 a mistake."""
    parser = argparse.ArgumentParser(prog="python -m training.promote", parents=[shared_options()])
    parser.add_argument("--run", type=Path, help="scoring run to compare; else the newest in runs/")
    parser.add_argument("--tracking-uri", help="registry; else MLFLOW_TRACKING_URI")
    options = parser.parse_args(argv)
    if options.tracking_uri:
        mlflow.set_tracking_uri(options.tracking_uri)
    try:
        is_moved = promote(Paths.of(options), options.run or newest_run(ROOT / "runs"))
    except ConvqaError as error:
        _say(f"training.promote: {error}")
        return 2
    return 0 if is_moved else 1


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    sys.exit(main())
