"""Push to a hub: a dataset goes to a Hub for the classroom on this machine, and stock LeRobot loads it from there.

You learn what is looked at before anything leaves the machine, and that a Hub of one's own needs one variable.
Takes half a minute. Asks nobody outside this machine.

    uv run python examples/10_push_to_a_hub.py chapters/data --repo-id me/chapters
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, nargs="?", default=Path("chapters/data"))
    parser.add_argument("--repo-id", default="me/chapters")
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        armchair = Path(sys.executable).parent / "armchair"
        command = [armchair, "hub", "--json", "--port", "0", "--folder", f"{folder}/hub"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as hub:
            url = json.loads(hub.stdout.readline())["url"]
            # Read when huggingface_hub is imported: all of it turns to this Hub now, and keeps its files here.
            os.environ |= {"HF_ENDPOINT": url, "HF_HOME": f"{folder}/home", "HF_TOKEN": "any", "HF_HUB_OFFLINE": "0"}
            try:
                push(asked.dataset, asked.repo_id)
                load(asked.repo_id)
            finally:
                hub.terminate()
    print("Next: examples/11_reinforcement_learning.py")


def push(dataset: Path, repo_id: str) -> None:
    """Send it as `armchair push` does: complete, described, without secrets, compared on arrival."""
    from armchair_datasets.push.content.payload import make_payload
    from armchair_datasets.push.transfer.retry import deliver

    payload = make_payload(dataset, repo_id)
    print(f"Sending {len(payload.files())} files to {payload.url}, to be seen by you only …")
    receipt = deliver(payload)
    print(f"Arrived: {receipt.files} files with the card, {receipt.total / 1e6:.1f} MB, as commit {receipt.commit[:8]}")


def load(repo_id: str) -> None:
    """Load it by its name, with LeRobot's own class."""
    from lerobot.datasets import LeRobotDataset

    dataset = LeRobotDataset(repo_id, video_backend="pyav")
    print(f"LeRobot has loaded {dataset.num_episodes} episodes from {repo_id}: {dataset[0]['task']}")


if __name__ == "__main__":
    main()
