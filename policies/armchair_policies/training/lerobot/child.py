"""The training process: stock `lerobot-train`, which tells on its standard output how it goes.

    python -m armchair_policies.training.lerobot.child PROVENANCE.json --dataset.root=… (what follows `lerobot-train`)

Nothing of LeRobot is replaced. What it logs at every `log_freq` steps is its MetricsTracker, an object with exact
numbers, and a filter of the root logger sees that object before it becomes text with three digits. Its configuration
is handed to it by us and writes itself into every checkpoint, which is when ours lays armchair.json beside it, and is
asked at every step whether to save, which is how an interrupted run saves where it is.
"""

import inspect
import json
import logging
import math
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from lerobot.configs import parser
from lerobot.configs.train import TrainPipelineConfig
from lerobot.scripts import lerobot_train
from lerobot.utils.import_utils import register_third_party_plugins
from lerobot.utils.logging_utils import MetricsTracker

from armchair_policies.training.lerobot.process import ROW, STOPPED


@dataclass
class Config(TrainPipelineConfig):
    """The configuration of LeRobot's training, which also knows where the policy comes from and when to stop."""

    provenance: ClassVar[dict] = {}
    stopping: ClassVar[bool] = False
    saved_since: ClassVar[bool] = False

    def _save_pretrained(self, save_directory: Path) -> None:
        super()._save_pretrained(save_directory)
        facts = {**Config.provenance, "steps": int(save_directory.parent.name)}
        (save_directory / "armchair.json").write_text(json.dumps(facts, indent=2))
        Config.saved_since = Config.stopping

    def stop(self) -> None:
        """Save after the step under way, and end with the next one, which is the first chance to be heard again."""
        Config.stopping = True
        self.save_freq = self.log_freq = 1

    def hear(self, record: logging.LogRecord) -> bool:
        """Send what LeRobot logs of its progress, and stop where that was asked for or is wise. Filters nothing."""
        tracker = record.msg
        if isinstance(tracker, MetricsTracker):
            if Config.saved_since or (Config.stopping and not self.save_checkpoint):
                raise KeyboardInterrupt
            self._send(tracker)
            if not math.isfinite(tracker.metrics["loss"].avg):
                raise FloatingPointError(f"the loss was not finite at step {tracker.steps}")
        return True

    def _send(self, tracker: MetricsTracker) -> None:
        """Send one line. `seconds` is what the steps since the last line took, with their data."""
        row = {
            "step": tracker.steps,
            "loss": tracker.metrics["loss"].avg,
            "learning_rate": tracker.metrics["lr"].avg,
            "seconds": tracker.metrics["update_s"].sum + tracker.metrics["dataloading_s"].sum,
        }
        try:
            print(ROW + json.dumps(row), flush=True)
        except BrokenPipeError:  # whoever watched is gone, and nobody else would end this
            self.stop()


@parser.wrap()
def train(config: Config) -> None:
    """Train as stock `lerobot-train` does."""
    logging.getLogger().addFilter(config.hear)
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:  # several must save together or not at all
        signal.signal(signal.SIGINT, lambda number, frame: _interrupted(config))
    inspect.unwrap(lerobot_train.train)(config)  # the function itself, which takes our kind of configuration


def _interrupted(config: Config) -> None:
    if Config.stopping:
        raise KeyboardInterrupt
    config.stop()


def main() -> None:
    """Read where the data came from, then become `lerobot-train`."""
    Config.provenance = json.loads(Path(sys.argv.pop(1)).read_text())
    register_third_party_plugins()
    try:
        train()  # type: ignore[call-arg]  # `parser.wrap` reads the missing one from the command line
    except KeyboardInterrupt:
        sys.exit(STOPPED)


if __name__ == "__main__":
    main()
