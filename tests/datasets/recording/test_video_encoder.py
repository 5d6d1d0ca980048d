import gc

import av
import numpy as np
import pytest

from armchair_datasets.recording.video_encoder import VideoEncoder, join_videos, last_frame


def encode(images) -> bytes:
    encoder = VideoEncoder(*images[0].shape[:2], 30)
    for image in images:
        encoder.add(image)
    return encoder.finish()


def decode(path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def psnr_db(a: np.ndarray, b: np.ndarray) -> float:
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2))


@pytest.fixture
def clips(make_ticks):
    return [[tick.observation["pixels"]["front"] for tick in make_ticks(seed, 7 + seed)] for seed in range(3)]


def test_every_frame_comes_back_in_its_place(clips, tmp_path):
    (tmp_path / "a.mp4").write_bytes(encode(clips[0]))
    decoded = decode(tmp_path / "a.mp4")
    assert len(decoded) == len(clips[0])
    for image, original in zip(decoded, clips[0], strict=True):
        assert psnr_db(image, original) > 30
    # A neighbour is clearly worse: the test would see a shift by one frame.
    assert psnr_db(decoded[3], clips[0][4]) < psnr_db(decoded[3], clips[0][3]) - 3


def test_same_frames_give_the_same_bytes(clips):
    assert encode(clips[1]) == encode(clips[1])


def test_joining_loses_and_changes_nothing(clips, tmp_path):
    parts = []
    for number, clip in enumerate(clips):
        parts.append(tmp_path / f"it's {number}.mp4")  # a name that breaks ffmpeg's concat lists
        parts[-1].write_bytes(encode(clip))
    lengths = join_videos(parts, tmp_path / "all.mp4", 30)
    assert lengths == [len(clip) for clip in clips]
    np.testing.assert_array_equal(decode(tmp_path / "all.mp4"), np.concatenate([decode(part) for part in parts]))


def test_joined_timestamps_are_frame_over_fps(clips, tmp_path):
    (tmp_path / "a.mp4").write_bytes(encode(clips[0]))
    join_videos([tmp_path / "a.mp4"] * 20, tmp_path / "all.mp4", 30)
    with av.open(str(tmp_path / "all.mp4")) as container:
        times_s = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]
    np.testing.assert_allclose(times_s, np.arange(20 * len(clips[0])) / 30, atol=1e-6)


def test_last_frame(clips, tmp_path):
    (tmp_path / "a.mp4").write_bytes(encode(clips[2]))
    np.testing.assert_array_equal(last_frame(tmp_path / "a.mp4"), decode(tmp_path / "a.mp4")[-1])


def test_an_encoder_may_be_thrown_away_half_way(clips):
    for _ in range(20):
        encoder = VideoEncoder(*clips[0][0].shape[:2], 30)
        encoder.add(clips[0][0])
        cycle = [encoder]
        cycle.append(cycle)  # freed by the collector, as with a listener in a traceback
        del encoder, cycle
    gc.collect()
    assert len(encode(clips[0])) > 0
