"""What all tests share. Two workers on two cores: each keeps to one thread, and so do the processes it starts."""

import os

from hypothesis import settings

os.environ["OMP_NUM_THREADS"] = "1"  # read by torch when it is first imported, which is later than this

# Examples are the same on every machine and a slow machine fails nothing.
settings.register_profile("lab", deadline=None, derandomize=True)
settings.load_profile("lab")
