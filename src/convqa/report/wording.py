"""The words, numbers and dates of the report in one language.

`languages/` holds one YAML file a language with the same keys: `text` for the page, `script` for
what the page's script writes, `labels` for the codes of the codebook, `format` for numbers and
dates. A text that depends on a number has one form for each plural category of its language (CLDR:
one, few, many, other).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import yaml

from convqa.errors import ConfigError
from convqa.schema import LANGUAGES
from convqa.scoring import label_name, parse_reason, translate_reason

_HALF_PERCENT = 0.005  # smaller shares would be rounded away

_LANGUAGES = Path(__file__).parent / "languages"


def _one_other(n: int) -> str:
    return "one" if n == 1 else "other"


def _polish(n: int) -> str:
    if n == 1:
        return "one"
    return "few" if n % 10 in {2, 3, 4} and n % 100 not in {12, 13, 14} else "many"


def _romanian(n: int) -> str:
    if n == 1:
        return "one"
    return "few" if n == 0 or 1 <= n % 100 <= 19 else "other"


# The cardinal plural rules of CLDR for whole numbers.
_PLURALS: Mapping[str, Callable[[int], str]] = {"pl": _polish, "ro": _romanian}


@dataclass(frozen=True, slots=True)
class _Format:
    """How a language writes numbers and dates."""

    decimal: str
    thousands: str
    percent: str
    day: str
    month: str
    week: str
    months: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """All words of the report in one language."""

    language: str
    text: Mapping[str, str | Mapping[str, str]]
    script: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]
    format: _Format

    def __call__(self, key: str, **values: str) -> str:
        """Return a text with its placeholders filled in."""
        template = self.text[key]
        if not isinstance(template, str):
            raise KeyError(f"{key} has plural forms; use count")
        return template.format(**values)

    def count(self, key: str, n: int, **values: str) -> str:
        """Return the form of a text that goes with the number `n`."""
        forms = self.text[key]
        if isinstance(forms, str):
            raise KeyError(f"{key} has no plural forms")
        category = _PLURALS.get(self.language, _one_other)(n)
        return forms[category].format(n=self.number(n), **values)

    def label(self, group: str, code: str) -> str:
        """Return the word for a code, the code itself where it is the organisation's own."""
        return self.labels[group].get(code) or label_name(code, self.language)

    def reason(self, reason: str) -> str:
        """Return the stored reason of an outcome in this language."""
        return translate_reason(reason, self.language)

    def skip_reason(self, reason: str) -> str:
        """Return why conversations were skipped, the same for all that lack the same thing."""
        words = self.labels["skip_reason"]
        if reason in words:
            return words[reason]
        parsed = parse_reason(reason)
        if parsed is None or parsed[0] not in words:
            return self.reason(reason)
        key, values = parsed
        return f"{words[key]}: {values['what']}" if "what" in values else words[key]

    def flag(self, flag: str) -> str:
        """Return the word for a flag, such as `low_score` or `critical:profanity`."""
        kind, _, name = flag.partition(":")
        word = self.label("flag", kind)
        return f"{word}: {self.label('critical', name)}" if name else word

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number, rounded half up, with the language's separators."""
        exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        whole, _, fraction = f"{exact:,}".partition(".")
        whole = whole.replace(",", self.format.thousands)
        return f"{whole}{self.format.decimal}{fraction}" if fraction else whole

    def percent(self, share: float) -> str:
        """Return a share in [0, 1] as whole percent; only none is 0 % and only all is 100 %."""
        sign = ""
        if 0 < share < _HALF_PERCENT:
            sign, share = "<", 0.01
        elif 1 - _HALF_PERCENT < share < 1:
            sign, share = ">", 0.99
        return sign + self.format.percent.format(n=self.number(100 * share))

    def day(self, day: date) -> str:
        """Return a day such as «29 Nov 2026»."""
        return self._dated(self.format.day, day)

    def month(self, day: date) -> str:
        """Return the month of a day."""
        return self._dated(self.format.month, day)

    def week(self, day: date) -> str:
        """Return the ISO week of a day."""
        year, week, _ = day.isocalendar()
        return self.format.week.format(week=week, year=year)

    def moment(self, moment: datetime) -> str:
        """Return day and time as given in the input, in no other time zone."""
        return f"{self.day(moment.date())}, {moment:%H:%M}"

    def _dated(self, template: str, day: date) -> str:
        month = self.format.months[day.month - 1]
        return template.format(day=day.day, month=month, year=day.year)


def load_wording(language: str) -> Wording:
    """Return the words of one of the six languages.

    Raises:
        ConfigError: The report does not speak this language.
    """
    if language not in LANGUAGES:
        raise ConfigError(
            f"--report-language {language!r} is not known; choose one of {', '.join(LANGUAGES)}"
        )
    path = _LANGUAGES / f"{language}.yaml"
    words: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    shape = words["format"]
    return Wording(
        language=language,
        text=words["text"],
        script=words["script"],
        labels=words["labels"],
        format=_Format(**{**shape, "months": tuple(shape["months"])}),
    )
