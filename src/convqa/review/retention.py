"""How long conversations are kept, and what was erased: for administrators."""

from dataclasses import replace

from fastapi import Request
from fastapi.responses import Response

from convqa.review.access import ADMINS, NavItem, Pages
from convqa.review.errors import go
from convqa.review.forms import Form
from convqa.review.render import render
from convqa.review.visit import visit_of
from convqa.store.desk_settings import change_settings, read_settings
from convqa.store.erasing import apply_retention, read_retention

pages = Pages(nav=(NavItem("retention.nav", "/retention", ADMINS),))

# Of the log, which grows by one entry a day.
_SHOWN = 400


@pages.get("/retention", ADMINS)
def retention(request: Request) -> Response:
    """Show what the settings keep and what was erased, the latest first."""
    visit = visit_of(request)
    log = read_retention(visit.database)
    return render(
        request, "retention.html.j2", log=log[:_SHOWN], days=visit.settings.retention_days
    )


@pages.post("/retention", ADMINS)
def change(request: Request, form: Form) -> Response:
    """Keep conversations for so many days; an empty field keeps everything."""
    visit = visit_of(request)
    text = form.text("days")
    days = form.number("days")
    if text and days is None:
        return go("/retention?said=no_number")
    settings = replace(read_settings(visit.database), retention_days=days)
    change_settings(visit.database, visit.reader, settings)
    return go("/retention?said=saved")


@pages.post("/retention/now", ADMINS)
def erase(request: Request, form: Form) -> Response:
    """Erase at once what the daily run would erase."""
    visit = visit_of(request)
    if form.text("sure") != "yes":
        return go("/retention?said=not_sure")
    done = apply_retention(visit.database, actor=visit.reader.username)
    return go("/retention?said=" + ("nothing_due" if done is None else "done"))
