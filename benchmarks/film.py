"""The film at the top of README.md: a cube is taught and lifted. All that it shows has just been made by Armchair.

    uv run python benchmarks/film.py

Four commands run in a folder of their own, in some minutes: the expert's demonstrations are recorded, and shown in new
scenes; a short training draws its loss; the policy that ships lifts. Their films are cut to one moving picture.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import matplotlib
from PIL import Image, ImageDraw, ImageFont

from armchair_policies.training.loss_curve import read_rows

WIDTH, HEIGHT, BAR = 640, 480, 48
FPS = 10
MOST_BYTES = 2_000_000
TRAINING_STEPS = 450  # a minute of two quiet cores
FONT = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
PAPER, INK, QUIET, RED = "#101418", "#f0f2f4", "#8a949e", "#e5484d"


def make(work: Path) -> None:
    """Run the four commands, in `work`."""
    for words in (
        ["record", "--task", "lift", "--episodes", "20", "--out", "data"],
        ["eval", "expert", "--task", "lift", "--episodes", "2", "--out", "shown"],
        ["train", "data", "--steps", str(TRAINING_STEPS), "--out", "policy"],
        ["run", "lift", "--episodes", "3", "--out", "played"],
    ):
        print("armchair", *words, flush=True)
        command = [Path(sys.executable).parent / "armchair", *words]
        subprocess.run(command, cwd=work, check=True, stdout=subprocess.DEVNULL)


def frames(film: Path, speed: float) -> list[Image.Image]:
    """Every so many pictures of a film that it is seen at `speed` times its own."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        pictures = [frame.to_image() for frame in container.decode(stream)]
        step = float(stream.average_rate) * speed / FPS
    return [pictures[int(at * step)] for at in range(int(len(pictures) / step))]


def taught(work: Path) -> Iterator[Image.Image]:
    """Two demonstrations, at twice their speed."""
    for film in sorted((work / "shown").rglob("*.mp4"))[:2]:
        yield from shown(frames(film, speed=2), "1  Teach", "an expert, or you, shows how")


def learning(work: Path) -> Iterator[Image.Image]:
    """The training's own curve, as it grew."""
    rows = [(int(row["step"]), row["loss"]) for row in read_rows(work / "policy" / "loss.csv")]
    count = 2 * FPS
    for at in range(1, count + 1):
        seen = rows[: max(2, len(rows) * at // count)]
        yield captioned(curve(rows, seen), "2  Train", f"{seen[-1][0]:,} steps on a laptop's processor")
    yield from [captioned(curve(rows, rows), "2  Train", f"{rows[-1][0]:,} steps on a laptop's processor")] * (FPS // 2)


def curve(rows: list[tuple[int, float]], seen: list[tuple[int, float]]) -> Image.Image:
    """The loss so far, in the frame that the whole of it needs."""
    picture, margin = Image.new("RGB", (WIDTH, HEIGHT), PAPER), 48
    draw = ImageDraw.Draw(picture)
    last, worst = rows[-1][0], max(loss for _, loss in rows)
    right, bottom = WIDTH - margin, HEIGHT - margin
    draw.line([(margin, margin), (margin, bottom), (right, bottom)], fill=QUIET, width=2)
    draw.text((margin, margin - 12), "loss", fill=QUIET, font=font(16), anchor="ls")
    draw.text((right, bottom + 26), "steps", fill=QUIET, font=font(16), anchor="rs")
    way = [(margin + (right - margin) * step / last, bottom - (bottom - margin) * loss / worst) for step, loss in seen]
    draw.line(way, fill=RED, width=4, joint="curve")
    x, y = way[-1]
    draw.ellipse((x - 6, y - 6, x + 6, y + 6), fill=RED)
    return picture


def lifting(work: Path) -> Iterator[Image.Image]:
    """The policy that ships, at its own speed."""
    for film in sorted((work / "played").rglob("*.mp4")):
        yield from shown(frames(film, speed=1), "3  It lifts", "by its cameras, in scenes that it has never seen")


def shown(film: list[Image.Image], step: str, words: str) -> Iterator[Image.Image]:
    """The pictures of a film, the last of them for half a second more."""
    for picture in [*film, *[film[-1]] * (FPS // 2)]:
        yield captioned(picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS), step, words)


def captioned(scene: Image.Image, step: str, words: str) -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT + BAR), PAPER)
    picture.paste(scene, (0, 0))
    draw = ImageDraw.Draw(picture)
    draw.text((16, HEIGHT + BAR / 2), step, fill=INK, font=font(20), anchor="lm")
    draw.text((136, HEIGHT + BAR / 2), words, fill=QUIET, font=font(16), anchor="lm")
    return picture


def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


def save(film: list[Image.Image], out: Path) -> None:
    """Write an animated WebP, as sharp as its limit in bytes allows."""
    for quality in range(85, 20, -10):
        film[0].save(
            out, save_all=True, append_images=film[1:], duration=1000 // FPS, loop=0, quality=quality, method=4
        )
        if out.stat().st_size < MOST_BYTES:
            break
    print(f"{out}: {len(film) / FPS:.0f} s, {film[0].width} x {film[0].height}, {out.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "examples" / "lift.webp")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        make(work)
        save([*taught(work), *learning(work), *lifting(work)], asked.out)


if __name__ == "__main__":
    main()
