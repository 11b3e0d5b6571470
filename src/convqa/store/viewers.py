"""Who looks, and what they may see: part of every query, so that no page can forget it."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    false,
    func,
    or_,
    select,
    true,
)

from convqa.errors import ReviewError
from convqa.store.tables import (
    appeals,
    conversations,
    criterion_results,
    round_conversations,
    round_members,
    round_submissions,
    rounds,
)

UserRole = Literal["agent", "reviewer", "manager", "admin"]
USER_ROLES: tuple[UserRole, ...] = ("agent", "reviewer", "manager", "admin")


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person with what role and teams allow.

    `aggregate_only` is the setting of the desk: then nobody but the agents themselves sees single
    conversations. `language` is the person's choice for the interface, None for the browser's.
    """

    user_id: int
    username: str
    name: str
    role: UserRole
    teams: frozenset[str] = frozenset()
    agent_ids: frozenset[str] = frozenset()
    sees_all_teams: bool = False
    aggregate_only: bool = False
    language: str | None = None

    @property
    def can_review(self) -> bool:
        """Whether this person corrects results, writes notes and takes part in rounds."""
        return self.role != "agent"

    @property
    def can_manage(self) -> bool:
        """Whether this person assigns, samples, decides appeals and sees figures of a team."""
        return self.role in ("manager", "admin")

    @property
    def sees_everything(self) -> bool:
        """Whether figures of this person are of all teams."""
        return self.sees_all_teams or self.role == "admin"


def in_scope(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `conversations` that holds for the teams of a viewer, for figures.

    An agent's are the conversations held, and those where a criterion is charged to the agent.
    """
    if viewer.role == "agent":
        mine = sorted(viewer.agent_ids)
        if not mine:
            return false()
        charged = select(criterion_results.c.conversation).where(
            criterion_results.c.agent_id.in_(mine)
        )
        return or_(conversations.c.agent_id.in_(mine), conversations.c.id.in_(charged))
    if viewer.sees_everything:
        return true()
    return conversations.c.team.in_(sorted(viewer.teams)) if viewer.teams else false()


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `conversations` that holds for those a viewer may open.

    A member of an open round does not see its conversations until all members have submitted them:
    what the machine or others said would sway the answer. The pages of the round show the words
    alone, by `allowed`.
    """
    if viewer.role == "agent":
        return allowed(viewer)
    return and_(allowed(viewer), ~is_blind(viewer))


def countable(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `conversations` that holds for those that figures are made of.

    Each counts once, whatever rounds it is in. Only of a member who has yet to see it blind, it is
    left out: two selections that differ by it would tell its result.
    """
    if viewer.role == "agent":
        return in_scope(viewer)
    return and_(in_scope(viewer), ~is_blind(viewer))


def is_blind(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that holds for conversations a viewer answers in a round, unseen."""
    return conversations.c.id.in_(_answered_blind(viewer))


def _answered_blind(viewer: Viewer) -> Select[tuple[int]]:
    """Return the query for conversations that a viewer answers in a round and must not see yet."""
    of = round_conversations.c
    n_submitted = (
        select(func.count())
        .where(
            round_submissions.c.round_id == of.round_id,
            round_submissions.c.conversation == of.conversation,
        )
        .correlate(round_conversations)
        .scalar_subquery()
    )
    members = round_members.alias("members")
    n_members = (
        select(func.count())
        .select_from(members)
        .where(members.c.round_id == of.round_id)
        .correlate(round_conversations)
        .scalar_subquery()
    )
    return (
        select(of.conversation)
        .join(rounds, rounds.c.id == of.round_id)
        .join(round_members, round_members.c.round_id == of.round_id)
        .where(
            rounds.c.closed_at.is_(None),
            round_members.c.user_id == viewer.user_id,
            n_submitted < n_members,
        )
    )


def allowed(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `conversations` of role, teams and settings, blind rounds aside."""
    if viewer.aggregate_only and viewer.role != "agent":
        # An appeal is the agent's own wish that this person reads it.
        return conversations.c.id.in_(
            select(appeals.c.conversation).where(
                appeals.c.state == "open", appeals.c.addressee_id == viewer.user_id
            )
        )
    return in_scope(viewer)


def open_row(
    connection: Connection, viewer: Viewer, key: int, *, is_writing: bool = False,
    is_blind: bool = False,
) -> Row[Any]:  # fmt: skip
    """Return the row of a conversation that a viewer may open.

    Args:
        connection: Of a transaction.
        viewer: Who looks.
        key: `conversations.id`.
        is_writing: Hold the row until the end of the transaction, so that writers take turns.
        is_blind: For the pages of a round, which show nothing but the words.

    Raises:
        ReviewError: There is none, or the viewer may not open it: the two are not told apart.
    """
    seen = allowed(viewer) if is_blind else visible(viewer)
    query = select(conversations).where(conversations.c.id == key, seen)
    row = connection.execute(query.with_for_update() if is_writing else query).first()
    if row is None:
        raise ReviewError(f"conversation {key}: there is none that you may open", "not_found")
    return row


def require(viewer: Viewer, *roles: UserRole) -> None:
    """Check the role of who asks.

    Raises:
        ReviewError: The role does not allow it.
    """
    if viewer.role not in roles:
        raise ReviewError(
            f"{viewer.username} ({viewer.role}): only {' or '.join(roles)} may", "not_allowed"
        )
