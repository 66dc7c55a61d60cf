"""What the city writes first: nudges with their events, the channels' pace, suppressions, keys of the API, callbacks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; a conversation remembers what was written first, until its next turn has taken it up."""
    op.add_column(
        "conversations",
        sa.Column("beside", sa.LargeBinary(), nullable=True, comment="nudges since the last turn, sealed JSON list"),
    )
    op.create_table('api_keys',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('team', sa.Text(), nullable=False),
        sa.Column('mode', sa.Text(), nullable=False),
        sa.Column('scopes', postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column('digest', sa.LargeBinary(), nullable=False, comment='SHA-256 of the key'),
        sa.Column('recipients', postgresql.ARRAY(sa.LargeBinary()), nullable=True, comment="of a team's key: lookups of the addresses that it may write to"),
        sa.Column('per_minute', sa.Integer(), nullable=False, comment='requests'),
        sa.Column('spent_until', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='as far as its requests of now have used the time to come'),
        sa.Column('webhook_url', sa.Text(), nullable=True),
        sa.Column('webhook_secret', sa.LargeBinary(), nullable=True, comment='sealed by the key store, for signing'),
        sa.Column('webhook_rests_until', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='it did not answer, and is left alone until then'),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mode IN ('live', 'team', 'test')", name=op.f('api_keys_mode_check')),
        sa.CheckConstraint('per_minute > 0', name=op.f('api_keys_per_minute_check')),
        sa.PrimaryKeyConstraint('id', name=op.f('api_keys_pkey')),
        sa.UniqueConstraint('digest', name=op.f('api_keys_digest_key'))
    )
    op.create_table('nudges',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False, comment='whose it is, and by whose key its values are sealed'),
        sa.Column('conversation_id', sa.Uuid(), nullable=True, comment='where it goes, if it was written to one address'),
        sa.Column('template', sa.Text(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False, comment='of the template, pinned'),
        sa.Column('purpose', sa.Text(), nullable=False),
        sa.Column('urgency', sa.Text(), nullable=False),
        sa.Column('language', sa.Text(), nullable=True, comment='that it was asked in; else that of the conversation'),
        sa.Column('values', sa.LargeBinary(), nullable=False, comment='sealed JSON, by placeholder'),
        sa.Column('channels', postgresql.ARRAY(sa.Text()), nullable=True, comment="that were asked for, in this order; else the person's own order"),
        sa.Column('mode', sa.Text(), server_default='live', nullable=False, comment='test never reaches a provider'),
        sa.Column('ends_as', sa.Text(), nullable=True, comment='the status that a test asked for'),
        sa.Column('key_id', sa.Uuid(), nullable=True, comment='of api_keys, where one made it'),
        sa.Column('campaign_id', sa.Uuid(), nullable=True, comment='of campaigns, where one made it'),
        sa.Column('dedupe', sa.LargeBinary(), nullable=True, comment='digest of who made it and the key that they gave it'),
        sa.Column('scheduled_at', sa.DateTime(timezone=True), nullable=False, comment='when it was asked for'),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False, comment='when to look at it next'),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('paced', sa.Boolean(), server_default='false', nullable=False, comment="its turn at the channel's pace has come"),
        sa.Column('tried', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False, comment='channels that could not reach'),
        sa.Column('attempts', sa.SmallInteger(), server_default='0', nullable=False, comment='sendings'),
        sa.Column('status', sa.Text(), server_default='created', nullable=False),
        sa.Column('reason', sa.Text(), nullable=True, comment='a code, never words of a person'),
        sa.Column('channel', sa.Text(), nullable=True, comment='that it went out on'),
        sa.Column('sent_to', sa.Uuid(), nullable=True, comment='the conversation that it went out in'),
        sa.Column('outbox_id', sa.BigInteger(), nullable=True, comment='of its last sending; one message may carry several nudges'),
        sa.Column('provider_id', sa.Text(), nullable=True),
        sa.Column('answer', sa.Text(), nullable=True, comment='the id of the choice that was taken'),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True, comment='when it was handed over; counted by the caps from then on'),
        sa.Column('watch_at', sa.DateTime(timezone=True), nullable=True, comment='without a receipt by then the next channel is tried'),
        sa.Column('silent_at', sa.DateTime(timezone=True), nullable=True, comment='of a check-in: when it is looked at whether it was answered'),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status IN ('delivered', 'permanent-failure', 'temporary-failure', 'technical-failure', 'cancelled', 'expired')) = (ended_at IS NOT NULL)", name=op.f('nudges_ended_check')),
        sa.CheckConstraint("mode IN ('live', 'team', 'test')", name=op.f('nudges_mode_check')),
        sa.CheckConstraint("status IN ('created', 'held') OR status IN ('sending', 'sent') OR status IN ('delivered', 'permanent-failure', 'temporary-failure', 'technical-failure', 'cancelled', 'expired')", name=op.f('nudges_status_check')),
        sa.CheckConstraint("urgency IN ('routine', 'timely', 'urgent')", name=op.f('nudges_urgency_check')),
        sa.PrimaryKeyConstraint('id', name=op.f('nudges_pkey')),
        sa.UniqueConstraint('dedupe', name=op.f('nudges_dedupe_key'))
    )
    op.create_index('nudges_campaign_idx', 'nudges', ['campaign_id', 'status'], unique=False, postgresql_where=sa.text('campaign_id IS NOT NULL'))
    op.create_index('nudges_key_idx', 'nudges', ['key_id', 'created_at'], unique=False, postgresql_where=sa.text('key_id IS NOT NULL'))
    op.create_index('nudges_pending_idx', 'nudges', ['due_at'], unique=False, postgresql_where=sa.text("status IN ('created', 'held') AND mode <> 'test'"))
    op.create_index('nudges_doubt_idx', 'nudges', ['outbox_id'], unique=False, postgresql_where=sa.text("reason = 'in_doubt'"))
    op.create_index('nudges_trials_idx', 'nudges', ['due_at'], unique=False, postgresql_where=sa.text("status IN ('created', 'held') AND mode = 'test'"))
    op.create_index('nudges_waiting_idx', 'nudges', ['person_id', 'due_at'], unique=False, postgresql_where=sa.text("status IN ('created', 'held')"))
    op.create_index(op.f('nudges_person_id_purpose_sent_at_idx'), 'nudges', ['person_id', 'purpose', 'sent_at'], unique=False)
    op.create_index('nudges_sending_idx', 'nudges', ['outbox_id'], unique=False, postgresql_where=sa.text("status = 'sending'"))
    op.create_index('nudges_sent_idx', 'nudges', ['channel', 'provider_id'], unique=False, postgresql_where=sa.text("status = 'sent'"))
    op.create_index(op.f('nudges_sent_to_sent_at_idx'), 'nudges', ['sent_to', 'sent_at'], unique=False)
    op.create_index('nudges_silent_idx', 'nudges', ['silent_at'], unique=False, postgresql_where=sa.text('silent_at IS NOT NULL'))
    op.create_index('nudges_watch_idx', 'nudges', ['watch_at'], unique=False, postgresql_where=sa.text('watch_at IS NOT NULL'))
    op.create_table('pace',
        sa.Column('channel', sa.Text(), nullable=False),
        sa.Column('lane', sa.Text(), nullable=False),
        sa.Column('next_at', sa.DateTime(timezone=True), nullable=False, comment='the first moment that is not given away'),
        sa.PrimaryKeyConstraint('channel', 'lane', name=op.f('pace_pkey'))
    )
    op.create_table('suppressions',
        sa.Column('channel', sa.Text(), nullable=False),
        sa.Column('address_lookup', sa.LargeBinary(), nullable=False, comment='as conversations.address_lookup'),
        sa.Column('purpose', sa.Text(), server_default='', nullable=False, comment='empty: all'),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("reason IN ('opted_out', 'wrong_number', 'complaint')", name=op.f('suppressions_reason_check')),
        sa.PrimaryKeyConstraint('channel', 'address_lookup', 'purpose', name=op.f('suppressions_pkey'))
    )
    op.create_table('api_requests',
        sa.Column('key_id', sa.Uuid(), nullable=False),
        sa.Column('idempotency_key', sa.Text(), nullable=False),
        sa.Column('digest', sa.LargeBinary(), nullable=False, comment='of the body: the same key with another body is refused'),
        sa.Column('response', postgresql.JSONB(), nullable=False, comment='ids and statuses'),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['key_id'], ['api_keys.id'], name=op.f('api_requests_key_id_fkey'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('key_id', 'idempotency_key', name=op.f('api_requests_pkey'))
    )
    op.create_index(op.f('api_requests_at_idx'), 'api_requests', ['at'], unique=False)
    op.create_table('callbacks',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('key_id', sa.Uuid(), nullable=False),
        sa.Column('nudge_id', sa.Uuid(), nullable=False),
        sa.Column('body', postgresql.JSONB(), nullable=False, comment='id, status, reason, channel and times'),
        sa.Column('status', sa.Text(), server_default='waiting', nullable=False),
        sa.Column('attempts', sa.SmallInteger(), server_default='0', nullable=False, comment='and the fence of the call'),
        sa.Column('due_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name=op.f('callbacks_ended_check')),
        sa.CheckConstraint("status IN ('waiting', 'done', 'failed')", name=op.f('callbacks_status_check')),
        sa.ForeignKeyConstraint(['key_id'], ['api_keys.id'], name=op.f('callbacks_key_id_fkey'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('callbacks_pkey'))
    )
    op.create_index('callbacks_due_idx', 'callbacks', ['key_id', 'due_at'], unique=False, postgresql_where=sa.text("status = 'waiting'"))
    op.create_index(op.f('callbacks_nudge_id_idx'), 'callbacks', ['nudge_id'], unique=False)
    op.create_table('nudge_events',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('nudge_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('status', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('channel', sa.Text(), nullable=True),
        sa.Column('until', sa.DateTime(timezone=True), nullable=True, comment='when it is looked at again, where it is held'),
        sa.Column('skipped', postgresql.JSONB(), nullable=True, comment='why not on which channel'),
        sa.ForeignKeyConstraint(['nudge_id'], ['nudges.id'], name=op.f('nudge_events_nudge_id_fkey'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('nudge_events_pkey'))
    )
    op.create_index(op.f('nudge_events_nudge_id_id_idx'), 'nudge_events', ['nudge_id', 'id'], unique=False)
    op.create_table('nudge_answers',
        sa.Column('id', sa.Uuid(), nullable=False, comment='of the conversation and the effect: once for each'),
        sa.Column('nudge_id', sa.Uuid(), nullable=False),
        sa.Column('choice', sa.Text(), nullable=False, comment='its id; empty where people were asked for in other words'),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['nudge_id'], ['nudges.id'], name=op.f('nudge_answers_nudge_id_fkey'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('nudge_answers_pkey'))
    )
    op.create_index(op.f('nudge_answers_nudge_id_at_idx'), 'nudge_answers', ['nudge_id', 'at'], unique=False)
