"""The app's own cluster: a scheduler and a worker on 127.0.0.1. ``python -m engine.jobs MEMORY FOLDER``.

A process of its own because a worker re-executes the main module of the process that starts it, which under Streamlit
is the app. It lives until its standard input ends, which is when the app closes it or dies in any way. It then leaves
at once; the worker's process notices by itself and does the same. A worker that dies is started anew.
"""

# mypy: untyped-calls-exclude="distributed"

import asyncio
import os
import sys
from typing import NoReturn


async def serve(memory: float, folder: str) -> NoReturn:
    """Tell the scheduler's address on the standard output and wait for the end of the standard input.

    memory: the worker's, as a share of the machine's. folder: for what Dask writes.
    """
    answer = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what work prints, in whichever process, goes to the log
    import dask
    from distributed import Nanny, Scheduler

    dask.config.set(
        {
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            # Dask counts a death against every job that waits at the worker; the worker itself counts those of its own.
            "distributed.scheduler.allowed-failures": sys.maxsize,
            # Dask has its workers give memory back at once, and then every larger tensor is mapped anew, page by page:
            # training takes half as long again.
            "distributed.nanny.pre-spawn-environ": {},
            "distributed.worker.profile.enabled": False,
            # What has been told is kept at the app.
            "distributed.admin.low-level-log-length": 10,
        }
    )
    here, no_port = "127.0.0.1", "127.0.0.1:0"
    async with (
        Scheduler(host=here, port=0, dashboard_address=no_port, dashboard=False) as scheduler,
        Nanny(
            scheduler.address,
            nthreads=1,
            memory_limit=memory,
            local_directory=folder,
            host=here,
            dashboard_address=no_port,
        ),
    ):
        with open(answer, "w") as app:
            app.write(f"{scheduler.address}\n")
        await asyncio.to_thread(sys.stdin.buffer.read)
        os._exit(0)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), sys.argv[2]))
