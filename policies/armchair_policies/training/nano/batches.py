"""The training batches of nano, by indexing into memory, and the episodes that are held out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from armchair_core.dataset_format.columns import ACTION, STATE
from armchair_policies.nano.modeling_nano import AHEAD, TASK
from armchair_policies.training.nano.frame_store import Pictures
from armchair_policies.training.training_data import TrainingData

HELD_OUT_FRACTION = 0.05
LEAST_EPISODES_TO_HOLD_OUT = 20


@dataclass(frozen=True)
class Examples:
    """A dataset of N frames, one example a frame: what is seen now, and the next actions."""

    pictures: Pictures  # uint8 [N, size, size, 3] a camera
    state: Tensor  # float32 [N, S], normalised
    action: Tensor  # float32 [N, A], normalised
    episode_end: Tensor  # int64 [N], the first frame behind the episode of each frame
    chunk_end: Tensor  # int64 [N], the first frame that says nothing about what to do from each frame on
    chunk_size: int
    foresight_ticks: Tensor  # int64 [T], so many frames ahead the arm's place is asked for
    sentences: tuple[str, ...]
    sentence: Tensor  # int64 [N], which of `sentences` says what is done

    def batch(self, rows: Tensor) -> dict[str, Any]:
        """Return what `NanoPolicy.forward` takes, for the frames `rows` [B].

        Actions behind the chunk's end repeat its last one and are marked in `action_is_pad`, as LeRobotDataset does
        it behind an episode's end.
        """
        wanted = rows[:, None] + torch.arange(self.chunk_size)  # [B, chunk]
        end, last = self.chunk_end[rows, None], self.episode_end[rows, None] - 1
        seen = {key: pictures[rows].permute(0, 3, 1, 2) for key, pictures in self.pictures.items()}
        return {
            **seen,
            STATE: self.state[rows],
            AHEAD: self.state[torch.minimum(rows[:, None] + self.foresight_ticks, last)],
            ACTION: self.action[torch.minimum(wanted, end - 1)],
            "action_is_pad": wanted >= end,
            TASK: [self.sentences[number] for number in self.sentence[rows].tolist()],
        }


def episode_ends(lengths: np.ndarray) -> Tensor:
    """Return for each frame the first frame behind its episode, int64 [N]."""
    return torch.from_numpy(np.repeat(lengths.cumsum(), lengths))


def chunk_ends(episode_end: Tensor, shoved: np.ndarray) -> Tensor:
    """Return for each frame the first one behind its episode or behind the next shove of the arm, int64 [N].

    Noise on what is applied teaches how to come back (Laskey et al., DART, 2017) as long as one action is learnt at a
    time. A chunk that reaches across a shove holds what the expert did where the shove had brought the arm: who
    learns it, learns to go there on their own account.
    """
    behind_shove = np.where(shoved, np.arange(1, len(shoved) + 1), len(shoved))
    next_shove = np.minimum.accumulate(behind_shove[::-1])[::-1]
    return torch.minimum(episode_end, torch.from_numpy(next_shove.copy()))


def odds(intervention: np.ndarray, sentence: np.ndarray, episode: np.ndarray) -> Tensor | None:
    """Return how likely each frame is drawn, summed up from the first, float64 [N]; None if all are equally likely.

    A task, which a frame's `sentence` says (int64 [N]), is drawn as often as it has episodes (int64 [N], the one of
    each frame), however short these are: by frames, `reach` would get a tenth of what teaches four tasks. Frames in
    which a person corrected the policy, bool [N], are where it goes wrong: together they are drawn half of the time,
    however few they are (Liu et al., Robot Learning on the Job, 2022).
    """
    task_of_episode, _ = np.unique(np.stack([sentence, episode]), axis=1)
    weight = np.bincount(task_of_episode)[sentence] / np.bincount(sentence)[sentence]
    weight /= weight.sum()
    helped = weight[intervention].sum()
    if 0 < helped < 0.5:
        weight *= np.where(intervention, 0.5 / helped, 0.5 / (1 - helped))
    elif len(np.unique(sentence)) == 1:
        return None
    return torch.from_numpy(weight.cumsum())


def draw_rows(rows: Tensor, odds: Tensor | None, batch_size: int, seed: int, step: int) -> Tensor:
    """Return the frames of one training step: a function of seed and step alone, so that resuming needs no state."""
    generator = torch.Generator().manual_seed(step_seed(seed, step))
    if odds is None:
        return rows[torch.randint(len(rows), (batch_size,), generator=generator)]
    drawn = torch.searchsorted(odds, torch.rand(batch_size, generator=generator, dtype=torch.float64))
    return rows[drawn.clamp_max(len(rows) - 1)]


def step_seed(seed: int, step: int) -> int:
    """Return one number for the randomness of one step of one run."""
    return (seed << 32) + step


def hold_out(tables: TrainingData, seed: int) -> tuple[Tensor, Tensor, list[int]]:
    """Return frames to train on, frames to judge by, and the episodes that the latter come from.

    Every twentieth episode is held out, at random by `seed`; none of a dataset of fewer than 20 episodes,
    which is too small to give any away.
    """
    episodes = len(tables.episodes)
    count = round(HELD_OUT_FRACTION * episodes) if episodes >= LEAST_EPISODES_TO_HOLD_OUT else 0
    chosen = np.sort(np.random.default_rng(seed).permutation(episodes)[:count])
    held = np.repeat(np.isin(np.arange(episodes), chosen), tables.lengths)
    return torch.from_numpy(np.flatnonzero(~held)), torch.from_numpy(np.flatnonzero(held)), chosen.tolist()
