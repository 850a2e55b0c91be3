"""One line of time: the audit sources of every open system, and the ledgers, merged by keyset from each.

``Timeline(sessions).page(query, …)`` has the shape of ``read.page``: the query is over ``TIMELINE``, whose
columns mean the same in every source; the record behind a row is read with ``Timeline.behind``.
"""

from db.timeline.columns import TIMELINE, parse, query
from db.timeline.follow import Follow
from db.timeline.merge import Merged, Timeline
from db.timeline.rate import Gap, Rate

__all__ = ["TIMELINE", "Follow", "Gap", "Merged", "Rate", "Timeline", "parse", "query"]
