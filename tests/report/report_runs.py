"""Runs made by hand for the report's tests: outcomes are written down, points follow from them."""

from dataclasses import replace

from convqa.report import CriterionInfo, RunSummary, write_report
from convqa.schema import CriterionResult, Evaluation, Evidence, Resolution, Turn, Version

STANDARD = Version("default", "1.0.0", "ab" * 32)
MODEL = Version("base", "0.1.0", "cd" * 32)

CRITERIA = (
    CriterionInfo("greeting", {"en": "Greeting", "nb": "Hilsen"}),
    CriterionInfo(
        "empathy", {"en": "Empathy", "nb": "Empati"},
        {"en": "Is a worried customer met with empathy?"},
        {"en": "Name what the customer is going through."},
        {"en": "When the customer was not worried."}, {"en": "Contact"},
    ),
    CriterionInfo("hold", {"en": "Holds"}),
    CriterionInfo("resolution", {"en": "Resolution"}),
)  # fmt: skip
WEIGHTS = {"greeting": 5.0, "empathy": 15.0, "hold": 5.0, "resolution": 20.0}
EARNED = {"pass": 1.0, "partial": 0.5, "fail": 0.0, "na": 0.0, "undetermined": 0.0}

TURNS = (
    Turn("other", "Chat started"),
    Turn("agent", "Good day, this is Ada. How can I help? 👋", 0.0, 3.0, agent_id="ada"),
    Turn("customer", "My parcel is lost and I am worried.", 5.0, 8.0),
    Turn("agent", "👍 Calm down. It will come.", 65.0, 70.0, agent_id="ada"),
    Turn("customer", "Zażółć gęślą jaźń, nothing came.", 3725.0, 3730.0),
)
CALM = Evidence(3, 2, 12, "Calm down.", "model")
GOOD_DAY = Evidence(1, 0, 22, "Good day, this is Ada.", "phrase")


def result(id_, outcome, *evidence, reason="It was seen."):
    weight = WEIGHTS[id_]
    applied = 0.0 if outcome in {"na", "undetermined"} else weight
    return CriterionResult(
        id_, outcome, weight * EARNED[outcome], weight, applied, 0.9, reason, tuple(evidence)
    )


def evaluation(id_, *, empathy="pass", resolution="pass", hold="na", critical=(), **changes):
    """Score a conversation whose greeting passed; flags and bands as in the default standard."""
    results = (
        result("greeting", "pass", GOOD_DAY),
        result("empathy", empathy, CALM, reason="The customer was worried."),
        result("hold", hold),
        result("resolution", resolution),
    )
    raw = 100 * sum(r.points for r in results) / sum(r.weight for r in results)
    score = 0.0 if critical else round(raw, 1)
    flags = [f"critical:{name}" for name in critical]
    flags += ["low_score"] if score < 60 else []
    flags += ["dismissive"] if empathy == "fail" else []
    base = Evaluation(
        conversation_id=id_,
        status="provisional" if critical else "scored",
        language="en",
        channel="chat",
        agent_id="ada",
        team="blue",
        queue=None,
        started_at="2026-11-02T09:30:00+01:00",
        score=score,
        raw_score=round(raw, 1),
        band="good" if score >= 85 else "fair" if score >= 60 else "poor",
        flag=bool(flags),
        flags=tuple(flags),
        critical=tuple(critical),
        resolution=Resolution("resolved" if resolution == "pass" else "unresolved", 0.9),
        ending="closed",
        criteria=results,
        standard=STANDARD,
        model=MODEL,
        coverage=1.0,
    )
    return replace(base, **changes)


def small_run():
    """Return twelve conversations: two languages, two channels, six agents, one critical error."""
    made = [
        evaluation("good-1", agent_id="bo", team="red"),
        evaluation("good-2", agent_id="cy", channel="call"),
        evaluation("calm-1", empathy="fail", resolution="fail"),
        evaluation("secret-1", critical=("sensitive_request",), language="pl"),
        evaluation("half-1", resolution="partial", hold="undetermined"),
    ]
    for index in range(7):
        day = f"2026-11-{3 + index % 2:02}T10:00:00"
        made.append(
            evaluation(f"more-{index}", language="pl", agent_id=f"agent {index}", started_at=day)
        )
    return made


def skipped(id_="short-1"):
    return replace(
        evaluation(id_), status="skipped", score=None, raw_score=None, band=None, flag=False,
        flags=(), resolution=None, ending=None, criteria=(), skip_reason="too_few_words",
    )  # fmt: skip


def summary(evaluations, **changes):
    n_skipped = sum(e.status == "skipped" for e in evaluations)
    base = RunSummary(
        read=len(evaluations) + 1,
        evaluated=len(evaluations) - n_skipped,
        rejected=1,
        skipped=n_skipped,
        standard=STANDARD,
        model=MODEL,
        convqa_version="0.1.0",
        rejected_reasons={"turns[0].text: missing": 1},
    )
    return replace(base, **changes)


def write(path, evaluations, *, turns=TURNS, criteria=CRITERIA, **options):
    """Write a report in which every conversation has the same turns; return its HTML."""
    write_report(
        path, summary(evaluations), criteria, iter(evaluations),
        lambda ids: dict.fromkeys(ids, turns), **options,
    )  # fmt: skip
    return path.read_text(encoding="utf-8")
