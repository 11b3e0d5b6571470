"""A bundle as a model of MLflow: single texts in, the labels of `convqa classify` out."""

import json
import os
from pathlib import Path

import pandas as pd
from mlflow.models import ModelSignature
from mlflow.pyfunc.model import PythonModel, PythonModelContext
from mlflow.types import ColSpec, DataType, Schema
from mlflow.types.schema import Array, Map, Object, Property

from convqa.detect.classify import (
    ClassifyRequest,
    classify_texts,
    labelled_record,
    parse_classify_line,
)
from convqa.encoder import Encoder, load_bundle
from convqa.errors import TranscriptError

ARTIFACT = "bundle"

# Invented for the project.
EXAMPLE = pd.DataFrame(
    {
        "role": ["agent", "customer"],
        "text": ["I am sorry you had to wait twice, I will fix it now.", "Thank you so much!"],
        "context": ["I waited at home two days for nothing!", "Your refund is on its way."],
    }
)

_CHOICE = Object(
    [Property("label", DataType.string), Property("probabilities", Map(DataType.double))]
)

SIGNATURE = ModelSignature(
    inputs=Schema(
        [
            ColSpec(DataType.string, "role"),
            ColSpec(DataType.string, "text"),
            ColSpec(DataType.string, "context", required=False),
        ]
    ),
    outputs=Schema(
        [
            *(ColSpec(_CHOICE, task, required=False)
              for task in ("politeness", "empathy", "emotion")),
            *(ColSpec(kind, f"{task}{suffix}") for task in ("acts", "forbidden")
              for suffix, kind in (
                  ("", Array(DataType.string)), ("_probabilities", Map(DataType.double)),
              )),
        ]
    ),
)  # fmt: skip


class ConvqaModel(PythonModel):
    """The encoder and the heads of one bundle."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the bundle among the artifacts, after checking the digest of every file."""
        self._bundle = load_bundle(Path(context.artifacts[ARTIFACT]))
        self._encoder = Encoder(self._bundle, threads=os.cpu_count() or 1)

    def predict(
        self, context: PythonModelContext | None, model_input: pd.DataFrame, params: object = None
    ) -> pd.DataFrame:
        """Return the labels of each row and their probabilities, in the order of the rows.

        Args:
            context: Not needed after loading.
            model_input: Columns `role`, `text` and perhaps `context`, the other party's words
                before.
            params: None are known.

        Raises:
            TranscriptError: A row has another role or a text that is none; it is named by number.
        """
        del context, params
        requests = requests_of(model_input)
        results = classify_texts(requests, self._encoder, self._bundle)
        return pd.DataFrame(
            [labelled_record(q, r) for q, r in zip(requests, results, strict=True)],
            columns=SIGNATURE.outputs.input_names(),
        )


def requests_of(rows: pd.DataFrame) -> list[ClassifyRequest]:
    """Return the rows of a table as requests, each named by its number from 0."""
    requests = []
    for number, row in enumerate(rows.to_dict(orient="records")):
        context = row.get("context")
        record = {
            "id": number, "role": row.get("role"), "text": row.get("text"),
            "context": context if isinstance(context, str) else None,
        }  # fmt: skip
        try:
            requests.append(parse_classify_line(json.dumps(record)))
        except TranscriptError as err:
            raise TranscriptError(err.reason, field=f"row {number}: {err.field}") from err
    return requests
