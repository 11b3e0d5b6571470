"""How far machine and people agree, by criterion and language.

Reviews of random samples and all others are shown apart: people look at what was flagged because
the machine found something there, so only a random sample shows how often it is right.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from convqa.agreement import Estimate, Interval, estimate_kappa, wilson_interval
from convqa.review.access import MANAGERS, NavItem, Pages
from convqa.review.criteria import criterion_names
from convqa.review.render import render
from convqa.review.rounds import agreement_of
from convqa.review.visit import visit_of
from convqa.store.figures import AgreementCount, agreement_counts
from convqa.store.filters import Filters
from convqa.store.round_reading import round_ratings

pages = Pages(nav=(NavItem("agreement.nav", "/agreement", MANAGERS),))


@dataclass(frozen=True, slots=True)
class Compared:
    """Machine and people on one criterion, in one language or, where it is None, in all.

    `same` is the share of reviews in which the person's outcome is the machine's. `false_alarms`
    and `missed` count what the machine failed and a person did not, and the other way round.
    """

    criterion_id: str
    language: str | None
    same: Interval
    kappa: Estimate
    n: int
    n_false_alarms: int
    n_missed: int


def compare(counts: Iterable[AgreementCount]) -> list[Compared]:
    """Return the agreement on each criterion: of all languages, then of each if there are some."""
    pairs: dict[str, dict[str, Counter[tuple[str, str]]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    for count in counts:
        pairs[count.criterion_id][count.language or ""][count.machine, count.human] += count.n
    found = []
    for criterion_id, by_language in pairs.items():
        whole: Counter[tuple[str, str]] = Counter()
        for one in by_language.values():
            whole.update(one)
        found.append(_compared(criterion_id, None, whole))
        if len(by_language) > 1:
            found += [
                _compared(criterion_id, language, by_language[language])
                for language in sorted(by_language)
            ]
    return found


def _compared(criterion_id: str, language: str | None, pairs: Counter[tuple[str, str]]) -> Compared:
    n = pairs.total()
    same = sum(count for (machine, person), count in pairs.items() if machine == person)
    return Compared(
        criterion_id=criterion_id,
        language=language,
        same=wilson_interval(same, n),
        kappa=estimate_kappa(pairs),
        n=n,
        n_false_alarms=sum(c for (m, p), c in pairs.items() if m == "fail" and p != "fail"),
        n_missed=sum(c for (m, p), c in pairs.items() if m != "fail" and p == "fail"),
    )


@pages.get("/agreement", MANAGERS)
def agreement(request: Request) -> Response:
    """Show machine and people side by side, random samples first, and people with each other."""
    visit = visit_of(request)
    counts: Sequence[AgreementCount] = agreement_counts(visit.database, visit.reader, Filters())
    parts = [
        (name, compare(count for count in counts if count.is_random == is_random))
        for name, is_random in (("random", True), ("chosen", False))
    ]
    return render(
        request, "agreement.html.j2", parts=parts,
        people=agreement_of(round_ratings(visit.database, visit.reader), with_kappa=False),
        names=criterion_names(visit.database, visit.words.language),
    )  # fmt: skip
