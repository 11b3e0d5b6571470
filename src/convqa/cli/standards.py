"""`convqa standards`: check, test, compare, explain and begin speech standards."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convqa.cli.options import RunModelOption, WorkersOption

if TYPE_CHECKING:
    from convqa.preview.examples import Detector
    from convqa.rescore import Encode
    from convqa.standard import LintIssue, Standard
    from convqa.store.parts import StoredConversation

app = typer.Typer(
    help="Speech standards: lint, schema, test, diff, explain, new.", no_args_is_help=True
)

EXIT_FAULT = 1
# As in a standard.
_MAX_WEIGHT = 1000

StandardArgument = Annotated[
    str, typer.Argument(metavar="STANDARD", help="A YAML file or the name of a shipped standard.")
]


@app.command("lint")
def lint(
    standard: StandardArgument,
    run: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Past run to look for criteria that never decide."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="BUNDLE", help="Look whether this model has the heads that it names."),
    ] = None,
) -> None:
    """Look for what can hardly be meant; exit code 1 if there is an error."""
    from convqa.preview import lint_on_runs, lint_phrases
    from convqa.registry import find_standard
    from convqa.standard import lint_standard, load_standard
    from convqa.store.manifest import read_finished
    from convqa.store.parts import read_evaluations

    loaded = load_standard(find_standard(standard))
    for folder in run or ():
        read_finished(folder)
    evaluations = (e for folder in run or () for e in read_evaluations(folder))
    issues = [
        *lint_standard(loaded), *lint_phrases(loaded), *_lint_heads(loaded, model),
        *lint_on_runs(loaded, evaluations),
    ]  # fmt: skip
    for issue in issues:
        where = f"{issue.criterion}: " if issue.criterion else ""
        print(f"{issue.level}  {where}{issue.message}")
    errors = sum(issue.level == "error" for issue in issues)
    print(f"{errors} errors, {len(issues) - errors} warnings")
    if errors:
        raise typer.Exit(EXIT_FAULT)


def _lint_heads(standard: "Standard", model: str | None) -> "Iterator[LintIssue]":
    """Yield what is wrong with the heads that a standard names, for a model or without one."""
    from convqa.encoder.bundle import read_manifest
    from convqa.registry import find_bundle
    from convqa.standard import LintIssue, lint_heads, names_heads

    if model is not None:
        yield from lint_heads(standard, read_manifest(find_bundle(model))[0].head_labels)
    elif names_heads(standard):
        yield LintIssue(
            "warning",
            "",
            "names heads of one's own; add --model BUNDLE to look whether it has them",
        )


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of a standard, for editors that complete and check while typing."""
    import json

    from convqa.standard import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command("test")
def test(
    standard: StandardArgument,
    model: Annotated[
        str | None,
        typer.Option(metavar="BUNDLE", help="Let these models find too, not the labels alone."),
    ] = None,
) -> None:
    """Run the examples in and beside a standard; exit code 1 if one comes out otherwise."""
    from convqa.errors import ConfigError
    from convqa.preview import lists_with_meaning, load_examples, run_examples
    from convqa.registry import find_standard
    from convqa.standard import load_standard

    path = find_standard(standard)
    loaded = load_standard(path)
    examples = (*loaded.examples, *load_examples(path))
    if not examples:
        raise ConfigError(
            f"{path}: has no examples; write some under `examples:` or in {path.stem}.tests.yaml"
        )
    detect, encode = _detector(model, loaded) if model else (None, None)
    results = run_examples(loaded, examples, detect=detect, encode=encode)
    failed = [r for r in results if r.faults]
    for result in failed:
        for fault in result.faults:
            print(f"fault  {result.name}: {fault}")
    if model is None:
        unmet = [e for e, r in zip(examples, results, strict=True) if r.faults]
        for name in lists_with_meaning(loaded, unmet):
            print(f"{name} has meaning: examples, which need --model")
    print(f"{len(examples) - len(failed)} of {len(examples)} examples pass")
    if failed:
        raise typer.Exit(EXIT_FAULT)


def _detector(model: str, standard: "Standard") -> "tuple[Detector, Encode]":
    """Return what the models find in a conversation, and their encoder."""
    from convqa.detect.labels import detect_labels
    from convqa.encoder import Encoder, load_bundle
    from convqa.registry import find_bundle
    from convqa.schema import Finding, SegmentedConversation
    from convqa.standard import check_heads

    bundle = load_bundle(find_bundle(model))
    check_heads(standard, bundle.manifest.head_labels, f"model {bundle.path}")
    encoder = Encoder(bundle, threads=1)

    def detect(segmented: SegmentedConversation) -> list[Finding]:
        return detect_labels(
            segmented, encoder.encode([s.text for s in segmented.segments]), bundle
        )

    return detect, encoder.encode


@app.command("diff")
def diff(
    old: StandardArgument,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The standard to compare with.")],
    run: Annotated[
        list[Path], typer.Option(metavar="DIR", help="Runs whose conversations are compared.")
    ],
    model: RunModelOption = None,
    workers: WorkersOption = None,
) -> None:
    """Show what another standard would change in finished runs, without running a model."""
    from convqa.cli.difference import print_difference
    from convqa.cli.encoding import examples_of
    from convqa.preview import diff_runs
    from convqa.registry import find_standard
    from convqa.standard import load_standard

    before, after = (load_standard(find_standard(name)) for name in (old, new))
    examples = examples_of((before, after), run, model)
    n = workers or os.cpu_count() or 1
    print_difference(diff_runs(before, after, run, examples=examples, workers=n))


@app.command("explain")
def explain(
    criterion: Annotated[str, typer.Argument(metavar="CRITERION")],
    run: Annotated[Path, typer.Option(metavar="DIR", help="The run with the conversation.")],
    conversation: Annotated[str, typer.Option(metavar="ID", help="The conversation.")],
    standard: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Another standard than that of the run."),
    ] = None,
    model: RunModelOption = None,
) -> None:
    """Show step by step how a criterion was decided, and what would have decided otherwise."""
    from convqa.cli.encoding import examples_of
    from convqa.detect.meaning import nearest_meanings
    from convqa.detect.phrases import compile_phrases
    from convqa.errors import ConfigError
    from convqa.preview import explain as explain_criterion
    from convqa.registry import find_standard
    from convqa.rescore import with_phrases
    from convqa.standard import load_standard
    from convqa.store.manifest import read_manifest
    from convqa.store.standard import read_standard

    read_manifest(run)
    loaded = load_standard(find_standard(standard)) if standard else read_standard(run)
    stored = next((c for c in _stored(run) if c.segmented.conversation.id == conversation), None)
    if stored is None:
        raise ConfigError(f"{run}: no scored conversation with the id {conversation!r}")
    examples = examples_of([loaded], [run], model)
    phrases = compile_phrases(loaded, examples)
    near = nearest_meanings(stored.segmented, stored.vectors, phrases.meanings)
    explanation = explain_criterion(
        loaded, criterion, stored.segmented, with_phrases(stored, phrases), near=near
    )
    print(f"{criterion}: {explanation.result.outcome}. {explanation.result.reason}")
    for step in explanation.steps:
        print(f"  {step}")
    for flip in explanation.flips:
        print(f"  it would be {flip.outcome} with {flip.change}")


def _stored(run: Path) -> "Iterator[StoredConversation]":
    """Yield the conversations of a run that have segments."""
    from convqa.store.parts import finished_chunks, read_chunk

    for index in finished_chunks(run):
        yield from (c for c in read_chunk(run, index).conversations if c.segmented.segments)


@app.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The YAML file to write.")],
) -> None:
    """Ask a few questions and write a standard to begin with."""
    from convqa.errors import ConfigError
    from convqa.output import open_atomic
    from convqa.registry import find_standard
    from convqa.schema import LANGUAGES
    from convqa.standard import begin_standard, load_standard

    if file.exists():
        raise ConfigError(f"{file}: is there already; give the name of a new file")
    template = load_standard(find_standard("default"))
    name = typer.prompt(
        "Name (small letters, digits, _)",
        default=re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_"),
        value_proc=_name,
    )
    languages = typer.prompt("Languages", default=" ".join(LANGUAGES), value_proc=_languages)
    print("Weight of each criterion; 0 leaves it out.")
    weights = {
        c.id: typer.prompt(f"  {c.texts['en'].ask}", default=c.weight.default, value_proc=_weight)
        for c in template.criteria
        if template.weighs(c)
    }
    never_say, say_first = (
        [phrase.strip() for phrase in typer.prompt(ask, default="").split(";") if phrase.strip()]
        for ask in (
            "Phrases agents must never say, divided by ;",
            "Phrases of which one must be said at the beginning, divided by ;",
        )
    )
    content = begin_standard(
        template, name=name, languages=languages, weights=weights, never_say=never_say,
        say_first=say_first,
    )  # fmt: skip
    with open_atomic(file) as output:
        output.write(content.encode())
    load_standard(file)
    print(f"{file}: written; next: convqa standards lint {file}")


def _name(answer: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", answer.strip()):
        raise typer.BadParameter("a name begins with a letter and has small letters, digits and _")
    return answer.strip()


def _languages(answer: str) -> list[str]:
    from convqa.schema import LANGUAGES

    words = answer.replace(",", " ").lower().split()
    if not words or set(words) - set(LANGUAGES):
        raise typer.BadParameter(f"give some of {' '.join(LANGUAGES)} (nb is Norwegian)")
    return list(dict.fromkeys(words))


def _weight(answer: str | float) -> float:
    try:
        weight = float(str(answer).replace(",", "."))
    except ValueError as err:
        raise typer.BadParameter("a weight is a number, such as 5") from err
    if not 0 <= weight <= _MAX_WEIGHT:
        raise typer.BadParameter(f"a weight lies between 0 and {_MAX_WEIGHT}")
    return weight
