import subprocess
import sys

from lerobot.utils import constants

from armchair_core.dataset_format import columns


def test_the_names_are_lerobots():
    assert (columns.STATE, columns.ACTION) == (constants.OBS_STATE, constants.ACTION)
    assert columns.SUCCESS == constants.SUCCESS
    assert columns.IMAGE_PREFIX == constants.OBS_IMAGES + "."
    assert set(columns.BOOKKEEPING) == set(constants.DEFAULT_FEATURES)


def test_a_camera_and_its_column():
    assert columns.image_key("front") == "observation.images.front"
    assert columns.camera_name("observation.images.front") == "front"
    assert columns.camera_name("observation.image") == "image"
    assert columns.taken_key("front") == "clock.front_taken_s"
    assert columns.age_key("front") == "clock.front_age_s"


def test_reading_a_dataset_loads_neither_pytorch_nor_lerobot():
    modules = ("about", "columns", "info", "layout", "rows", "tables", "videos")
    code = "; ".join(f"import armchair_core.dataset_format.{name}" for name in modules)
    code += "; import sys; print({'torch', 'lerobot', 'huggingface_hub', 'mujoco'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
