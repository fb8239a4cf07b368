"""Seals of operations"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty at first, as in 0003: the first start after this migration makes them and logs it.
    for table in ("operations", "targets", "votes"):
        seal = sa.Column(
            "seal",
            sa.String(length=64),
            server_default="",
            nullable=False,
            comment="HMAC over the row, see seals.py",
        )
        op.add_column(table, seal)
