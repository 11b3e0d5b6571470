"""What the API takes and gives, as its OpenAPI document describes it."""

from datetime import date, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from convqa.review.label_files import Drawn
from convqa.schema import EvidenceSource, Outcome, Role
from convqa.store.appeals import LONGEST_TEXT, AppealState
from convqa.store.browsing import Sort
from convqa.store.reviews import LONGEST_COMMENT, ReviewState

Item = TypeVar("Item")

# PostgreSQL keeps no NUL, and there is none in anything that people write.
_NO_NUL = r"^[^\x00]*$"
Word = Annotated[str, Field(min_length=1, max_length=200, pattern=_NO_NUL)]
Comment = Annotated[str, Field(max_length=LONGEST_COMMENT, pattern=_NO_NUL)]
Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=_NO_NUL)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2999, 12, 31))]
Place = Annotated[int, Field(ge=0, lt=2**31)]
KeyNumber = Annotated[int, Field(ge=1, lt=2**63)]
PageNumber = Annotated[int, Field(ge=1, le=1_000_000, description="Of the page, from 1.")]
PageSize = Annotated[int, Field(ge=1, le=200, description="Rows of a page.")]


class Given(BaseModel):
    """What is sent; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """What is answered, read from the objects of the store."""

    model_config = ConfigDict(from_attributes=True)


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str


class Paged(Given):
    """Which page."""

    page: PageNumber = 1
    size: PageSize = 50


class PageOf(BaseModel, Generic[Item]):
    """One page of a list; `is_more` where another one follows."""

    items: list[Item]
    page: int
    size: int
    is_more: bool


class ResultQuery(Paged):
    """Which results; what is left out does not matter. Days are of the start, both included."""

    q: Annotated[str, Field(max_length=200, pattern=_NO_NUL)] = ""
    is_flagged: bool | None = None
    flag: Word | None = None
    language: Word | None = None
    channel: Word | None = None
    agent_id: Word | None = None
    team: Word | None = None
    queue: Word | None = None
    band: Word | None = None
    state: Word | None = None
    criterion: Word | None = None
    outcome: Outcome | None = None
    first_day: Day | None = None
    last_day: Day | None = None
    is_reviewed: bool | None = None
    is_stale: bool | None = None
    sample: KeyNumber | None = None
    sort: Sort = "risk"


class Result(Shown):
    """A scored conversation. `score` is the machine's, `final_score` the one that counts.

    Agents are not told which calls were mystery shops: `is_mystery_shop` is null for them.
    """

    key: int
    conversation_id: str
    status: str
    language: str | None
    channel: str | None
    agent_id: str | None
    team: str | None
    queue: str | None
    started: datetime | None
    score: float | None
    final_score: float | None
    final_band: str | None
    final_status: str
    final_flags: list[str]
    final_critical: list[str]
    confidence: float | None
    state: str
    n_reviews: int
    n_stale: int
    is_mystery_shop: bool | None


class ResultPage(PageOf[Result]):
    """One page of results; `n_found` is exact up to 1,000."""

    n_found: int


class EvidenceWords(Shown):
    """Characters `[char_start, char_end)` of a stored turn, as code points."""

    turn: int
    char_start: int
    char_end: int
    quote: str
    source: EvidenceSource


class CriterionOutcome(Shown):
    """The outcome of a criterion and what it earned, on the scale of the weights."""

    outcome: Outcome
    points: float
    max_points: float
    weight: float
    confidence: float
    reason: str
    evidence: list[EvidenceWords]


class ReviewOfCriterion(Shown):
    """What a person said; `is_stale` where the machine says something else since.

    Agents are not told the comment and who wrote it: what is meant for them are notes.
    """

    version: int
    state: ReviewState
    outcome: Outcome
    evidence: list[EvidenceWords]
    comment: str
    machine_outcome: Outcome
    is_stale: bool
    reviewer: str
    saved_at: datetime


class CriterionAnswers(Shown):
    """One criterion: the machine's answer, the person's if any, and the one that counts."""

    id: str
    machine: CriterionOutcome
    person: ReviewOfCriterion | None
    final: CriterionOutcome


class TurnText(Shown):
    """A turn as stored: personal data is replaced."""

    role: Role
    text: str
    start_s: float | None
    end_s: float | None


class VersionName(Shown):
    """Name, version and digest of a standard or a model."""

    name: str
    version: str
    sha256: str


class ResultDetail(BaseModel):
    """A scored conversation with its words and criteria."""

    result: Result
    standard: VersionName
    model: VersionName
    coverage: float
    criteria: list[CriterionAnswers]
    turns: list[TurnText]


class SpanOfTurn(Given):
    """Characters `[char_start, char_end)` of a stored turn, as code points."""

    turn: Place
    char_start: Place
    char_end: Place


class NewCorrection(Given):
    """What a reviewer says of a criterion.

    `seen_version` is that of the review that was looked at, 0 where there was none.
    """

    state: ReviewState
    outcome: Outcome
    spans: Annotated[list[SpanOfTurn], Field(max_length=100)] = []
    comment: Comment = ""
    seen_version: Place = 0


class SavedCorrection(BaseModel):
    """The review as saved, and the final score that follows."""

    review: ReviewOfCriterion
    final_score: float | None


class FinalScore(BaseModel):
    """The score that counts now."""

    final_score: float | None


class CorrectionQuery(Paged):
    """Which corrections: of random samples only, of no sample, or both."""

    is_random: bool | None = None
    language: Word | None = None
    team: Word | None = None


class CorrectionItem(Shown):
    """One review. Only rows with `is_random` show the machine's true error rate."""

    key: int
    conversation_id: str
    language: str | None
    criterion_id: str
    state: ReviewState
    machine_outcome: Outcome
    outcome: Outcome
    evidence: list[EvidenceWords]
    machine_evidence: list[EvidenceWords]
    comment: str
    reviewer: str
    saved_at: datetime
    is_stale: bool
    is_random: bool


class LabelSheet(Shown):
    """Labels of one head; `name` is its address. `n_corrected` differ from the machine's."""

    name: str
    role: str
    head: str
    drawn: Drawn
    n_rows: int
    n_corrected: int
    n_conversations: int


class LabelSheets(BaseModel):
    """All sheets, and how many reviews gave no label, by reason."""

    sheets: list[LabelSheet]
    left_out: dict[str, int]


class SaidItem(BaseModel):
    """A sentence and who said it."""

    role: str
    text: str


class LabelItem(BaseModel):
    """A row of a label file of `convqa train heads`."""

    id: str
    conversation_id: str
    lang: str
    role: str
    text: str
    context: str
    before: list[SaidItem]
    label: bool | str | list[str]
    judged: list[str]
    machine: list[str]
    criteria: list[str]


class AppealQuery(Paged):
    """Which appeals."""

    is_open: bool | None = None
    is_mine: bool = False


class AppealItem(Shown):
    """An appeal on a conversation, or on one criterion of it."""

    id: int
    key: int
    conversation_id: str
    criterion_id: str | None
    agent: str
    addressee: str
    reason: str
    state: AppealState
    opened_at: datetime
    answer: str
    decided_at: datetime | None


class Addressee(Shown):
    """A person who can decide an appeal."""

    username: str
    name: str


class NewAppeal(Given):
    """An appeal of the agent; `addressee` is a username."""

    key: KeyNumber
    addressee: Word
    reason: Reason
    criterion_id: Word | None = None


class CorrectionOfAppeal(NewCorrection):
    """A correction of one criterion."""

    criterion_id: Word


class NewDecision(Given):
    """The answer to an appeal; one that is granted corrects at least one criterion."""

    is_granted: bool
    answer: Reason
    corrections: Annotated[list[CorrectionOfAppeal], Field(max_length=200)] = []
    dismisses_critical: bool = False
