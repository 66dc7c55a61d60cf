"""Campaigns: one message to many, their rows, and the telephones that members of staff try them on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table('campaign_testers',
        sa.Column('agent', sa.Text(), nullable=False, comment='the subject of a login'),
        sa.Column('person_id', sa.Uuid(), nullable=False, comment='who answers at the number, and whose key seals it'),
        sa.Column('number', sa.LargeBinary(), nullable=False, comment="sealed: the member of staff's own telephone"),
        sa.Column('digest', sa.LargeBinary(), nullable=False, comment='keyed hash of the code that was sent there'),
        sa.Column('tries', sa.SmallInteger(), server_default='0', nullable=False),
        sa.Column('sent', sa.SmallInteger(), server_default='1', nullable=False, comment='codes, since first_at'),
        sa.Column('first_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('agent', name=op.f('campaign_testers_pkey'))
    )
    op.create_index(op.f('campaign_testers_person_id_idx'), 'campaign_testers', ['person_id'], unique=False)
    op.create_table('campaigns',
        sa.Column('id', sa.Uuid(), nullable=False, comment='and the owner of the key that seals its rows'),
        sa.Column('name', sa.Text(), nullable=False, comment='for staff'),
        sa.Column('status', sa.Text(), server_default='draft', nullable=False),
        sa.Column('template', sa.Text(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False, comment='of the template, pinned'),
        sa.Column('values', sa.LargeBinary(), nullable=False, comment='sealed JSON: what is the same for all, by placeholder'),
        sa.Column('channels', postgresql.ARRAY(sa.Text()), nullable=True, comment="in this order; else each person's own order"),
        sa.Column('audience', postgresql.JSONB(), nullable=True, comment='where it comes from: kind, and what was asked for or how the file was read'),
        sa.Column('authors', postgresql.ARRAY(sa.Text()), nullable=False, comment='subjects of the logins of all who have written it'),
        sa.Column('author_name', sa.Text(), nullable=False),
        sa.Column('approved_by', sa.Text(), nullable=True, comment='the subject of a login, and none of the authors'),
        sa.Column('approver_name', sa.Text(), nullable=True),
        sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('send_at', sa.DateTime(timezone=True), nullable=True, comment='none: as soon as it is started'),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status IN ('done', 'cancelled')) = (ended_at IS NOT NULL)", name=op.f('campaigns_ended_check')),
        sa.CheckConstraint("NOT (status IN ('approved', 'running', 'paused', 'done')) OR approved_by IS NOT NULL", name=op.f('campaigns_approved_check')),
        sa.CheckConstraint("status IN ('draft', 'waiting', 'cancelled') OR status IN ('approved', 'running', 'paused', 'done')", name=op.f('campaigns_status_check')),
        sa.CheckConstraint('approved_by <> ALL (authors)', name=op.f('campaigns_two_people_check')),
        sa.PrimaryKeyConstraint('id', name=op.f('campaigns_pkey'))
    )
    op.create_index(op.f('campaigns_created_at_idx'), 'campaigns', ['created_at'], unique=False)
    op.create_index('campaigns_running_idx', 'campaigns', ['id'], unique=False, postgresql_where=sa.text("status IN ('running', 'cancelled')"))
    op.create_table('campaign_rows',
        sa.Column('campaign_id', sa.Uuid(), nullable=False),
        sa.Column('line', sa.Integer(), nullable=False, comment='of the file, from 1; else its place'),
        sa.Column('body', sa.LargeBinary(), nullable=True, comment='sealed JSON: the number and the values; nothing of a row with a fault'),
        sa.Column('address_lookup', sa.LargeBinary(), nullable=True, comment="as conversations.address_lookup, of a text message's number"),
        sa.Column('person_id', sa.Uuid(), nullable=True, comment='where the audience is of persons'),
        sa.Column('digest', sa.LargeBinary(), nullable=True, comment='of the number and the values: the same twice is sent once'),
        sa.Column('language', sa.Text(), nullable=True, comment='that the row asks for'),
        sa.Column('abroad', sa.Boolean(), server_default='false', nullable=False),
        sa.Column('fault', sa.Text(), nullable=True, comment='a code: why the row is not used'),
        sa.Column('field', sa.Text(), nullable=True, comment='the column of the fault'),
        sa.Column('looked', sa.Boolean(), server_default='false', nullable=False, comment='the dry run has looked at it'),
        sa.Column('channel', sa.Text(), nullable=True, comment='that it would go out on'),
        sa.Column('spoken', sa.Text(), nullable=True, comment='the language that it would go out in'),
        sa.Column('skipped', sa.Text(), nullable=True, comment='a code: why it would not be sent'),
        sa.Column('parts', sa.SmallInteger(), nullable=True, comment='of its text message'),
        sa.Column('nudge_id', sa.Uuid(), nullable=True),
        sa.CheckConstraint('(fault IS NULL) = (body IS NOT NULL)', name=op.f('campaign_rows_fault_check')),
        sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('campaign_rows_campaign_id_fkey'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('campaign_id', 'line', name=op.f('campaign_rows_pkey'))
    )
    op.create_index(op.f('campaign_rows_address_lookup_idx'), 'campaign_rows', ['address_lookup'], unique=False, postgresql_where=sa.text('address_lookup IS NOT NULL'))
    op.create_index('campaign_rows_digest_idx', 'campaign_rows', ['campaign_id', 'digest'], unique=True)
    op.create_index(op.f('campaign_rows_person_id_idx'), 'campaign_rows', ['person_id'], unique=False, postgresql_where=sa.text('person_id IS NOT NULL'))
    op.create_index('campaign_rows_unlooked_idx', 'campaign_rows', ['campaign_id', 'line'], unique=False, postgresql_where=sa.text('NOT looked AND fault IS NULL'))
    op.create_index('campaign_rows_unmade_idx', 'campaign_rows', ['campaign_id', 'line'], unique=False, postgresql_where=sa.text('nudge_id IS NULL AND fault IS NULL AND skipped IS NULL'))
