"""Subscriptions: reminders that citizens order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table('subscriptions',
        sa.Column('id', sa.Uuid(), nullable=False, comment='of the conversation and the effect that ordered it'),
        sa.Column('person_id', sa.Uuid(), nullable=False, comment='whose it is, and by whose key it is sealed'),
        sa.Column('conversation_id', sa.Uuid(), nullable=False, comment='where it was ordered'),
        sa.Column('channel', sa.Text(), nullable=False, comment='that it comes on'),
        sa.Column('kind', sa.Text(), nullable=False, comment='of reminders.yaml'),
        sa.Column('purpose', sa.Text(), nullable=False),
        sa.Column('language', sa.Text(), nullable=False),
        sa.Column('details', sa.LargeBinary(), nullable=False, comment='sealed JSON: place, day and time, as they were asked'),
        sa.Column('ahead', sa.LargeBinary(), nullable=True, comment='sealed JSON: what its feed told last'),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True, comment='when the feed told it'),
        sa.Column('status', sa.Text(), server_default='active', nullable=False),
        sa.Column('until', sa.Date(), nullable=True, comment='paused: until the morning of this day'),
        sa.Column('done_until', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='all that was to be sent up to then has been made'),
        sa.Column('next_at', sa.DateTime(timezone=True), nullable=True, comment='when to look at it next'),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name=op.f('subscriptions_ended_check')),
        sa.CheckConstraint("status IN ('active', 'paused') OR status = 'ended'", name=op.f('subscriptions_status_check')),
        sa.CheckConstraint("until IS NULL OR status = 'paused'", name=op.f('subscriptions_until_check')),
        sa.PrimaryKeyConstraint('id', name=op.f('subscriptions_pkey'))
    )
    op.create_index(op.f('subscriptions_conversation_id_idx'), 'subscriptions', ['conversation_id'], unique=False)
    op.create_index('subscriptions_due_idx', 'subscriptions', ['next_at'], unique=False, postgresql_where=sa.text("status IN ('active', 'paused')"))
    op.create_index(op.f('subscriptions_person_id_idx'), 'subscriptions', ['person_id'], unique=False)
