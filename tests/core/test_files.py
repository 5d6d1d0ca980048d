"""Files in folders that may have come from somebody else."""

from armchair_core.files import write_atomically


def test_what_is_written_stays_in_the_folder(tmp_path):
    mine, folder = tmp_path / "mine", tmp_path / "folder"
    mine.write_text("as it was")
    folder.mkdir()
    for name in ("tags.json", "tags.json.partial"):
        (folder / name).symlink_to(mine)
    write_atomically(folder / "tags.json", "{}")
    assert mine.read_text() == "as it was" and (folder / "tags.json").read_text() == "{}"
    assert not (folder / "tags.json").is_symlink()
