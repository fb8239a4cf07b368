"""How fast WeCom takes messages (documents, path/90312).

What exceeds the limit of a member is answered with errcode 0 and dropped without a word, so nothing may ever
be sent above it: deliveries are put off instead. The figures here keep a margin for messages of ours whose
answer never came and for clocks that differ.
"""

from datetime import timedelta

from core.domain.limits import SlidingLimits, Window

MEMBER_LIMITS = SlidingLimits((Window(timedelta(minutes=1), 28), Window(timedelta(hours=1), 950)))
"""One member from one app: WeCom's limits are 30 a minute and 1,000 an hour."""

APP_LIMITS = SlidingLimits((Window(timedelta(minutes=1), 9_500), Window(timedelta(hours=1), 142_500)))
"""All calls of one interface: WeCom's limits are 10,000 a minute and 150,000 an hour."""
