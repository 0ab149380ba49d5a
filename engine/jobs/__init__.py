"""Jobs: long computations that are submitted, watched, cancelled and stored.

A thin layer over Dask. It knows no topic.
"""

from engine.jobs.cluster import outside
from engine.jobs.jobs import Jobs
from engine.jobs.order import Limits, Order, QuotaExceeded
from engine.jobs.status import State, Status, minutes_left

__all__ = ["Jobs", "Limits", "Order", "QuotaExceeded", "State", "Status", "minutes_left", "outside"]
