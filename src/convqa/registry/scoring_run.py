"""A scoring run in MLflow: counts, figures that show drift, and versions; never text, id or name.

The figures of one night are compared with those of the run of the same experiment before it, so
that a change of the conversations, the standard or the model shows on the chart of the experiment.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log
from pathlib import Path

import mlflow
import pyarrow.compute as pc
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from requests import RequestException

from convqa.errors import ConfigError
from convqa.registry.tracked import is_other_file, registry_name
from convqa.schema import Evaluation
from convqa.store.manifest import Manifest, read_finished
from convqa.store.parts import finished_chunks, read_evaluations, read_table

_KIND = {"convqa.kind": "scoring"}
_DIGEST = "convqa.manifest"  # sha256 of `manifest.json`
_BIN = 10  # points; the score has ten bins
# What models see of a conversation; acts and endings of one's own standard are in the outcomes.
_LABELS = ("politeness", "empathy", "emotion", "act", "forbidden", "resolution", "ending")


@dataclass(slots=True)
class _Group:
    n: int = 0
    n_flagged: int = 0
    scores: list[float] = field(default_factory=list)


def log_scoring_run(run: Path, experiment: str) -> str:
    """Log a finished run to an experiment of MLflow and return the id of the MLflow run.

    A run that the experiment has already is not logged again: it would be compared with itself.

    Raises:
        StoreError: The run is not finished or damaged.
        ConfigError: The tracking server cannot be reached, or refuses.
    """
    manifest = read_finished(run)
    digest = hashlib.sha256((run / "manifest.json").read_bytes()).hexdigest()
    address = mlflow.get_tracking_uri()
    if is_other_file(address):
        raise ConfigError(
            f"the run is scored but could not be logged to MLflow: {address} is no SQLite "
            "database; set MLFLOW_TRACKING_URI to one and run the same command again"
        )
    try:
        found = mlflow.set_experiment(experiment)
        known = _last(found.experiment_id, f" and tags.`{_DIGEST}` = '{digest}'")
        if known is not None:
            return str(known.info.run_id)
        before = _last(found.experiment_id)
        metrics = scoring_metrics(run, manifest)
        drift = drift_metrics(before.data.metrics if before else {}, metrics)
        tags = _KIND | {_DIGEST: digest}
        with mlflow.start_run(run_name=f"score {manifest.standard.name}", tags=tags) as active:
            mlflow.log_params(_versions(manifest))
            mlflow.log_metrics(metrics | drift)
    except (MlflowException, RequestException) as err:
        code = getattr(err, "error_code", type(err).__name__)
        raise ConfigError(
            f"the run is scored but could not be logged to MLflow at {registry_name()} ({code}); "
            "check MLFLOW_TRACKING_URI and run the same command again"
        ) from err
    return str(active.info.run_id)


def scoring_metrics(run: Path, manifest: Manifest) -> dict[str, float]:
    """Return counts, mean scores, and shares in [0, 1] of flags, outcomes, labels and scores."""
    groups: dict[str, _Group] = defaultdict(_Group)
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    for evaluation in read_evaluations(run):
        if evaluation.status != "skipped":
            for key in ("all", evaluation.language or "unknown"):
                _add(groups[key], evaluation)
            for result in evaluation.criteria:
                outcomes[result.id][result.outcome] += 1
    metrics: dict[str, float] = {}
    for key, group in groups.items():
        metrics[f"conversations/{key}"] = float(group.n)
        metrics[f"flagged/{key}"] = group.n_flagged / group.n
        if group.scores:
            metrics[f"score/{key}"] = sum(group.scores) / len(group.scores)
    metrics |= {
        f"outcome/{criterion}.{outcome}": n / counted.total()
        for criterion, counted in outcomes.items()
        for outcome, n in counted.items()
    }
    everything = groups["all"]
    metrics |= _score_shares(everything.scores) | _label_shares(run, everything.n)
    return metrics | _counts(manifest)


def drift_metrics(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """Return how far a run is from the one before it, 0 for no change; empty without one.

    `drift/score_psi` is the population stability index of the score over bins of ten points;
    credit scoring, where it comes from, calls 0.1 worth a look and 0.25 a real shift (Siddiqi,
    Credit Risk Scorecards, 2006). `drift/label` is the largest change of the share of
    conversations that have a label, `drift/flagged` the change of the share that is flagged.
    """
    if not before:
        return {}
    psi = 0.0
    for name in _bins():
        # Half a conversation in an empty bin: the index has no value there otherwise.
        p = max(before.get(name, 0.0), 0.5 / max(before.get("conversations/all", 1.0), 1.0))
        q = max(now.get(name, 0.0), 0.5 / max(now.get("conversations/all", 1.0), 1.0))
        psi += (q - p) * log(q / p)
    labels = {name for name in (*before, *now) if name.startswith("label/")}
    moves = [abs(now.get(name, 0.0) - before.get(name, 0.0)) for name in labels]
    return {
        "drift/score_psi": psi,
        "drift/label": max(moves, default=0.0),
        "drift/flagged": now.get("flagged/all", 0.0) - before.get("flagged/all", 0.0),
    }


def _counts(manifest: Manifest) -> dict[str, float]:
    if manifest.counts is None:
        return {}
    counted = manifest.counts.model_dump(exclude={"skip_reasons"})
    return {f"counts/{name}": float(value) for name, value in counted.items()}


def _add(group: _Group, evaluation: Evaluation) -> None:
    group.n += 1
    group.n_flagged += evaluation.flag
    if evaluation.score is not None:
        group.scores.append(evaluation.score)


def _bins() -> list[str]:
    return [f"score_share/{low:02d}-{low + _BIN}" for low in range(0, 100, _BIN)]


def _score_shares(scores: list[float]) -> dict[str, float]:
    names = _bins()
    counted = Counter(names[min(int(score // _BIN), len(names) - 1)] for score in scores)
    return {name: counted[name] / len(scores) for name in names} if scores else {}


def _label_shares(run: Path, n: int) -> dict[str, float]:
    """Return for each label the share of the evaluated conversations in which it was found."""
    counted: Counter[str] = Counter()
    columns = ("conversation_id", "kind", "label", "is_present", "source")
    for index in finished_chunks(run):
        table = read_table(run, "findings", index, columns)
        table = table.filter(pc.and_(table["is_present"], pc.equal(table["source"], "model")))
        rows = zip(*(table[name].to_pylist() for name in columns[:3]), strict=True)
        counted.update(f"{kind}.{label}" for _, kind, label in set(rows) if kind in _LABELS)
    return {f"label/{name}": count / n for name, count in sorted(counted.items())} if n else {}


def _versions(manifest: Manifest) -> dict[str, str]:
    versions = {
        f"{kind}_{name}": value
        for kind in ("standard", "model")
        for name, value in getattr(manifest, kind).model_dump().items()
    }
    libraries = manifest.environment.libraries
    return versions | {
        "convqa": libraries.get("convqa", "unknown"),
        "onnxruntime": libraries.get("onnxruntime", "unknown"),
        "python": manifest.environment.python,
        "redact": str(manifest.options.redact).lower(),
        "inputs": str(len(manifest.inputs)),
    }


def _last(experiment_id: str, more: str = "") -> Run | None:
    """Return the last scoring run of an experiment that fits, None where there is none."""
    found = mlflow.MlflowClient().search_runs(
        [experiment_id], f"tags.`convqa.kind` = 'scoring' and status = 'FINISHED'{more}",
        max_results=1, order_by=["attributes.start_time DESC"],
    )  # fmt: skip
    return found[0] if found else None
