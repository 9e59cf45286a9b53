"""Every input that once broke a parser, and the first of each kind, without the fuzzer."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz import targets

INPUTS = sorted((Path(__file__).parent / "inputs").glob("*/*"))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_kept_input_breaks_its_parser(path: Path) -> None:
    targets.run(path.parent.name, path.read_bytes())


def test_each_target_has_inputs_and_each_folder_of_inputs_a_target() -> None:
    assert {path.parent.name for path in INPUTS} == set(targets.TARGETS)
