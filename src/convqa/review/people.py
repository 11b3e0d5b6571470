"""Who can be given a conversation to read."""

from convqa.review.visit import Visit
from convqa.store.users import User, list_users


def reviewers(visit: Visit) -> list[User]:
    """Return all who review, by name."""
    users = [u for u in list_users(visit.database) if u.role != "agent" and not u.is_disabled]
    return sorted(users, key=lambda user: user.name)


def reviewers_for(visit: Visit, team: str | None) -> list[User]:
    """Return whom who visits may assign a conversation of a team to; only managers choose."""
    if not visit.reader.can_manage:
        return []
    return [user for user in reviewers(visit) if _sees(user, team)]


def _sees(user: User, team: str | None) -> bool:
    return user.sees_all_teams or user.role == "admin" or team in user.teams
