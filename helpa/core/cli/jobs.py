"""``helpa jobs``."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

import click

from helpa.core import logs
from helpa.core.cli.common import data_dir_option, existing, plain_errors


@click.group()
def jobs() -> None:
    """Background work."""


@jobs.command()
@click.option("--once", is_flag=True, help="Do what is due, and end.")
@data_dir_option
@plain_errors
def run(once: bool, data_dir: Path | None) -> None:
    """Run jobs in a process of their own; set jobs.embedded = false for the server then.

    Tells plugins of events, too.
    """
    from helpa.core.app import Helpa

    settings, _ = existing(data_dir)
    logs.configure(settings.log_level)
    app = Helpa(settings)

    def stop() -> None:
        app.jobs.stop()
        app.dispatcher.stop()

    async def work() -> None:
        async with app.running(serving=False):
            if once:
                click.echo(f"{await app.jobs.run_due()} jobs done")
                if app.dispatcher.plugins:
                    click.echo(f"{await app.dispatcher.run_due()} events delivered")
                return
            await app.jobs.enqueue_periodic()
            loop = asyncio.get_running_loop()
            for name in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(name, stop)
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(app.jobs.run(), app.dispatcher.run())

    asyncio.run(work())
