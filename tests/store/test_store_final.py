from convqa.schema import CriterionResult, Evidence
from convqa.standard import Standard
from convqa.store.final import HumanOutcome, final_result


def label(id_):
    return {"id": id_, "kind": "label", "weight": 5, "find": {"act": "greeting"}}


STANDARD = Standard.model_validate(
    {
        "name": "own", "version": "1", "languages": ["en"],
        "sections": [
            {
                "id": "all",
                "criteria": [
                    label("warm"), label("clear"),
                    {"id": "both", "kind": "all", "weight": 10, "of": ["warm", "clear"]},
                ],
            }
        ],
    }
)  # fmt: skip


def result(id_, outcome, agent, turn, *, reason="Found: greeting."):
    evidence = (Evidence(turn, 0, 5, "Hello", "model"),)
    points = 5.0 if outcome == "pass" else 0.0
    return CriterionResult(id_, outcome, points, 5.0, 5.0, 0.9, reason, evidence, agent)


def test_a_corrected_part_charges_whoever_is_at_fault_now():
    results = (
        result("warm", "pass", "anna", 0),
        result("clear", "pass", "bo", 4),
        result("both", "pass", "anna", 0, reason="All of warm and clear passed."),
    )
    words = (Evidence(6, 0, 4, "Well", "model"),)
    final = final_result(results, {"clear": HumanOutcome("fail", words)}, STANDARD)
    both = final.criteria[-1]
    assert (both.outcome, both.agent_id) == ("fail", "bo")
    assert both.evidence == words


def test_a_correction_reaches_a_combination_of_combinations():
    standard = Standard.model_validate(
        {
            "name": "own", "version": "1", "languages": ["en"],
            "sections": [
                {
                    "id": "all",
                    "criteria": [
                        label("warm"),
                        {"id": "any", "kind": "any", "weight": 5, "of": ["warm"]},
                        {"id": "all", "kind": "all", "weight": 5, "of": ["any"]},
                        {"id": "not", "kind": "not", "weight": 5, "of": ["all"]},
                    ],
                }
            ],
        }
    )  # fmt: skip
    results = (
        *(result(id_, "fail", "anna", 0) for id_ in ("warm", "any", "all")),
        result("not", "pass", "anna", 0),
    )
    final = final_result(results, {"warm": HumanOutcome("pass")}, standard)
    assert [r.outcome for r in final.criteria] == ["pass", "pass", "pass", "fail"]
    assert final.score.score == 75.0
