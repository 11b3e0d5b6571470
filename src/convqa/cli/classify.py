"""`convqa classify`."""

import json
import os
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from convqa.cli.options import ModelDigestOption, ModelOption
from convqa.cli.pipe import until_reader_leaves
from convqa.errors import ConfigError, TranscriptError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from convqa.detect.classify import ClassifyRequest
    from convqa.encoder import Bundle, Encoder

# Lines that are read, encoded and answered together.
_BATCH = 500


def classify(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON Lines; `-` is the standard input.")
    ],
    model: ModelOption = "convqa-multilingual",
    model_sha256: ModelDigestOption = None,
) -> None:
    """Label single texts: a JSON object a line in, the same with labels out, in the same order.

    Each needs `id`, `role` and `text`, and may have `context`: what the other party said before.
    """
    from convqa.encoder import Encoder, load_bundle
    from convqa.registry import find_bundle

    # JSON is UTF-8, whatever the terminal speaks; Windows may put a byte order mark before it.
    for stream, encoding in ((sys.stdin, "utf-8-sig"), (sys.stdout, "utf-8")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding=encoding, errors="replace")
    bundle = load_bundle(find_bundle(model), sha256=model_sha256)
    encoder = Encoder(bundle, threads=os.cpu_count() or 1)
    with _opened(file) as source, until_reader_leaves():
        lines = (line for line in source if line.strip())
        while batch := list(islice(lines, _BATCH)):
            for answer in _answers(batch, encoder, bundle):
                print(json.dumps(answer, ensure_ascii=False))


def _opened(file: str) -> "AbstractContextManager[TextIO]":
    if file == "-":
        return nullcontext(sys.stdin)
    try:
        return Path(file).open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise ConfigError(
            f"{file}: cannot be read ({error.strerror}); give a JSON Lines file or `-`"
        ) from error


def _answers(
    lines: Iterable[str], encoder: "Encoder", bundle: "Bundle"
) -> Iterable[dict[str, object]]:
    """Yield an answer for each line; a bad line is answered by what is wrong with it."""
    from convqa.detect.classify import classify_texts, labelled_record, parse_classify_line

    parsed: list[ClassifyRequest | dict[str, object]] = []
    for line in lines:
        try:
            parsed.append(parse_classify_line(line))
        except TranscriptError as error:
            parsed.append({"id": _id_of(line), "error": str(error)})
    requests = [p for p in parsed if not isinstance(p, dict)]
    results = iter(classify_texts(requests, encoder, bundle))
    for item in parsed:
        yield item if isinstance(item, dict) else labelled_record(item, next(results))


def _id_of(line: str) -> str | int | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    identifier = record.get("id") if isinstance(record, dict) else None
    return identifier if isinstance(identifier, str | int) else None
