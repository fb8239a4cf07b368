"""Address by channel"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Constant defaults fill the rows there are without touching them: it is quick, however many there are.
    # Until now the app was the only channel, and a person's chat with it the only conversation.
    for table in ("card_copies", "deliveries", "inbox"):
        op.add_column(
            table, sa.Column("channel", sa.String(length=32), server_default="wecom_app", nullable=False)
        )
        op.add_column(table, sa.Column("conversation", sa.String(length=128), server_default="", nullable=False))
    for table in ("card_copies", "deliveries"):
        op.alter_column(table, "step", new_column_name="card")
    op.drop_index("ix_deliveries_sent_by_all", table_name="deliveries")
    op.create_index("ix_deliveries_sent_by_all", "deliveries", ["sent_at", "channel"], unique=False)
