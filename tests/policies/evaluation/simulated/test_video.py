import av
import numpy as np
import pytest

from armchair_policies.evaluation.simulated.video import Video

FRAMES = [np.full((48, 64, 3), shade, np.uint8) for shade in range(0, 250, 10)]


def test_a_browser_can_play_it(tmp_path):
    path = tmp_path / "videos" / "film.mp4"
    with Video(path, 30) as video:
        for frame in FRAMES:
            video.add(frame)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")  # a browser plays before it has all of it
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == 30
        shades = [frame.to_ndarray(format="rgb24").mean() for frame in film.decode(stream)]
    assert shades == pytest.approx([frame.mean() for frame in FRAMES], abs=4)


def test_a_broken_off_film_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), Video(tmp_path / "film.mp4", 30) as video:
        video.add(FRAMES[0])
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
