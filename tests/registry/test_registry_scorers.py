import pytest

from mlflow_stores import MARKS, use_store

pytestmark = [*MARKS, pytest.mark.model]

mlflow = pytest.importorskip("mlflow")
scorers = pytest.importorskip("convqa.registry.scorers")


@pytest.fixture(scope="module")
def wording():
    return scorers.wording_scorer()


def test_traces_are_labelled(wording, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_GENAI_EVAL_MAX_WORKERS", "1")
    use_store(tmp_path)

    @mlflow.trace
    def answer(question):
        return {
            "My parcel is late again!": "I am so sorry about the wait, I will help you at once.",
            "Where is it?": "How should I know, that is not my problem. Stop asking, you idiot.",
        }[question]

    for question in ("My parcel is late again!", "Where is it?"):
        answer(question)
    mlflow.flush_trace_async_logging()
    traces = mlflow.search_traces(return_type="list")
    result = mlflow.genai.evaluate(data=traces, scorers=[wording])
    found = {
        row["request"]["question"]: {a["assessment_name"]: a["feedback"]["value"]
                                     for a in row["assessments"]}
        for row in result.result_df.to_dict(orient="records")
    }  # fmt: skip
    assert found["My parcel is late again!"]["politeness"] == "polite"
    assert found["My parcel is late again!"]["forbidden"] == "none"
    assert found["Where is it?"]["politeness"] == "impolite"
    assert found["Where is it?"]["forbidden"] != "none"


@pytest.mark.parametrize(
    "outputs",
    [
        "Thank you so much for waiting.",
        {"answer": "Thank you so much for waiting."},
        {"choices": [{"message": {"role": "assistant",
                                  "content": "Thank you so much for waiting."}}]},
        {"messages": [{"role": "user", "content": "You idiot!"},
                      {"role": "assistant", "content": "Thank you so much for waiting."}]},
    ],
)  # fmt: skip
def test_answer_is_found_in_the_usual_shapes(wording, outputs):
    politeness, empathy, forbidden = wording(inputs={"question": "Hi"}, outputs=outputs)
    same, *_ = wording(inputs="Hi", outputs="Thank you so much for waiting.")
    assert (politeness.name, empathy.name, forbidden.name) == (
        "politeness", "empathy", "forbidden",
    )  # fmt: skip
    assert politeness.value == "polite"
    assert politeness.metadata == same.metadata
