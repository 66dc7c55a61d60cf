"""Health outreach: pseudonymous patients and their facts, in a schema of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the schema and its tables."""
    op.execute("CREATE SCHEMA health")
    op.create_table('facts',
    sa.Column('pseudonym', sa.LargeBinary(), nullable=False),
    sa.Column('source', sa.LargeBinary(), nullable=False, comment="keyed digest of the resource's type and id"),
    sa.Column('part', sa.SmallInteger(), nullable=False, comment='of the resource, which may state several facts'),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('system', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('at', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True, comment='a condition is over from then on'),
    sa.Column('value', sa.Numeric(), nullable=True),
    sa.Column('unit', sa.Text(), nullable=True, comment='UCUM'),
    sa.Column('days', sa.SmallInteger(), nullable=True, comment='how long what was handed out lasts'),
    sa.CheckConstraint("kind IN ('condition', 'observation', 'request', 'dispense', 'allergy')", name=op.f('facts_kind_check')),
    sa.CheckConstraint('days > 0', name=op.f('facts_days_check')),
    sa.PrimaryKeyConstraint('pseudonym', 'source', 'part', name=op.f('facts_pkey')),
    schema='health'
    )
    op.create_table('grounds',
    sa.Column('pseudonym', sa.LargeBinary(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False, comment='of purposes.yaml'),
    sa.Column('kind', sa.Text(), nullable=False, comment='fhir_consent, or what the city recorded'),
    sa.Column('at', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True, comment='the last day'),
    sa.PrimaryKeyConstraint('pseudonym', 'purpose', name=op.f('grounds_pkey')),
    schema='health'
    )
    op.create_table('imports',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('source', sa.Text(), nullable=False, comment='files or a server, as the command named them'),
    sa.Column('counts', postgresql.JSONB(), nullable=False, comment='resources by what became of them'),
    sa.PrimaryKeyConstraint('id', name=op.f('imports_pkey')),
    schema='health'
    )
    op.create_table('patients',
    sa.Column('pseudonym', sa.LargeBinary(), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=False),
    sa.Column('sex', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('district', sa.Text(), nullable=False),
    sa.Column('deceased_on', sa.Date(), nullable=True),
    sa.Column('moved_on', sa.Date(), nullable=True),
    sa.Column('opted_out_on', sa.Date(), nullable=True),
    sa.Column('contacted_on', sa.Date(), nullable=True, comment='when a programme last wrote'),
    sa.CheckConstraint("sex IN ('female', 'male', 'other', 'unknown')", name=op.f('patients_sex_check')),
    sa.CheckConstraint('octet_length(pseudonym) = 32', name=op.f('patients_length_check')),
    sa.PrimaryKeyConstraint('pseudonym', name=op.f('patients_pkey')),
    schema='health'
    )
    op.create_table('runs',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('programme', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('counts', postgresql.JSONB(), nullable=False, comment='patients by standing and reason'),
    sa.PrimaryKeyConstraint('id', name=op.f('runs_pkey')),
    schema='health'
    )
    op.create_table('import_faults',
    sa.Column('import_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False, comment='of a bundle: the place of the entry, from 1'),
    sa.Column('resource', sa.Text(), nullable=False, comment='the type, where it could be read'),
    sa.Column('digest', sa.LargeBinary(), nullable=False, comment="of the resource's id, for who has the source"),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False, comment='the element that is at fault; never its value'),
    sa.ForeignKeyConstraint(['import_id'], ['health.imports.id'], name=op.f('import_faults_import_id_fkey'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('import_id', 'number', name=op.f('import_faults_pkey')),
    schema='health'
    )
