"""The report of a run directory."""

from collections import Counter
from functools import partial
from pathlib import Path

from convqa.report.inputs import CriterionInfo, RunSummary
from convqa.report.write import write_report
from convqa.schema import Version
from convqa.standard import Standard
from convqa.store.manifest import Manifest, VersionRecord, count_parts, read_manifest
from convqa.store.parts import (
    check_parts,
    finished_chunks,
    read_evaluations,
    read_rejected,
    read_turns,
)
from convqa.store.standard import read_standard


def report_run(run: Path, path: Path, *, language: str = "en") -> None:
    """Write the report of a run, finished or not, to `path`.

    Raises:
        StoreError: `run` is no run directory or lacks a part, or `path` cannot be written.
    """
    manifest = read_manifest(run)
    if manifest.state == "finished":
        check_parts(run, manifest.n_chunks)
    write_report(
        path,
        _summary(run, manifest),
        _criteria(read_standard(run)),
        read_evaluations(run),
        partial(read_turns, run),
        language=language,
    )


def _summary(run: Path, manifest: Manifest) -> RunSummary:
    counts = manifest.counts or count_parts(run)
    rejected = Counter(
        record.reason for index in finished_chunks(run) for record in read_rejected(run, index)
    )
    return RunSummary(
        read=counts.read - counts.erased,
        evaluated=counts.evaluated,
        rejected=counts.rejected,
        skipped=counts.skipped,
        standard=_version(manifest.standard),
        model=_version(manifest.model),
        convqa_version=manifest.environment.libraries["convqa"],
        redacted=manifest.options.redact,
        skip_reasons=counts.skip_reasons,
        rejected_reasons=dict(rejected.most_common()),
    )


def _version(record: VersionRecord) -> Version:
    return Version(record.name, record.version, record.sha256)


def _criteria(standard: Standard) -> list[CriterionInfo]:
    return [
        CriterionInfo(
            id=criterion.id,
            name={language: text.name for language, text in criterion.texts.items()},
            ask={language: text.ask for language, text in criterion.texts.items()},
            hint={language: text.hint for language, text in criterion.texts.items()},
            appeal={language: text.appeal for language, text in criterion.texts.items()},
            section={language: text.name for language, text in section.texts.items()},
        )
        for section in standard.sections
        for criterion in section.criteria
    ]
