"""What the README shows of the model is counted as it says."""

import json

from benchmarks.model_figures import apart, clean_flags, table, unverified

from convqa.schema import Evaluation, Version


def figure(
    task: str, source: str, language: str, value: float, *, is_measurable: bool = True
) -> dict[str, object]:
    return {"task": task, "source": source, "language": language, "measure": "macro-F1",
            "value": value, "low": value - 0.02, "high": value + 0.02, "n": 1200,
            "is_measurable": is_measurable}  # fmt: skip


def test_the_table_has_a_cell_for_each_language_that_was_measured():
    tasks = ("agent politeness", "agent empathy", "agent acts", "agent forbidden",
             "customer emotion", "customer acts", "resolution", "ending")  # fmt: skip
    both = [(task, source) for task in tasks for source in ("all", "segments", "transcripts")]
    figures = [figure(*one, "all", 0.8) for one in both]
    figures += [figure(*one, "sv", 0.75) for one in both]
    figures += [figure(*one, "nb", 0.7, is_measurable=False) for one in both]
    lines = list(table({"figures": figures}))
    cells = "macro-F1 | 0.80 (0.78–0.82) | – | – | – | 0.75 | – | – |"
    assert lines[2] == f"| agent politeness | 1,200 segments and turns | {cells}"
    assert len(lines) == 2 + 8
    assert "agent acts 0.80 and 0.80" in " ".join(apart({"figures": figures}))


def evaluation(name: str, flags: tuple[str, ...]) -> Evaluation:
    nothing = dict.fromkeys(
        ("channel", "agent_id", "team", "queue", "started_at", "band", "resolution", "ending")
    )
    version = Version("any", "1", "0")
    return Evaluation(
        conversation_id=name, status="evaluated", language="en", score=80.0, raw_score=80.0,
        flag=bool(flags), flags=flags, critical=(), criteria=(), standard=version, model=version,
        **nothing,
    )  # fmt: skip


def test_flags_are_counted_in_clean_conversations_alone(tmp_path):
    def talk(name: str, politeness: str = "neutral", critical: tuple[str, ...] = ()) -> str:
        turn = {"role": "agent", "politeness": politeness, "empathy": "none", "forbidden": []}
        turns = [{"role": "customer", "text": "no"}, turn]
        return json.dumps({"id": name, "turns": turns, "gold": {"critical": list(critical)}})

    gold = tmp_path / "gold.jsonl"
    told = [talk("a"), talk("b"), talk("c", "impolite"), talk("d", critical=("profanity",))]
    gold.write_text("\n".join([*told, talk("e")]))
    found = [
        evaluation("a", ("impolite", "low_score")), evaluation("b", ("critical:profanity",)),
        evaluation("c", ("impolite",)), evaluation("d", ("critical:profanity",)),
        evaluation("e", ("unresolved",)),
    ]  # fmt: skip
    assert clean_flags(found, gold) == (2, 1, 3)


def test_data_told_without_a_check_is_counted_where_it_is_and_where_not(tmp_path):
    gold = tmp_path / "gold.jsonl"
    told = {"a": ["unverified_disclosure"], "b": ["unverified_disclosure"], "c": [], "d": []}
    gold.write_text(
        "\n".join(json.dumps({"id": i, "gold": {"critical": c}}) for i, c in told.items())
    )
    flag = ("critical:unverified_disclosure",)
    found = [evaluation("a", flag), evaluation("b", ()), evaluation("c", flag), evaluation("d", ())]
    assert unverified(found, gold) == (1, 1, 2)
