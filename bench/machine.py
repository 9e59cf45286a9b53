"""What it was measured on and with: processor, memory, versions."""

import json
import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.cached import nginx
from bench.servers import PEERS

OWN = ("helpa", "uvicorn", "uvloop", "httptools", "starlette", "pyvips", "pyvips-binary", "pillow")
THUMBOR = ("thumbor", "pillow", "tornado")
TOOLS = ("ssimulacra2", "pillow")
NODE = "const s=require('sharp').versions; console.log(JSON.stringify({s, n: process.version}))"


def machine() -> dict[str, Any]:
    """Processor, cores, memory and system."""
    model = re.search(r"^model name\s*:\s*(.+)$", _text("/proc/cpuinfo"), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", _text("/proc/meminfo"), re.MULTILINE)
    return {
        "processor": model.group(1) if model else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory.group(1)) / 2**20, 1) if memory else None,
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": [round(load, 2) for load in os.getloadavg()],
    }


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def versions(servers: list[str]) -> dict[str, str]:
    """One line for each server and tool."""
    found = {"python": platform.python_version(), "nginx": _nginx(), "wrk": _wrk()}
    found["scores"] = _python("tools", TOOLS)
    if "helpa" in servers:
        found["helpa"] = _join({name: _own(name) for name in OWN})
    if "thumbor" in servers:
        found["thumbor"] = _python("thumbor", THUMBOR)
    if "ipx" in servers:
        found["ipx"] = _ipx()
    return found


def _own(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _join(pairs: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in pairs.items())


def _run(*argv: str | Path, folder: Path | None = None) -> str:
    # wrk ends with 1 when asked for its version, so the status says nothing.
    run = subprocess.run(argv, capture_output=True, text=True, timeout=30, cwd=folder, check=False)
    return run.stdout + run.stderr


def _python(environment: str, names: tuple[str, ...]) -> str:
    code = (
        "import json, importlib.metadata as m, platform as p; "
        "found = {'python': p.python_version()}; "
        f"print(json.dumps(found | {{n: m.version(n) for n in {names}}}))"
    )
    text = _run(PEERS / environment / "bin" / "python", "-c", code)
    pairs: dict[str, str] = json.loads(text)
    return _join(pairs)


def _ipx() -> str:
    folder = PEERS / "npm"
    found = json.loads(_run("node", "-e", NODE, folder=folder))
    ipx = json.loads((folder / "node_modules" / "ipx" / "package.json").read_text())["version"]
    sharp, vips = found["s"]["sharp"], found["s"]["vips"]
    return f"ipx {ipx}, sharp {sharp}, libvips {vips}, Node {found['n'].lstrip('v')}"


def _nginx() -> str:
    return _run(nginx(), "-v").strip().removeprefix("nginx version: nginx/")


def _wrk() -> str:
    words = _run("wrk", "-v").split()
    return words[1] if len(words) > 1 else "unknown"
