"""States how fast WeCom takes messages (documents, path/90312).

WeCom answers a message above the limit of a member with errcode 0 and drops it silently, so none may ever be sent
above it: deliveries are put off instead. The figures keep a margin for sent messages whose answer was lost, and
for clocks that differ.
"""

from datetime import timedelta

from core.domain.limits import SlidingLimits, Window

MEMBER_LIMITS = SlidingLimits((Window(timedelta(minutes=1), 28), Window(timedelta(hours=1), 950)))
"""For one member from one app; WeCom's limits are 30 a minute and 1,000 an hour."""

APP_LIMITS = SlidingLimits((Window(timedelta(minutes=1), 9_500), Window(timedelta(hours=1), 142_500)))
"""For all calls of one interface; WeCom's limits are 10,000 a minute and 150,000 an hour."""
