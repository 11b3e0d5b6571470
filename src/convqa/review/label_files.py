"""Labels as files: for `convqa train heads`, for Argilla and for Label Studio.

One file holds one head of one role, and either rows of random samples or rows of conversations that
were chosen, such as the flagged: only the former are unbiased.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import quoteattr

from convqa.review.labelling import SegmentLabel, label_rows
from convqa.store.labelled import Reviewed

LabelFormat = Literal["convqa", "argilla", "label-studio"]
Drawn = Literal["random", "chosen"]

# A record of Argilla needs an answer to be complete, and so does a choice.
_NONE = "none_of_these"
_QUESTION = "label"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one label file."""

    role: str
    head: str
    drawn: Drawn
    rows: tuple[SegmentLabel, ...]

    @property
    def name(self) -> str:
        """The name of the file without its ending, and of the address."""
        return f"{self.drawn}.{self.role}.{self.head}"

    @property
    def n_corrected(self) -> int:
        """How many rows have other labels than the machine gave."""
        return sum(set(row.labels) != set(row.machine) for row in self.rows)

    @property
    def n_conversations(self) -> int:
        """How many conversations the rows are of."""
        return len({row.conversation_id for row in self.rows})


@dataclass(frozen=True, slots=True)
class Labels:
    """All sheets, and how many reviews gave no label, by reason."""

    sheets: tuple[Sheet, ...]
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a sheet is written: the ending of its name, its media type and its text."""

    ending: str
    media_type: str
    write: Callable[[Sheet], str]


def collect_labels(reviewed: Iterable[Reviewed]) -> Labels:
    """Return the labels of reviewed conversations, sheet by sheet."""
    left_out: Counter[str] = Counter()
    rows: dict[tuple[str, str, Drawn], list[SegmentLabel]] = defaultdict(list)
    for conversation in reviewed:
        for row in label_rows(conversation, left_out):
            drawn: Drawn = "random" if row.is_random else "chosen"
            rows[row.role, row.head, drawn].append(row)
    sheets = [
        Sheet(role, head, drawn, tuple(sorted(found, key=_order)))
        for (role, head, drawn), found in rows.items()
    ]
    order = sorted(sheets, key=lambda s: (s.drawn != "random", s.role, s.head))
    return Labels(tuple(order), dict(left_out))


def _order(row: SegmentLabel) -> tuple[str, int]:
    return row.conversation_id, int(row.id.rpartition(":")[2])


def label_record(row: SegmentLabel) -> dict[str, object]:
    """Return a row as `convqa train heads --labels` reads it; it skips what it does not know."""
    return {
        "id": row.id, "conversation_id": row.conversation_id, "lang": row.language,
        "role": row.role, "text": row.text, "context": row.context,
        "before": [{"role": role, "text": text} for role, text in row.before],
        "label": row.value, "judged": list(row.judged), "machine": list(row.machine),
        "criteria": list(row.criteria),
    }  # fmt: skip


def _lines(sheet: Sheet) -> str:
    """Return JSON Lines."""
    return "".join(_dump({**label_record(row), "drawn": sheet.drawn}) + "\n" for row in sheet.rows)


def _argilla(sheet: Sheet) -> str:
    """Return records as `dataset.records.from_json` of Argilla 2 reads them.

    The person's label comes as a suggestion: a response needs the id of a user of the server.
    """
    return _dump(
        [
            {
                "id": row.id,
                "fields": {"text": row.text, "context": row.context},
                "metadata": {
                    "conversation_id": row.conversation_id, "language": row.language,
                    "role": row.role, "drawn": sheet.drawn, "judged": list(row.judged),
                    "machine": _choices(row.machine),
                },
                "suggestions": {_QUESTION: {"value": _answer(row), "agent": "reviewer"}},
                "responses": {},
                "vectors": {},
            }
            for row in sheet.rows
        ]
    )  # fmt: skip


def _label_studio(sheet: Sheet) -> str:
    """Return tasks as Label Studio imports them, the machine's labels as predictions."""
    return _dump(
        [
            {
                "data": {
                    "text": row.text, "context": row.context, "row_id": row.id,
                    "conversation_id": row.conversation_id, "language": row.language,
                    "role": row.role, "drawn": sheet.drawn,
                },
                "annotations": [{"result": _result(_choices(row.labels))}],
                "predictions": [
                    {"model_version": "machine", "result": _result(_choices(row.machine))}
                ],
            }
            for row in sheet.rows
        ]
    )  # fmt: skip


def label_studio_config(sheet: Sheet) -> str:
    """Return the labelling interface that fits the tasks of a sheet, for Label Studio."""
    first = sheet.rows[0]
    kind = "single" if first.is_single or first.is_own else "multiple"
    options = list(dict.fromkeys([*_options(sheet), *([] if first.is_single else [_NONE])]))
    choices = "\n".join(f"    <Choice value={quoteattr(option)}/>" for option in options)
    return (
        "<View>\n"
        '  <Text name="context" value="$context"/>\n'
        '  <Text name="text" value="$text"/>\n'
        f'  <Choices name="{_QUESTION}" toName="text" choice="{kind}">\n'
        f"{choices}\n"
        "  </Choices>\n"
        "</View>\n"
    )


def _options(sheet: Sheet) -> Sequence[str]:
    seen = {label for row in sheet.rows for label in (*row.labels, *row.machine)}
    known = sheet.rows[0].options
    return [*known, *sorted(seen - set(known))]


def _result(choices: list[str]) -> list[object]:
    return [
        {"from_name": _QUESTION, "to_name": "text", "type": "choices",
         "value": {"choices": choices}}
    ]  # fmt: skip


def _choices(labels: Sequence[str]) -> list[str]:
    return list(labels) or [_NONE]


def _answer(row: SegmentLabel) -> str | list[str]:
    choices = _choices(row.labels)
    return choices[0] if row.is_single or row.is_own else choices


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


FORMATS: Mapping[LabelFormat, FileFormat] = {
    "convqa": FileFormat("jsonl", "application/jsonl", _lines),
    "argilla": FileFormat("argilla.json", "application/json", _argilla),
    "label-studio": FileFormat("label-studio.json", "application/json", _label_studio),
}
