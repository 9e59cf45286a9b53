"""The house: who imports whom, how long modules are, what a name stands for."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FLOORS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "values, errors, settings: no I/O",
        frozenset(
            {
                "values", "errors", "settings", "settings_base", "settings_cost", "settings_fetch",
                "settings_audit", "settings_sessions", "settings_signing", "settings_text",
                "mistakes", "signing", "ids", "identity", "counters", "logs", "moments",
                "actor", "credentials", "people", "event", "permissions",
                "settings_originals",
            }
        ),
    ),
    (
        "what a URL means, what a file is, what is declared: pure",
        frozenset(
            {
                "parameters", "control", "commands", "operations", "vocabulary", "query", "plan",
                "accept", "levels", "workbench", "sniff", "routes", "reference",
                "client", "unsigned", "source", "dialect", "explain", "markup",
                "affine", "grid", "job", "screening", "layer_kind", "stored_image", "stored_layer",
            }
        ),
    ),
    ("pixels, and the processes they run in", frozenset({"pixels", "workers"})),
    (
        "I/O behind small protocols",
        frozenset(
            {
                "stores", "renditions", "files", "database", "records", "jobs", "events", "tokens",
                "fetching", "keyfile", "leases", "audit", "accounts", "sessions", "token_use",
                "services", "image_service", "sealing", "ledger", "held_jobs", "lockfiles",
            }
        ),
    ),
    (
        "a request's way",
        frozenset(
            {
                "access", "authentication", "problems", "flight", "ready", "pipeline", "delivery",
                "ingest", "upkeep", "metrics", "rates", "budgets", "gate", "signer", "sourcing",
                "mounts", "permit", "revising", "restoring", "requested", "answer",
                "description", "failed",
            }
        ),
    ),
    ("plugins", frozenset({"plugins"})),
    (
        "what wires it all",
        frozenset(
            {
                "app", "api", "language", "offered", "checks", "openapi", "router", "middleware",
                "server", "cli", "offering", "offered_images",
            }
        ),
    ),
)  # fmt: skip

PIXEL_MODULES = ("helpa.core.pixels.", "helpa.core.workers.worker")


@functools.cache
def modules() -> dict[str, Path]:
    """Return the file of every module of ours, by its name."""
    found = {}
    for source in (ROOT, ROOT / "plugins", ROOT / "web", *(ROOT / "integrations").glob("*")):
        for package in source.glob("helpa*"):
            for path in package.rglob("*.py"):
                parts = path.relative_to(source).with_suffix("").parts
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


def core() -> list[str]:
    return sorted(name for name in modules() if name.startswith("helpa.core."))


@functools.cache
def imports(name: str, typing_too: bool = False) -> frozenset[str]:
    """Return the modules that a module imports, wherever in it the import stands."""
    tree = ast.parse(modules()[name].read_text(encoding="utf-8"))
    return frozenset(_imports(tree, name, typing_too))


def _imports(node: ast.AST, name: str, typing_too: bool) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and not typing_too:
            test = child.test
            if isinstance(test, ast.Name) and test.id == "TYPE_CHECKING":
                continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{name} imports relatively"
            assert child.module is not None
            for alias in child.names:
                full = f"{child.module}.{alias.name}"
                yield full if full in modules() else child.module
        else:
            yield from _imports(child, name, typing_too)


def floor_of(name: str) -> int:
    part = name.removeprefix("helpa.core.").split(".")[0]
    for number, (_, members) in enumerate(FLOORS):
        if part in members:
            return number
    raise AssertionError(f"{name} stands on no floor: give it one in {Path(__file__).name}")


def test_every_module_of_the_core_stands_on_one_floor() -> None:
    assert len(core()) > 50
    for name in core():
        floor_of(name)
    members = [member for _, floor in FLOORS for member in floor]
    assert len(members) == len(set(members))
    used = {name.removeprefix("helpa.core.").split(".")[0] for name in core()}
    assert set(members) <= used, "the table names modules there are not"


def test_a_floor_imports_only_from_itself_and_from_below() -> None:
    wrong = [
        f"{name} ({FLOORS[floor_of(name)][0]}) imports {other} ({FLOORS[floor_of(other)][0]})"
        for name in core()
        for other in sorted(imports(name, typing_too=True))
        if other.startswith("helpa.core.") and floor_of(other) > floor_of(name)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {
        name: {other for other in imports(name) if other in modules() and other != "helpa"}
        for name in modules()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_pyvips_and_pillow_are_imported_only_where_pixels_are_drawn() -> None:
    drawing = []
    for name in modules():
        if not {each.split(".")[0] for each in imports(name)} & {"pyvips", "PIL", "pillow_heif"}:
            continue
        drawing.append(name)
        plugin = not name.startswith("helpa.")
        assert name.startswith((*PIXEL_MODULES, "helpa.testing.")) or (
            plugin and {"draw", "encode"} & set(name.split(".")[1:-1])
        ), f"{name} imports a codec"
    assert "helpa.core.pixels.opening" in drawing
    assert "helpa_basics.draw.resize" in drawing


def test_what_imports_pyvips_is_imported_only_by_what_runs_in_a_worker() -> None:
    loaders = {
        name for name in modules() if {each.split(".")[0] for each in imports(name)} & {"pyvips"}
    }
    # What draws may do it with others' hands.
    loaders |= {
        name
        for name in modules()
        if {"draw", "encode"} & set(name.split(".")[1:-1]) and imports(name) & loaders
    }
    for name in modules():
        if name in loaders or name in ("helpa.core.workers.nursery", "helpa.drawing"):
            continue
        assert not imports(name) & loaders, f"{name} imports what loads libvips"
        if "helpa.drawing" in imports(name):
            assert {"draw", "encode"} & set(name.split(".")[1:-1]), f"{name} imports helpa.drawing"


def test_the_core_imports_no_testing_kit_but_to_run_it() -> None:
    users = {
        name
        for name in modules()
        if not name.startswith(("helpa.testing", "helpa_pytest"))
        and any(each.startswith("helpa.testing") for each in imports(name, typing_too=True))
    }
    assert users == {"helpa.core.cli.plugin"}


def test_only_the_plugin_manager_calls_pluggy() -> None:
    users = {name for name in modules() if "pluggy" in imports(name, typing_too=True)}
    assert users
    assert all(name.startswith("helpa.core.plugins.") for name in users), users


def test_the_core_imports_no_plugin() -> None:
    for name in ["helpa", *core()]:
        tops = {each.split(".")[0] for each in imports(name, typing_too=True)}
        assert not any(top.startswith("helpa_") for top in tops), name


def test_plugins_import_public_names_only() -> None:
    import helpa

    checked = 0
    for name, path in modules().items():
        if name.split(".")[0] == "helpa":
            continue
        own = name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.split(".")[0]
                    assert top != "helpa" or alias.name == "helpa", f"{name}: {alias.name}"
            elif isinstance(node, ast.ImportFrom) and node.module:
                top = node.module.split(".")[0]
                if top == "helpa":
                    public = (
                        "helpa", "helpa.api", "helpa.dialects", "helpa.drawing", "helpa.pages",
                        "helpa.parameters", "helpa.testing",
                    )  # fmt: skip
                    assert node.module in public, f"{name}: {node.module}"
                    if node.module == "helpa":
                        for alias in node.names:
                            assert alias.name in helpa.__all__, f"{name}: {alias.name}"
                            checked += 1
                elif top.startswith("helpa_"):
                    assert top == own or not own.endswith("_web"), f"{name}: {node.module}"
        assert "helpa.core" not in path.read_text(encoding="utf-8"), name
    assert checked > 20


def test_no_base_http_middleware_is_used_anywhere() -> None:
    for name, path in modules().items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            named = getattr(node, "id", getattr(node, "attr", getattr(node, "name", None)))
            assert named != "BaseHTTPMiddleware", name
        assert "starlette.middleware.base" not in imports(name, typing_too=True)
        assert "slowapi" not in imports(name, typing_too=True)


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        name: count
        for name, path in modules().items()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


def test_folders_of_sources_are_no_packages_themselves() -> None:
    for folder in ("plugins", "integrations", "web", "deploy", "tests"):
        assert not (ROOT / folder / "__init__.py").exists(), folder


def test_no_globals_hold_state_of_a_server() -> None:
    """Helpa(settings) owns every part: no module makes a part of a server when imported."""
    parts = {"Helpa", "Database", "Supervisor", "Records", "Pipeline", "Delivery", "JobRunner"}
    for name in core():
        for node in ast.parse(modules()[name].read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
                called = getattr(node.value.func, "id", getattr(node.value.func, "attr", ""))
                assert called not in parts, f"{name} makes a {called} when imported"
