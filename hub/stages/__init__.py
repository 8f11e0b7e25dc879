"""The stages: harvest, normalise, enrich, deliver; beside them backfill and reconcile, which people ask for.

Each reads, thinks, acts and records; the worker calls them.
"""

from datetime import timedelta
from typing import Final

#: What a lease has left beyond the longest that its work may take.
LEASE_MARGIN: Final = timedelta(seconds=30)
