"""Results of conversations, and corrections of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query

from convqa.errors import ReviewError
from convqa.review.access import EVERYONE, REVIEWERS
from convqa.review.api.access import ApiAccess, Caller
from convqa.review.api.models import (
    CorrectionItem,
    CorrectionQuery,
    CriterionAnswers,
    CriterionOutcome,
    FinalScore,
    NewCorrection,
    PageOf,
    Place,
    Problem,
    Result,
    ResultDetail,
    ResultPage,
    ResultQuery,
    ReviewOfCriterion,
    SavedCorrection,
    TurnText,
    VersionName,
)
from convqa.review.forms import Key
from convqa.schema import Span
from convqa.store.browsing import ConversationRow, find_conversations
from convqa.store.corrections import read_corrections
from convqa.store.filters import Filters
from convqa.store.reading import DeskConversation, read_conversation
from convqa.store.reviews import Correction, save_review, withdraw_review

router = APIRouter()

Anyone = Annotated[Caller, Depends(ApiAccess(EVERYONE))]
Reviewer = Annotated[Caller, Depends(ApiAccess(REVIEWERS))]


@router.get("/results", tags=["results"])
def list_results(caller: Anyone, query: Annotated[ResultQuery, Query()]) -> ResultPage:
    """Return a page of the results that the account may see."""
    page = find_conversations(
        caller.database, caller.viewer, _filters(query), sort=query.sort, number=query.page,
        size=query.size,
    )  # fmt: skip
    # Where more was found than is counted, a page that is full is taken to have a next one.
    is_more = query.page * query.size < page.n_found
    if page.is_more:
        is_more = len(page.rows) == query.size
    return ResultPage(
        items=[_result(row, caller) for row in page.rows], page=query.page, size=query.size,
        is_more=is_more, n_found=page.n_found,
    )  # fmt: skip


def _result(row: ConversationRow, caller: Caller) -> Result:
    hidden = {"is_mystery_shop": None} if caller.viewer.role == "agent" else {}
    return Result.model_validate(row).model_copy(update=hidden)


def _filters(query: ResultQuery) -> Filters:
    return Filters(
        text=query.q, is_flagged=query.is_flagged, flag=query.flag, language=query.language,
        channel=query.channel, agent_id=query.agent_id, team=query.team, queue=query.queue,
        band=query.band, state=query.state, criterion=query.criterion, outcome=query.outcome,
        first_day=query.first_day, last_day=query.last_day, is_reviewed=query.is_reviewed,
        is_stale=query.is_stale, sample=query.sample,
    )  # fmt: skip


@router.get("/results/{key}", tags=["results"], responses={404: {"model": Problem}})
def read_result(caller: Anyone, key: Key) -> ResultDetail:
    """Return one result with its words, its criteria and what people said of them."""
    return _detail(_opened(caller, key), caller)


def _opened(caller: Caller, key: int) -> DeskConversation:
    try:
        return read_conversation(caller.database, caller.viewer, key)
    except ReviewError as error:
        raise HTTPException(404, str(error)) from error


def _detail(found: DeskConversation, caller: Caller) -> ResultDetail:
    hidden = {"comment": "", "reviewer": ""} if caller.viewer.role == "agent" else {}
    final = {result.id: result for result in found.final.criteria}
    criteria = []
    for machine in found.machine.criteria:
        review = found.reviews.get(machine.id)
        person = None if review is None else ReviewOfCriterion.model_validate(review)
        criteria.append(
            CriterionAnswers(
                id=machine.id,
                machine=CriterionOutcome.model_validate(machine),
                person=person and person.model_copy(update=hidden),
                final=CriterionOutcome.model_validate(final.get(machine.id, machine)),
            )
        )
    return ResultDetail(
        result=_result(found.row, caller),
        standard=VersionName.model_validate(found.machine.standard),
        model=VersionName.model_validate(found.machine.model),
        coverage=found.machine.coverage,
        criteria=criteria,
        turns=[TurnText.model_validate(turn) for turn in found.turns],
    )


@router.get("/corrections", tags=["corrections"])
def list_corrections(
    caller: Reviewer, query: Annotated[CorrectionQuery, Query()]
) -> PageOf[CorrectionItem]:
    """Return a page of what people said, in the order of conversation and criterion."""
    filters = Filters(language=query.language, team=query.team)
    rows = list(
        read_corrections(
            caller.database, caller.viewer, filters, is_random=query.is_random,
            limit=query.size + 1, offset=(query.page - 1) * query.size,
        )
    )  # fmt: skip
    return PageOf(
        items=[CorrectionItem.model_validate(row) for row in rows[: query.size]],
        page=query.page, size=query.size, is_more=len(rows) > query.size,
    )  # fmt: skip


@router.put(
    "/results/{key}/corrections/{criterion_id}", tags=["corrections"],
    responses={404: {"model": Problem}, 409: {"model": Problem}},
)  # fmt: skip
def save_correction(
    caller: Reviewer, key: Key, criterion_id: str, given: NewCorrection
) -> SavedCorrection:
    """Confirm or correct a criterion; refused where somebody saved it after it was looked at."""
    _opened(caller, key)
    correction = correction_of(criterion_id, given)
    try:
        review, score = save_review(caller.database, caller.viewer, key, correction)
    except ReviewError as error:
        raise HTTPException(409, str(error)) from error
    return SavedCorrection(review=ReviewOfCriterion.model_validate(review), final_score=score)


def correction_of(criterion_id: str, given: NewCorrection) -> Correction:
    """Return what was sent as the store takes it."""
    return Correction(
        criterion_id=criterion_id, state=given.state, outcome=given.outcome,
        spans=tuple(Span(s.turn, s.char_start, s.char_end) for s in given.spans),
        comment=given.comment, seen_version=given.seen_version,
    )  # fmt: skip


@router.delete(
    "/results/{key}/corrections/{criterion_id}", tags=["corrections"],
    responses={404: {"model": Problem}, 409: {"model": Problem}},
)  # fmt: skip
def withdraw_correction(
    caller: Reviewer, key: Key, criterion_id: str, seen_version: Annotated[Place, Query()]
) -> FinalScore:
    """Take a review back: the machine's answer counts again."""
    _opened(caller, key)
    try:
        score = withdraw_review(
            caller.database, caller.viewer, key, criterion_id, seen_version=seen_version
        )
    except ReviewError as error:
        raise HTTPException(409, str(error)) from error
    return FinalScore(final_score=score)
