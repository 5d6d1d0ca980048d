"""Decoded frames in a file: the same pictures, decoded once, and nothing half-written left behind."""

import os
import shutil

import pytest
import torch

from armchair_core.errors import ArmchairError
from armchair_core.user_state import user_cache
from armchair_policies.training.nano import frame_store
from armchair_policies.training.nano.decoded_frames import decode_frames
from armchair_policies.training.nano.frame_store import FrameFile, cache_folder
from armchair_policies.training.nano.train import train
from armchair_policies.training.request import TrainRequest
from armchair_policies.training.training_data import join_training_data, read_training_data


@pytest.fixture
def many(monkeypatch, tmp_path):
    """Every dataset is too large for memory, and the cache of this test is empty."""
    monkeypatch.setattr(frame_store, "MOST_IN_MEMORY_BYTES", 0)
    monkeypatch.setenv("ARMCHAIR_STATE", str(tmp_path / "state"))


def test_pictures_are_the_same_and_decoded_once(record_discs, discs, many, monkeypatch):
    other = record_discs(episodes=2, frames=4)
    tables = join_training_data([read_training_data(discs), read_training_data(other)])
    told: list[float] = []
    kept = decode_frames(tables, 48, told.append)["observation.images.front"]
    assert isinstance(kept, FrameFile) and told[-1] == 1
    again = decode_frames(tables, 48, told.clear)["observation.images.front"]
    monkeypatch.setattr(frame_store, "MOST_IN_MEMORY_BYTES", 10**9)
    whole = decode_frames(tables, 48)["observation.images.front"]
    rows = torch.tensor([25, 0, 3, 3])
    assert torch.equal(kept[rows], whole[rows]) and torch.equal(again[rows], whole[rows])
    assert told


def test_training_learns_the_same(discs, tmp_path, many, monkeypatch):
    request = TrainRequest((discs,), tmp_path / "kept", steps=3, batch_size=4)
    kept = train(request)
    assert len(list((user_cache() / "frames").iterdir())) == 1
    monkeypatch.setattr(frame_store, "MOST_IN_MEMORY_BYTES", 10**9)
    whole = train(TrainRequest((discs,), tmp_path / "whole", steps=3, batch_size=4))
    assert (kept / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


def test_another_video_is_another_content(discs, tmp_path):
    root = shutil.copytree(discs, tmp_path / "dataset")
    before = cache_folder(read_training_data(root), 48)
    assert before != cache_folder(read_training_data(root), 96)
    (video,) = root.glob("videos/*/*/*.mp4")
    os.utime(video, (0, 0))
    assert before != cache_folder(read_training_data(root), 48)


def test_what_ends_early_leaves_nothing(discs, tmp_path, many):
    root = shutil.copytree(discs, tmp_path / "dataset")
    (video,) = root.glob("videos/*/*/*.mp4")
    video.write_bytes(b"no video")
    with pytest.raises(ArmchairError, match="cannot be read"):
        decode_frames(read_training_data(root), 48)
    assert not list((user_cache() / "frames").iterdir())


def test_a_full_disk_leaves_it_to_the_memory(discs, many, monkeypatch):
    monkeypatch.setattr(frame_store, "_has_disk_for", lambda *_: False)
    assert isinstance(decode_frames(read_training_data(discs), 48)["observation.images.front"], torch.Tensor)
    assert not user_cache().exists()


def test_neither_disk_nor_memory(discs, many, monkeypatch):
    monkeypatch.setattr(frame_store, "_has_disk_for", lambda *_: False)
    monkeypatch.setattr("os.sysconf", lambda name: {"SC_PAGE_SIZE": 1000, "SC_PHYS_PAGES": 100}[name])
    with pytest.raises(ArmchairError, match=r"take 0\.0 GB, which neither .* train on at most 0 episodes"):
        decode_frames(read_training_data(discs), 96)
