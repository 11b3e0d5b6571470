"""Log a training run to MLflow and register its bundle as the challenger.

Run as `python -m training.register` (`make register`) after `training.assemble`; `--bundle FOLDER`
registers another bundle than that of the working folder, judged on the test set first.
`--tracking-uri` says where; else `MLFLOW_TRACKING_URI` does.
"""

import argparse
import hashlib
import logging
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import mlflow
from mlflow.data.dataset_source_registry import resolve_dataset_source
from mlflow.data.meta_dataset import MetaDataset
from mlflow.entities.model_registry import ModelVersion
from mlflow.utils.mlflow_tags import MLFLOW_RUN_NOTE

from convqa.encoder.bundle import load_bundle
from convqa.errors import ConvqaError
from convqa.registry.register import register_bundle
from training.card import figure_table
from training.corpora import HELD_OUT
from training.evaluate import Report, evaluate_bundle
from training.pictures import confusion_picture
from training.public_sets import data_digests
from training.settings import Paths, shared_options

EXPERIMENT = "convqa training"

logger = logging.getLogger(__name__)


def register(paths: Paths, bundle: Path | None = None) -> ModelVersion:
    """Log parameters, data digests, figures, pictures and the bundle, and register it.

    Args:
        paths: `work` holds `bundle/` and `metrics.json` of a finished training.
        bundle: Another bundle; its figures are measured, and the settings file is not its own.

    Raises:
        ModelBundleError: The bundle is missing or damaged.
    """
    folder = bundle or paths.work / "bundle"
    loaded = load_bundle(folder)
    metrics = paths.work / "metrics.json"
    if bundle is None and metrics.is_file():
        report = Report.model_validate_json(metrics.read_bytes())
    else:
        report = evaluate_bundle(loaded, paths)
    info = loaded.version_info
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run(run_name=f"{info.name} {info.version}"):
        mlflow.log_params({"bundle_sha256": info.sha256})
        if bundle is None:
            mlflow.log_params(dict(_flat(paths.load().model_dump(mode="json"))))
        _log_data(paths.corpora)
        mlflow.log_metrics(report_metrics(report))
        for task, table in report.confusion.items():
            name = task.replace(" ", "_")
            mlflow.log_figure(confusion_picture(task, table), f"confusion/{name}.png")
        mlflow.log_text(report.model_dump_json(indent=1), "metrics.json")
        version = register_bundle(folder)
        text = described(report)
        mlflow.set_tag(MLFLOW_RUN_NOTE, text)
        client = mlflow.MlflowClient()
        return client.update_model_version(version.name, version.version, description=text)


def described(report: Report) -> str:
    """Return what MLflow shows of a run and its model version: figures by language, false flags."""
    both = [f for f in report.figures if f.source == "all" or f.task in ("resolution", "ending")]
    flagged, clean = report.clean_flagged["all"]
    critical, _ = report.clean_critical["all"]
    lines = [
        "Held-out segments, turns and conversations; – where there are too few examples.",
        "",
        *figure_table(both),
        "",
        f"Of {clean} clean conversations {flagged} are flagged, {critical} as critical.",
    ]
    return "\n".join(lines)


def report_metrics(report: Report) -> dict[str, float]:
    """Return all figures by name, those of one language together: `en/agent politeness.segments`.

    «all» is over the languages; `label/` has the F1 of single labels, `clean/` the share of clean
    conversations that are flagged or critical.
    """
    metrics = {f"{f.language}/{f.task}.{f.source}": f.value for f in report.figures}
    metrics |= {f"label/{f.task}.{f.label}": f.f1 for f in report.labels}
    metrics |= {f"calibration/{task}": value for task, value in report.calibration_error.items()}
    for kind, counted in (("flagged", report.clean_flagged), ("critical", report.clean_critical)):
        metrics |= {f"clean/{kind}.{key}": n / max(of, 1) for key, (n, of) in counted.items()}
    metrics |= {f"found/{label}": n / max(of, 1) for label, (n, of) in report.grave_found.items()}
    return metrics | {
        "size/tokens_per_second": report.tokens_per_second,
        "size/tokens_per_conversation": report.tokens_per_conversation,
        "size/megabytes": report.megabytes,
    }


def test_digest(corpora: Path) -> str:
    """Return one digest of the files of the test set."""
    return _joined({name: value for name, value in data_digests(corpora).items() if _is_test(name)})


def _log_data(corpora: Path) -> None:
    """Log one digest for each set and the test set, shown as datasets of the run, and all files."""
    digests = data_digests(corpora)
    mlflow.log_dict(digests, "data.json")
    sets: dict[str, dict[str, str]] = {}
    for name, digest in digests.items():
        folder = name.partition("/")[0]
        sets.setdefault(f"{folder} test" if _is_test(name) else folder, {})[name] = digest
    for name, files in sets.items():
        digest = _joined(files)
        mlflow.log_param(f"data.{name}", digest)
        with warnings.catch_warnings():
            # MLflow has registered its class for local folders twice and warns of the choice.
            warnings.simplefilter("ignore", UserWarning)
            source = resolve_dataset_source(f"data/{name.partition(' ')[0]}")
        # MLflow takes at most 36 characters of a digest.
        dataset = MetaDataset(source, name=name, digest=digest[:32])
        mlflow.log_input(dataset, context="test" if name.endswith(" test") else "training")


def _is_test(name: str) -> bool:
    return name.startswith("authored/") and any(f".{part}." in name for part in HELD_OUT)


def _joined(digests: Mapping[str, str]) -> str:
    lines = "".join(f"{name} {value}\n" for name, value in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _flat(settings: Mapping[str, object], start: str = "") -> Iterator[tuple[str, object]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{start}{name}.")
        else:
            yield f"{start}{name}", value


def main(argv: Sequence[str] | None = None) -> int:
    """Read the options, register, and return the exit code: 0 done, 2 a mistake."""
    parser = argparse.ArgumentParser(prog="python -m training.register", parents=[shared_options()])
    parser.add_argument("--bundle", type=Path, help="bundle to judge and register; else work's own")
    parser.add_argument("--tracking-uri", help="registry; else MLFLOW_TRACKING_URI")
    options = parser.parse_args(argv)
    if options.tracking_uri:
        mlflow.set_tracking_uri(options.tracking_uri)
    try:
        version = register(Paths.of(options), options.bundle)
    except ConvqaError as error:
        logger.error("training.register: %s", error)
        return 2
    logger.info("registered as %s version %s, challenger", version.name, version.version)
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(main())
