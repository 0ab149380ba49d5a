"""Settings for all tests. Two workers run on two cores, so each worker and each process it starts uses one thread."""

import os

from hypothesis import settings

os.environ["OMP_NUM_THREADS"] = "1"  # torch reads this when it is first imported, which is later

# Hypothesis draws the same examples on every machine. A slow machine fails no test.
settings.register_profile("lab", deadline=None, derandomize=True)
settings.load_profile("lab")
