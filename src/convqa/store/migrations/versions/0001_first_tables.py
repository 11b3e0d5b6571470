"""The first tables: results of runs, reviews, people."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail_json", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_subject"), "audit_log", ["subject"], unique=False)
    op.create_table(
        "login_attempts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("is_success", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempts")),
    )
    op.create_index(
        op.f("ix_login_attempts_address_at"), "login_attempts", ["address", "at"], unique=False
    )
    op.create_index(
        op.f("ix_login_attempts_username_at"), "login_attempts", ["username", "at"], unique=False
    )
    op.create_table(
        "retention_log",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("before", MOMENT, nullable=False),
        sa.Column("n_erased", sa.Integer(), nullable=False),
        sa.Column("n_undated", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_log")),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "standards",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("standard_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standards")),
        sa.UniqueConstraint("sha256", name=op.f("uq_standards_sha256")),
    )
    op.create_table(
        "users",
        sa.Column("id", KEY, nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("sees_all_teams", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_table(
        "erased_conversations",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("retention_id", KEY, nullable=True),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["retention_id"],
            ["retention_log.id"],
            name=op.f("fk_erased_conversations_retention_id"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_erased_conversations")),
    )
    op.create_table(
        "notice_acceptances",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("notice_version", sa.String(), nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notice_acceptances_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "notice_version", name=op.f("pk_notice_acceptances")),
    )
    op.create_table(
        "rounds",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_by", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_rounds_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
    )
    op.create_table(
        "runs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("directory", sa.String(), nullable=False),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=True),
        sa.Column("standard_id", KEY, nullable=False),
        sa.Column("model_name", sa.String(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("n_conversations", sa.Integer(), nullable=False),
        sa.Column("loaded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["standard_id"], ["standards.id"], name=op.f("fk_runs_standard_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("plan_sha256", name=op.f("uq_runs_plan_sha256")),
    )
    op.create_table(
        "samples",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("n_population", sa.Integer(), nullable=False),
        sa.Column("drawn_by", KEY, nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["drawn_by"], ["users.id"], name=op.f("fk_samples_drawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
    )
    op.create_table(
        "user_agents",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_agents_user_id")),
        sa.PrimaryKeyConstraint("user_id", "agent_id", name=op.f("pk_user_agents")),
    )
    op.create_table(
        "user_teams",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_teams_user_id")),
        sa.PrimaryKeyConstraint("user_id", "team", name=op.f("pk_user_teams")),
    )
    op.create_table(
        "web_sessions",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_web_sessions_user_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_web_sessions")),
    )
    op.create_index(op.f("ix_web_sessions_user_id"), "web_sessions", ["user_id"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=True),
        sa.Column("agent_id", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("started_at", sa.String(), nullable=True),
        sa.Column("started", MOMENT, nullable=True),
        sa.Column("csat", sa.Float(), nullable=True),
        sa.Column("is_recontact", sa.Boolean(), nullable=True),
        sa.Column("is_mystery_shop", sa.Boolean(), nullable=False),
        sa.Column("metadata_json", sa.Text(), nullable=False),
        sa.Column("n_turns", sa.Integer(), nullable=False),
        sa.Column("standard_id", KEY, nullable=False),
        sa.Column("model_name", sa.String(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("skip_reason", sa.String(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("raw_score", sa.Float(), nullable=True),
        sa.Column("band", sa.String(), nullable=True),
        sa.Column("is_flagged", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("critical", sa.JSON(), nullable=False),
        sa.Column("resolution_label", sa.String(), nullable=True),
        sa.Column("resolution_probability", sa.Float(), nullable=True),
        sa.Column("ending", sa.String(), nullable=True),
        sa.Column("coverage", sa.Float(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("final_status", sa.String(length=16), nullable=False),
        sa.Column("final_score", sa.Float(), nullable=True),
        sa.Column("final_raw_score", sa.Float(), nullable=True),
        sa.Column("final_band", sa.String(), nullable=True),
        sa.Column("final_flags", sa.JSON(), nullable=False),
        sa.Column("final_critical", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("n_reviews", sa.Integer(), nullable=False),
        sa.Column("n_stale", sa.Integer(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=False),
        sa.Column("first_loaded_at", MOMENT, nullable=False),
        sa.Column("result_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_conversations_run_id")),
        sa.ForeignKeyConstraint(
            ["standard_id"], ["standards.id"], name=op.f("fk_conversations_standard_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_conversations_conversation_id")),
    )
    op.create_index(
        op.f("ix_conversations_agent_id_risk"), "conversations", ["agent_id", "risk"], unique=False
    )
    op.create_index(
        op.f("ix_conversations_confidence_id"), "conversations", ["confidence", "id"], unique=False
    )
    op.create_index(
        op.f("ix_conversations_final_score_id"),
        "conversations",
        ["final_score", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_conversations_is_flagged_risk_id"),
        "conversations",
        ["is_flagged", "risk", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_conversations_risk_id"), "conversations", ["risk", "id"], unique=False)
    op.create_index(op.f("ix_conversations_run_id"), "conversations", ["run_id"], unique=False)
    op.create_index(
        op.f("ix_conversations_started_id"), "conversations", ["started", "id"], unique=False
    )
    op.create_index(
        op.f("ix_conversations_team_risk"), "conversations", ["team", "risk"], unique=False
    )
    op.create_table(
        "round_members",
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_round_members_round_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_round_members_user_id")),
        sa.PrimaryKeyConstraint("round_id", "user_id", name=op.f("pk_round_members")),
    )
    op.create_table(
        "acknowledgements",
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("acknowledged_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_acknowledgements_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_acknowledgements_user_id")
        ),
        sa.PrimaryKeyConstraint("conversation", "user_id", name=op.f("pk_acknowledgements")),
    )
    op.create_table(
        "appeals",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("criterion_id", sa.String(), nullable=True),
        sa.Column("agent_user_id", KEY, nullable=False),
        sa.Column("addressee_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["addressee_id"], ["users.id"], name=op.f("fk_appeals_addressee_id")
        ),
        sa.ForeignKeyConstraint(
            ["agent_user_id"], ["users.id"], name=op.f("fk_appeals_agent_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_appeals_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_appeals_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    op.create_index(op.f("ix_appeals_conversation"), "appeals", ["conversation"], unique=False)
    op.create_index(
        op.f("ix_appeals_state_addressee_id"), "appeals", ["state", "addressee_id"], unique=False
    )
    op.create_table(
        "assignments",
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("assignee_id", KEY, nullable=False),
        sa.Column("assigned_by", KEY, nullable=False),
        sa.Column("assigned_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["assigned_by"], ["users.id"], name=op.f("fk_assignments_assigned_by")
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["users.id"], name=op.f("fk_assignments_assignee_id")
        ),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_assignments_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation", name=op.f("pk_assignments")),
    )
    op.create_index(
        op.f("ix_assignments_assignee_id"), "assignments", ["assignee_id"], unique=False
    )
    op.create_table(
        "conversation_flags",
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("flag", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_conversation_flags_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation", "flag", name=op.f("pk_conversation_flags")),
    )
    op.create_index(
        op.f("ix_conversation_flags_flag_conversation"),
        "conversation_flags",
        ["flag", "conversation"],
        unique=False,
    )
    op.create_table(
        "criterion_results",
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("criterion_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("max_points", sa.Float(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence_json", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_criterion_results_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation", "criterion_id", name=op.f("pk_criterion_results")),
    )
    op.create_index(
        op.f("ix_criterion_results_agent_id_conversation"),
        "criterion_results",
        ["agent_id", "conversation"],
        unique=False,
    )
    op.create_index(
        op.f("ix_criterion_results_criterion_id_outcome_conversation"),
        "criterion_results",
        ["criterion_id", "outcome", "conversation"],
        unique=False,
    )
    op.create_table(
        "critical_decisions",
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("decided_by", KEY, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_critical_decisions_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_critical_decisions_decided_by")
        ),
        sa.PrimaryKeyConstraint("conversation", name=op.f("pk_critical_decisions")),
    )
    op.create_table(
        "notes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("criterion_id", sa.String(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_for_agent", sa.Boolean(), nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_notes_author_id")),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_notes_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_conversation"), "notes", ["conversation"], unique=False)
    op.create_table(
        "results",
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("raw_score", sa.Float(), nullable=True),
        sa.Column("band", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_results_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_results_run_id")),
        sa.PrimaryKeyConstraint("conversation", "run_id", name=op.f("pk_results")),
    )
    op.create_index(op.f("ix_results_run_id"), "results", ["run_id"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("criterion_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("evidence_json", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("machine_outcome", sa.String(length=16), nullable=False),
        sa.Column("machine_sha256", sa.String(length=64), nullable=False),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.Column("reviewer_id", KEY, nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_reviews_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_reviews_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint(
            "conversation", "criterion_id", name=op.f("uq_reviews_conversation_criterion_id")
        ),
    )
    op.create_table(
        "round_answers",
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("criterion_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_round_answers_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_round_answers_round_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_round_answers_user_id")),
        sa.PrimaryKeyConstraint(
            "round_id", "conversation", "user_id", "criterion_id", name=op.f("pk_round_answers")
        ),
    )
    op.create_index(
        op.f("ix_round_answers_conversation"), "round_answers", ["conversation"], unique=False
    )
    op.create_table(
        "round_conversations",
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_round_conversations_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["rounds.id"],
            name=op.f("fk_round_conversations_round_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("round_id", "conversation", name=op.f("pk_round_conversations")),
    )
    op.create_index(
        op.f("ix_round_conversations_conversation"),
        "round_conversations",
        ["conversation"],
        unique=False,
    )
    op.create_table(
        "round_submissions",
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_round_submissions_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["rounds.id"],
            name=op.f("fk_round_submissions_round_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_round_submissions_user_id")
        ),
        sa.PrimaryKeyConstraint(
            "round_id", "conversation", "user_id", name=op.f("pk_round_submissions")
        ),
    )
    op.create_index(
        op.f("ix_round_submissions_conversation"),
        "round_submissions",
        ["conversation"],
        unique=False,
    )
    op.create_table(
        "sample_conversations",
        sa.Column("sample_id", KEY, nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_sample_conversations_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["samples.id"],
            name=op.f("fk_sample_conversations_sample_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sample_id", "conversation", name=op.f("pk_sample_conversations")),
    )
    op.create_index(
        op.f("ix_sample_conversations_conversation"),
        "sample_conversations",
        ["conversation"],
        unique=False,
    )
    op.create_table(
        "transcripts",
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("turns_json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name=op.f("fk_transcripts_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation", name=op.f("pk_transcripts")),
    )
