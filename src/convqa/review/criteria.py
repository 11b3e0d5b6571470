"""How the criteria of a standard are named and explained to people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from convqa.report.inputs import text_in
from convqa.standard import Standard
from convqa.standard.criteria import Criterion
from convqa.store.database import Database
from convqa.store.in_use import standards_in_use


@dataclass(frozen=True, slots=True)
class CriterionText:
    """What people read about a criterion, in one language; any but `name` may be empty."""

    id: str
    name: str
    ask: str
    hint: str
    appeal: str


def criterion_texts(standard: Standard, language: str) -> list[CriterionText]:
    """Return the texts of all criteria in the order of the standard."""
    return [_text(criterion, language) for criterion in standard.criteria]


def criterion_names(database: Database, language: str) -> Mapping[str, str]:
    """Return the name of each criterion by id, of the latest standard that has it."""
    names: dict[str, str] = {}
    for standard in standards_in_use(database):
        for criterion in standard.criteria:
            names.setdefault(criterion.id, _text(criterion, language).name)
    return names


def bands_from_best(standard: Standard) -> tuple[str, ...]:
    """Return the names of the bands of a standard, the best first."""
    return tuple(band.name for band in sorted(standard.bands, key=lambda b: -b.at_least))


def place_in(bands: Sequence[str], band: str | None) -> int:
    """Return the place of a band from the best, from 1; 0 where it is none of them."""
    return bands.index(band) + 1 if band in bands else 0


def _text(criterion: Criterion, language: str) -> CriterionText:
    texts = criterion.texts.items()
    return CriterionText(
        id=criterion.id,
        name=text_in({code: text.name for code, text in texts}, language, criterion.id),
        ask=text_in({code: text.ask for code, text in texts}, language),
        hint=text_in({code: text.hint for code, text in texts}, language),
        appeal=text_in({code: text.appeal for code, text in texts}, language),
    )
