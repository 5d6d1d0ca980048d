"""Where a real arm's safety has its facts from."""

import ast
from pathlib import Path

import armchair_robot.safety

ROBOT = Path(armchair_robot.safety.__file__).parents[1]


def test_nothing_that_guards_an_arm_asks_the_simulation():
    files = [*ROBOT.glob("safety/*.py"), *ROBOT.glob("calibration/*.py"), *ROBOT.glob("doctor/*_checks.py")]
    imported = {
        (file.name, node.module)
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("armchair_sim")
    }
    assert len(files) > 10
    assert not imported
