"""The model card, written by the run that made the bundle."""

from collections.abc import Sequence
from pathlib import Path

from convqa.encoder.manifest import DataSet
from convqa.schema import LANGUAGES
from training.errors import NONE, largest_confusions
from training.evaluate import MEASURABLE_POSITIVES, Figure, Report
from training.parity import CLOSE, Parity
from training.public_sets import PUBLIC_SETS, Corpora
from training.settings import Paths, Settings

_PAIRS = 12  # confusions shown of a task with several labels


def data_sets(corpora: Corpora) -> tuple[DataSet, ...]:
    """Return the data sets that there were to train on, with their licences."""
    own = DataSet(
        name="convqa segments and conversations", licence="of this project", use="all tasks"
    )
    public = [item for item in PUBLIC_SETS if corpora.origin(item)]
    return own, *(DataSet(name=p.title, licence=p.licence, use=p.use) for p in public)


def write_card(folder: Path, settings: Settings, report: Report, paths: Paths) -> None:
    """Write `MODEL_CARD.md` into the folder of the bundle."""
    sections = [
        _head(settings, report), _figures(report), _labels(report), _confusion(report),
        _worst(report), _false_flags(report), _calibration(report),
        _parity(Parity.model_validate_json((paths.work / "parity.json").read_text())),
        _data(paths), _LIMITS,
    ]  # fmt: skip
    (folder / "MODEL_CARD.md").write_text("\n".join(sections), encoding="utf-8")


def _head(settings: Settings, report: Report) -> str:
    layers = ", ".join(map(str, settings.base.layers))
    before = settings.base.bundle
    goes = ""
    if before is not None:
        how = "as in" if settings.base.keeps_encoder else "going on from"
        goes = f", {how} version {before.name}"
    n, hidden = settings.heads.members, settings.heads.n_hidden
    members = f"; the mean of {n} heads fitted apart" if n > 1 else ""
    return f"""# {settings.name} {settings.version}

Labels single segments of customer-service conversations in English, Norwegian Bokmål, Danish,
Swedish, Polish and Romanian (politeness, empathy, speech acts, customer emotion, forbidden wording)
and whole conversations (resolution, ending). What each label means is in the project's codebook.

- Encoder: layers {layers} of multilingual-e5-small (MIT), vocabulary cut to
  {settings.base.max_pieces:,} pieces, fine-tuned on all tasks at once{goes},
  static 8-bit integers, one int8 vector of 384 a text.
- Heads: a hidden layer of {hidden} over the vector of the text, that of the other
  party's preceding run, their product and their distance, and over what sums up the conversation
  before: the last run of the same party and the mean of all that either party has said{members}.
  Whole-number arithmetic, so a text has the same result in any batch.
- Speed: {report.tokens_per_second:,.0f} tokens a second on two threads of the machine that trained
  it (busy with other work, so a lower bound); {report.tokens_per_conversation:.0f} tokens a
  conversation. Size: {report.megabytes:.1f} MB.

Meant for reviewing wording and finding conversations worth a look; a person decides. It does not
judge the mood of an employee, and it was not made for other languages, domains or public posts.
"""


def _figures(report: Report) -> str:
    lines = [
        "## Test figures by language",
        "",
        "Segments and conversations that neither training nor thresholds have seen, by writers of",
        "their own, a third of the segments hard on purpose; 95 % bootstrap intervals of the",
        "pooled value. A turn of a conversation has the union of its sentences' labels. Of",
        "labels of which one holds, the likeliest is taken; findings are more careful (see false",
        f"flags). A figure with fewer than {MEASURABLE_POSITIVES} examples of its rarest label, or",
        "of all labels where several may hold, is not claimed (–).",
        "",
        *figure_table(report.figures),
    ]
    return "\n".join(lines) + "\n"


def figure_table(figures: Sequence[Figure]) -> list[str]:
    """Return the lines of a table in Markdown, one row a task and source, languages beside it."""
    lines = [
        "| task | source | measure | all | interval | n | " + " | ".join(LANGUAGES) + " |",
        "| --- | --- | --- | ---: | --- | ---: |" + " ---: |" * len(LANGUAGES),
    ]
    pooled = [figure for figure in figures if figure.language == "all"]
    for figure in pooled:
        by_language = {
            f.language: f for f in figures if (f.task, f.source) == (figure.task, figure.source)
        }
        cells = [_cell(by_language.get(language)) for language in LANGUAGES]
        lines.append(
            f"| {figure.task} | {figure.source} | {figure.measure} | {figure.value:.3f} | "
            f"{figure.low:.3f}–{figure.high:.3f} | {figure.n} | " + " | ".join(cells) + " |"
        )
    return lines


def _cell(figure: Figure | None) -> str:
    if figure is None or not figure.is_measurable:
        return "–"
    return f"{figure.value:.3f} ({figure.n})"


def _labels(report: Report) -> str:
    lines = [
        "## Test figures by label", "", "Fewer than 20 positives say little and are marked *.", "",
        "| task | label | precision | recall | F1 | positives |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]  # fmt: skip
    for label in report.labels:
        star = "*" if label.positives < 20 else ""
        lines.append(
            f"| {label.task} | {label.label} | {label.precision:.2f} | {label.recall:.2f} | "
            f"{label.f1:.2f} | {label.positives}{star} |"
        )
    return "\n".join(lines) + "\n"


def _confusion(report: Report) -> str:
    lines = ["## Confusion, rows true, columns found", ""]
    for task, table in report.confusion.items():
        if table.columns[-1] == NONE:
            continue
        lines += [f"| {task} | " + " | ".join(table.columns) + " |"]
        lines += ["| --- |" + " ---: |" * len(table.columns)]
        lines += [
            f"| {name} | " + " | ".join(map(str, row)) + " |"
            for name, row in zip(table.rows, table.counts, strict=True)
        ]
        lines.append("")
    lines += [
        "Where several labels may hold, what was missed and what was found in its place, largest",
        "counts first:",
        "",
        "| task | missed | found instead | texts |",
        "| --- | --- | --- | ---: |",
    ]
    for task, table in report.confusion.items():
        if table.columns[-1] == NONE:
            lines += [
                f"| {task} | {row} | {column} | {count} |"
                for row, column, count in largest_confusions(table, _PAIRS)
            ]
    return "\n".join(lines) + "\n"


def _worst(report: Report) -> str:
    lines = [
        "## The ten worst errors of each task", "",
        "Test records by their id in `data/authored` (of a turn: conversation and number), the",
        "surest errors first.", "",
        "| task | record | label | found | probability |", "| --- | --- | --- | --- | ---: |",
    ]  # fmt: skip
    lines += [
        f"| {task} | {error.record} | {error.true} | {error.found} | {error.probability:.3f} |"
        for task, errors in report.worst.items()
        for error in errors
    ]
    return "\n".join(lines) + "\n"


def _parity(parity: Parity) -> str:
    lines = [
        "## What the 8-bit integers cost", "",
        f"Torch and a float32 graph agree within {CLOSE} in {100 * parity.agreeing:.2f} % of",
        f"{parity.n_probabilities:,} test probabilities. The vectors of the 8-bit graph have a",
        f"mean cosine of {parity.cosine:.4f} to the network's. F1 on the test data at one half,",
        "the network with the heads of its training against the 8-bit graph with those that ship,",
        "both without what was said before:",
        "",
        "| task | float32 | 8-bit |", "| --- | ---: | ---: |",
    ]  # fmt: skip
    lines += [f"| {task} | {a:.3f} | {b:.3f} |" for task, (a, b) in parity.figures.items()]
    return "\n".join(lines) + "\n"


def _false_flags(report: Report) -> str:
    lines = [
        "## False flags on clean conversations", "",
        "Test conversations with nothing impolite, dismissive or forbidden: how many the model",
        "alone would flag for wording at its own thresholds, and how many it would call critical",
        "with the sureness that the default standard asks.",
        _found_line(report), "",
        "| language | clean | flagged | critical |", "| --- | ---: | ---: | ---: |",
    ]  # fmt: skip
    for language, (flagged, n) in report.clean_flagged.items():
        lines.append(f"| {language} | {n} | {flagged} | {report.clean_critical[language][0]} |")
    return "\n".join(lines) + "\n"


def _found_line(report: Report) -> str:
    parts = [
        f"{found} of {total} {label} texts" for label, (found, total) in report.grave_found.items()
    ]
    return f"At the same thresholds the model finds {' and '.join(parts)} of the whole test data."


def _calibration(report: Report) -> str:
    lines = [
        "## Expected calibration error, test segments",
        "",
        "| task | error |",
        "| --- | ---: |",
    ]
    lines += [f"| {task} | {value:.3f} |" for task, value in report.calibration_error.items()]
    return "\n".join(lines) + "\n"


def _data(paths: Paths) -> str:
    lines = ["## Data", "", "| set | licence | use |", "| --- | --- | --- |"]
    lines += [f"| {item.name} | {item.licence} | {item.use} |" for item in data_sets(paths.public)]
    return "\n".join(lines) + "\n"


_LIMITS = """## Known weaknesses

- The labelled data was written for the project, not recorded: real conversations are duller, with
  far less rudeness and far more inattention. Try it on your own before anything depends on it.
- Few training conversations end with the agent or the customer gone; `ending` was helped with
  conversations cut off in the middle.
- Sarcasm in courteous words, and blunt but neutral words taken for impolite ones, are its most
  frequent errors.
- `disclosure` is learnt from turns of whole conversations and from the single segments whose
  writers looked for it, not from the others.
- Of the conversation before the other party's preceding run the heads see a sum, not the words, and
  of what follows nothing. That sum is learnt from whole conversations only; single texts
  (`convqa classify`) are read without it.
"""
