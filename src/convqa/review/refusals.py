"""What a person is told when something cannot be done, in the language of the page."""

from collections.abc import Sequence
from datetime import date, datetime

from convqa.errors import ReviewError
from convqa.report.marks import visible
from convqa.review.criteria import criterion_names
from convqa.review.visit import Visit


def told(error: ReviewError, visit: Visit) -> str:
    """Return why the desk refused, in the words of who visits."""
    values = {
        name: _said(name, value, visit) for name, value in error.values.items() if name != "n"
    }
    key, n = f"refusals.{error.key}", error.values.get("n")
    return visit.words.count(key, n, **values) if isinstance(n, int) else visit.words(key, **values)


def _said(name: str, value: str | int | date | Sequence[str], visit: Visit) -> str:
    words = visit.words
    if isinstance(value, datetime):
        return words.moment(value)
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, int):
        return words.number(value)
    if isinstance(value, str):
        if name == "outcome":
            return words.label("outcome", value)
        if name != "criterion":
            return visible(value)
        value = (value,)
    names = criterion_names(visit.database, words.language)
    return ", ".join(visible(names.get(criterion_id, criterion_id)) for criterion_id in value)
