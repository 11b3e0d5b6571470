"""What an administrator decides about the desk: shown, changed, and told who changed it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import Request
from fastapi.responses import Response

from convqa.report.figures import SMALLEST_GROUP
from convqa.report.marks import visible
from convqa.report.wording import Wording
from convqa.review.access import ADMINS, NavItem, Pages
from convqa.review.errors import go
from convqa.review.forms import Form, Posted
from convqa.review.render import render
from convqa.review.visit import Visit, visit_of
from convqa.store.api_tokens import LONGEST_DAYS
from convqa.store.audit import read_audit
from convqa.store.desk_settings import LIMITS, DeskSettings, change_settings
from convqa.store.sessions import ABSOLUTE, IDLE, MAX_FAILED_USERNAME, WINDOW
from convqa.store.users import SHORTEST_PASSWORD

pages = Pages(nav=(NavItem("settings.nav", "/settings", ADMINS),))

# Of the changes; the audit log has them all.
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class NumberField:
    """A number of the form: its name, `settings.<name>` its words, and what it may be."""

    name: str
    value: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that somebody changed."""

    at: datetime
    actor: str
    what: str
    value: str


def _fields(settings: DeskSettings) -> list[NumberField]:
    """Return the numbers; on the pages no group is smaller than the smallest of the report."""
    return [
        NumberField("appeal_days", settings.appeal_days, *LIMITS["appeal_days"]),
        NumberField(
            "smallest_group", settings.smallest_group, SMALLEST_GROUP, LIMITS["smallest_group"][1]
        ),
        NumberField("flag_budget", settings.flag_budget, *LIMITS["flag_budget"]),
    ]


@pages.get("/settings", ADMINS)
def settings(request: Request) -> Response:
    """Show all settings, and who changed what."""
    return _page(request)


def _page(request: Request, fault: str = "") -> Response:
    visit = visit_of(request)
    return render(
        request, "settings.html.j2", status=400 if fault else 200, fault=fault,
        fields=_fields(visit.settings), changes=_changes(visit), fixed=_fixed(visit.words),
    )  # fmt: skip


def _fixed(words: Wording) -> list[str]:
    """Return what nobody changes on a page."""
    minutes, hours = (int(span.total_seconds() // 60) for span in (IDLE, ABSOLUTE))
    return [
        words.count("settings.idle", minutes),
        words.count("settings.absolute", hours // 60),
        words.count(
            "settings.attempts", MAX_FAILED_USERNAME,
            minutes=words.number(WINDOW.total_seconds() // 60),
        ),
        words.count("settings.password", SHORTEST_PASSWORD),
        words.count("settings.tokens", LONGEST_DAYS),
    ]  # fmt: skip


def _changes(visit: Visit) -> list[Change]:
    """Return what the audit log tells of settings, the latest first."""
    found = []
    for entry in read_audit(visit.database, subject="settings", limit=_SHOWN):
        at = datetime.fromisoformat(entry.at)
        for name, value in json.loads(entry.detail_json).items():
            what = visit.words(f"settings.{name}")
            found.append(Change(at, entry.actor, what, _said(value, visit.words)))
    return found


def _said(value: str | int | bool | None, words: Wording) -> str:
    if value is None:
        return words("settings.everything")
    if isinstance(value, bool):
        return words("settings.is_on" if value else "settings.is_off")
    return words.number(value) if isinstance(value, int) else visible(value)


@pages.post("/settings", ADMINS)
def change(request: Request, form: Form) -> Response:
    """Keep the settings as sent; the audit log keeps who changed which."""
    visit = visit_of(request)
    known = visit.settings
    numbers = {}
    for field in _fields(known):
        value = form.number(field.name)
        if value is None or not field.low <= value <= field.high:
            return _page(request, _out_of_range(field, visit.words))
        numbers[field.name] = value
    wanted = replace(
        known, appeal_days=numbers["appeal_days"], smallest_group=numbers["smallest_group"],
        flag_budget=numbers["flag_budget"], aggregate_only="aggregate_only" in form,
        notice_version=_notice_version(form, known),
    )  # fmt: skip
    change_settings(visit.database, visit.reader, wanted)
    return go("/settings?said=saved")


def _out_of_range(field: NumberField, words: Wording) -> str:
    return words(
        "settings.out_of_range", what=words(f"settings.{field.name}"),
        low=words.number(field.low), high=words.number(field.high),
    )  # fmt: skip


def _notice_version(form: Posted, known: DeskSettings) -> str:
    """Return another version than all before where agents shall read the notice again."""
    if "notice_again" not in form:
        return known.notice_version
    version = known.notice_version
    return str(int(version) + 1) if version.isdecimal() else f"{version}+"
