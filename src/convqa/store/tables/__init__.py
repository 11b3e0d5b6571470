"""The tables of the review desk.

A conversation is known by `conversations.id` inside the database and by the organisation's own
`conversation_id` outside it. Its row holds the result of the last run that scored it and, beside
it, the final answer: that of the machine unless a person changed it. Reviews belong to conversation
and criterion, so they outlive every new result. Whatever holds text hangs on `conversations` with
`ON DELETE CASCADE`, so that nothing of it stays when a conversation is erased.
"""

from convqa.store.tables.base import Key, UtcTime, metadata
from convqa.store.tables.desk import audit_log, erased_conversations, retention_log, settings
from convqa.store.tables.people import (
    api_tokens,
    login_attempts,
    notice_acceptances,
    user_agents,
    user_teams,
    users,
    web_sessions,
)
from convqa.store.tables.results import (
    FACETS,
    conversation_flags,
    conversations,
    criterion_results,
    facets,
    results,
    runs,
    search_texts,
    standards,
    transcripts,
)
from convqa.store.tables.reviewing import (
    acknowledgements,
    appeals,
    assignments,
    critical_decisions,
    notes,
    reviews,
    sample_conversations,
    samples,
)
from convqa.store.tables.rounds import (
    round_agreements,
    round_answers,
    round_conversations,
    round_members,
    round_submissions,
    rounds,
)

__all__ = [
    "FACETS",
    "Key",
    "UtcTime",
    "acknowledgements",
    "api_tokens",
    "appeals",
    "assignments",
    "audit_log",
    "conversation_flags",
    "conversations",
    "criterion_results",
    "critical_decisions",
    "erased_conversations",
    "facets",
    "login_attempts",
    "metadata",
    "notes",
    "notice_acceptances",
    "results",
    "retention_log",
    "reviews",
    "round_agreements",
    "round_answers",
    "round_conversations",
    "round_members",
    "round_submissions",
    "rounds",
    "runs",
    "sample_conversations",
    "samples",
    "search_texts",
    "settings",
    "standards",
    "transcripts",
    "user_agents",
    "user_teams",
    "users",
    "web_sessions",
]
