"""Seals"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty at first: the seals need the key, so the first start after this migration makes them and logs it.
    for table in ("deliveries", "grants", "inbox", "people"):
        seal = sa.Column(
            "seal",
            sa.String(length=64),
            server_default="",
            nullable=False,
            comment="HMAC over the row, see seals.py",
        )
        op.add_column(table, seal)
