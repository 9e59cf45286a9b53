"""A server process under measurement: started in its own group, weighed, and always ended."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.client import fetch


class BenchError(Exception):
    """The measurement cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class Weight:
    """What a server's whole process tree holds in memory, in KiB."""

    pss: int
    rss: int
    processes: int

    def document(self) -> dict[str, int]:
        """The same as plain numbers."""
        return asdict(self)


@dataclass(frozen=True)
class _Stat:
    parent: int
    session: int


def _stat(pid: int) -> _Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return _Stat(int(fields[1]), int(fields[3]))


def _spent(pid: int) -> int | None:
    # The kernel's number of a process's clock: nanoseconds, where /proc counts hundredths.
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return None


def _memory(pid: int) -> tuple[int, int] | None:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except PermissionError as error:
        # Left out, it would make its server look lighter than it is.
        raise BenchError(f"may not read the memory of process {pid}; run as root") from error
    except OSError:
        return None
    values = {
        name: int(rest.split()[0])
        for name, _, rest in (line.partition(":") for line in text.splitlines()[1:])
    }
    return values["Pss"], values["Rss"]


def _surroundings() -> dict[str, str]:
    # Settings of a Helpa the caller runs elsewhere must not reach the one measured here.
    return {name: value for name, value in os.environ.items() if not name.startswith("HELPA_")}


class Process:
    """One server: a leader in a session of its own, and everything it starts."""

    def __init__(
        self,
        argv: Sequence[object],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._log = log
        with log.open("ab") as output:
            self._leader = subprocess.Popen(
                [str(part) for part in argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**_surroundings(), **(environment or {})},
                start_new_session=True,
            )
        # Should this process be killed outright, the pipe closes and the group is ended by this.
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", f"read _; kill -s KILL -- -{self._leader.pid}"],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_ready(self, port: int, path: str, seconds: float = 30) -> None:
        """Return when ``path`` answers 200; raise BenchError with the end of the log otherwise."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._leader.poll() is not None:
                raise BenchError(
                    f"ended with {self._leader.returncode} at its start:\n{self.tail()}"
                )
            try:
                if fetch(port, path).status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise BenchError(f"no answer on {path} after {seconds:.0f} s:\n{self.tail()}")

    def tail(self) -> str:
        """The end of what it wrote."""
        return self._log.read_text(errors="replace")[-2000:]

    def members(self) -> dict[int, int]:
        """Every live process of the tree, with the processor nanoseconds it has used."""
        stats = {
            int(entry.name): stat
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and (stat := _stat(int(entry.name))) is not None
        }
        found = {p for p, stat in stats.items() if stat.session == self._leader.pid}
        while more := {p for p, s in stats.items() if s.parent in found and p not in found}:
            found |= more
        return {pid: spent for pid in found if (spent := _spent(pid)) is not None}

    def used(self, before: dict[int, int]) -> float:
        """Processor seconds the tree has used since ``members`` answered ``before``.

        What a process used that has ended in between is lost.
        """
        now = self.members()
        return sum(spent - before.get(pid, 0) for pid, spent in now.items()) / 1e9

    def weight(self) -> Weight:
        """The memory of the tree now."""
        sizes = [size for pid in self.members() if (size := _memory(pid)) is not None]
        return Weight(sum(s[0] for s in sizes), sum(s[1] for s in sizes), len(sizes))

    def settle(self, seconds: float = 60) -> float:
        """Wait until the tree uses under 3 % of a core for a second; return how long that took."""
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            before = self.members()
            time.sleep(1)
            if self.used(before) < 0.03:
                break
        return time.monotonic() - begin

    def stop(self, seconds: float = 10) -> None:
        """End the whole tree: SIGTERM to the leader, then SIGKILL to whatever is left."""
        tree = self.members()
        self._guard.kill()
        self._guard.communicate()
        if self._leader.poll() is None:
            self._leader.terminate()
            try:
                self._leader.wait(seconds)
            except subprocess.TimeoutExpired:
                self._leader.kill()
                self._leader.wait()
        # Only processes seen in this tree a moment ago, so no stranger with a reused id.
        for pid in tree.keys() | self.members().keys():
            if pid != self._leader.pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
