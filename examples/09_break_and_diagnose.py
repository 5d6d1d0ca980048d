"""Break it, and let the doctor find out what is wrong.

You learn to read the doctor's findings: what it is, how sure that is, and what to do next. Takes 10 seconds a fault.
A servo's alarm outlives its cause, as on a real arm, until it is without power for a moment: so overheat comes last.

    uv run python examples/09_break_and_diagnose.py dead-servo camera-black:front overheat:wrist_flex
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from armchair_robot.doctor.rounds import patient, see
from armchair_sim.twin.control import ask
from armchair_sim.twin.faults import FAULTS

SETTLE_S = 1.0  # until the arm has felt it


def main() -> None:
    names = "".join(f"\n    {name:<18} {words}" for name, words in FAULTS.items())
    parser = argparse.ArgumentParser(
        description=__doc__ + "\nFaults:" + names, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("faults", nargs="*", default=["dead-servo", "camera-black:front", "overheat:wrist_flex"])
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ARMCHAIR_RUNTIME": f"{folder}/run", "HF_LEROBOT_HOME": f"{folder}/home"}
        command = [Path(sys.executable).parent / "armchair", "twin", "--json", "--hand", "still"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as twin:
            control = Path(json.loads(twin.stdout.readline())["folder"], "control")
            try:
                for fault in ["", *asked.faults]:
                    name, _, place = fault.partition(":")
                    if name:
                        ask(control, do="fault", name=name, at=place)
                        time.sleep(SETTLE_S)
                    print(f"\n{fault or 'A healthy arm'}:")
                    diagnosis = see(patient("twin"))
                    for finding in diagnosis.findings:
                        print(f"  {finding.level}, {finding.sure}: {finding.what}\n    Next: {finding.todo}")
                    print(f"  healthy: {diagnosis.healthy}")
                    ask(control, do="mend")
            finally:
                twin.terminate()
    print("\nNext: examples/10_push_to_a_hub.py")


if __name__ == "__main__":
    main()
