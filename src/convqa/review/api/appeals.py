"""Appeals: opened by agents, decided by the person they go to."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query

from convqa.errors import ReviewError
from convqa.review.access import AGENTS, EVERYONE, MANAGERS
from convqa.review.api.access import ApiAccess, Caller
from convqa.review.api.models import (
    Addressee,
    AppealItem,
    AppealQuery,
    FinalScore,
    NewAppeal,
    NewDecision,
    PageOf,
    Problem,
    Word,
)
from convqa.review.api.results import correction_of
from convqa.review.forms import Key
from convqa.store.appeals import (
    Appeal,
    Decision,
    decide_appeal,
    find_addressees,
    find_appeals,
    open_appeal,
)

router = APIRouter(tags=["appeals"])

Anyone = Annotated[Caller, Depends(ApiAccess(EVERYONE))]
Agent = Annotated[Caller, Depends(ApiAccess(AGENTS))]
Manager = Annotated[Caller, Depends(ApiAccess(MANAGERS))]


@router.get("/appeals")
def list_appeals(caller: Anyone, query: Annotated[AppealQuery, Query()]) -> PageOf[AppealItem]:
    """Return a page of appeals, the latest first; an agent sees the own ones."""
    found = find_appeals(
        caller.database, caller.viewer, is_open=query.is_open, is_mine=query.is_mine
    )
    start = (query.page - 1) * query.size
    return PageOf(
        items=[AppealItem.model_validate(a) for a in found[start : start + query.size]],
        page=query.page, size=query.size, is_more=start + query.size < len(found),
    )  # fmt: skip


def _found(caller: Caller, appeal_id: int) -> Appeal:
    for appeal in find_appeals(caller.database, caller.viewer):
        if appeal.id == appeal_id:
            return appeal
    raise HTTPException(404, f"appeal {appeal_id}: there is none that you may open")


@router.get("/appeals/{appeal_id}", responses={404: {"model": Problem}})
def read_appeal(caller: Anyone, appeal_id: Key) -> AppealItem:
    """Return one appeal."""
    return AppealItem.model_validate(_found(caller, appeal_id))


@router.get("/results/{key}/addressees", responses={404: {"model": Problem}})
def list_addressees(caller: Agent, key: Key, criterion_id: Word | None = None) -> list[Addressee]:
    """Return to whom an appeal on a result, or on one criterion of it, can go."""
    try:
        people = find_addressees(caller.database, caller.viewer, key, criterion_id=criterion_id)
    except ReviewError as error:
        raise HTTPException(404, str(error)) from error
    return [Addressee.model_validate(person) for person in people]


@router.post(
    "/appeals", status_code=201, responses={404: {"model": Problem}, 409: {"model": Problem}}
)
def begin_appeal(caller: Agent, given: NewAppeal) -> AppealItem:
    """Open an appeal; the score is frozen until it is decided."""
    list_addressees(caller, given.key, given.criterion_id)  # not found before anything else is told
    try:
        appeal = open_appeal(
            caller.database, caller.viewer, given.key, addressee=given.addressee,
            reason=given.reason, criterion_id=given.criterion_id,
        )  # fmt: skip
    except ReviewError as error:
        raise HTTPException(409, str(error)) from error
    return AppealItem.model_validate(appeal)


@router.post(
    "/appeals/{appeal_id}/decision",
    responses={404: {"model": Problem}, 409: {"model": Problem}},
)
def answer_appeal(caller: Manager, appeal_id: Key, given: NewDecision) -> FinalScore:
    """Decide an appeal that goes to you, or as an administrator; then the score is final."""
    _found(caller, appeal_id)
    decision = Decision(
        is_granted=given.is_granted, answer=given.answer,
        corrections=tuple(correction_of(c.criterion_id, c) for c in given.corrections),
        dismisses_critical=given.dismisses_critical,
    )  # fmt: skip
    try:
        score = decide_appeal(caller.database, caller.viewer, appeal_id, decision)
    except ReviewError as error:
        raise HTTPException(409, str(error)) from error
    return FinalScore(final_score=score)
