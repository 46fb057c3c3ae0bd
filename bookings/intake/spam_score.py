"""Does a machine send this? Signs are counted; from two on, a request goes into a box of its own.

Nothing is refused or lost for them: staff see that box, and the patient gets page and receipt as
everybody does. One sign alone is no reason, so a fast typist and a busy day pass.
"""

import re
from datetime import datetime, timedelta

from clinic.lib import throttle
from clinic.models import Throttle

ENOUGH = 2
QUICK = timedelta(seconds=4)  # from seeing the form to sending it
PER = timedelta(hours=1)
FROM_ONE = 5  # requests of one address in that time
FROM_ALL = 60  # of everybody
LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)


def is_suspected(*, message: str, address: str, begun_at: datetime, at: datetime) -> bool:
    """Weigh what came with a request. Call it outside of transactions: it counts."""
    signs = min(len(LINK.findall(message)), ENOUGH)
    signs += at - begun_at < QUICK
    signs += not throttle.allow(Throttle.objects, f"few {address}", limit=FROM_ONE, per=PER, at=at)
    signs += not throttle.allow(Throttle.objects, "everybody", limit=FROM_ALL, per=PER, at=at)
    return signs >= ENOUGH
