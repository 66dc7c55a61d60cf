"""What programmes found of whom, what a person decided, and who let a programme begin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of review."""
    op.create_table('findings',
    sa.Column('id', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('programme', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('pseudonym', sa.LargeBinary(), nullable=False),
    sa.Column('selected', sa.Boolean(), nullable=False, comment='false: of the sample of those whom the rule left out'),
    sa.Column('standing', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False, comment='a code: why the rule selected or left out'),
    sa.Column('facts', postgresql.JSONB(), nullable=False),
    sa.Column('steps', postgresql.JSONB(), nullable=False),
    sa.Column('status', sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
    sa.Column('reviewer', sa.Text(), nullable=True, comment='the subject of the login'),
    sa.Column('reviewer_name', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision_reason', sa.Text(), nullable=True, comment='a code: why it was rejected'),
    sa.Column('postponed_until', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('nudge_id', sa.Uuid(), nullable=True, comment='the message that said there is one'),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('booked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('filled_on', sa.Date(), nullable=True, comment='later data show that the gap is closed'),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.CheckConstraint("status IN ('waiting', 'postponed', 'accepted', 'rejected', 'contacted', 'ended')", name=op.f('findings_status_check')),
    sa.CheckConstraint("status = 'waiting' OR (reviewer IS NOT NULL AND reviewer_name IS NOT NULL AND decided_at IS NOT NULL)", name=op.f('findings_decided_check')),
    sa.CheckConstraint("(status = 'postponed') = (postponed_until IS NOT NULL)", name=op.f('findings_postponed_check')),
    sa.CheckConstraint("status <> 'rejected' OR decision_reason IS NOT NULL", name=op.f('findings_rejected_check')),
    sa.CheckConstraint("nudge_id IS NULL OR status IN ('accepted', 'contacted', 'ended')", name=op.f('findings_sent_check')),
    sa.ForeignKeyConstraint(['run_id'], ['health.runs.id'], name=op.f('findings_run_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('findings_pkey')),
    sa.UniqueConstraint('programme', 'version', 'pseudonym', 'run_id', name=op.f('findings_programme_version_pseudonym_run_id_key')),
    schema='health'
    )
    op.create_index(op.f('findings_programme_status_idx'), 'findings', ['programme', 'status'], schema='health')
    op.create_index(op.f('findings_pseudonym_idx'), 'findings', ['pseudonym'], schema='health')
    op.create_table('programme_approvals',
    sa.Column('programme', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False, comment='of the rule and its codes as they were read'),
    sa.Column('author', sa.Text(), nullable=False, comment='who proposed it'),
    sa.Column('author_name', sa.Text(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('approver', sa.Text(), nullable=True),
    sa.Column('approver_name', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True, comment='when the second person approved it'),
    sa.CheckConstraint('approver <> author', name=op.f('programme_approvals_two_people_check')),
    sa.CheckConstraint('(approver IS NULL) = (at IS NULL)', name=op.f('programme_approvals_approved_check')),
    sa.PrimaryKeyConstraint('programme', 'version', 'digest', name=op.f('programme_approvals_pkey')),
    schema='health'
    )
