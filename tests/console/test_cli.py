"""The command line: names, words, exit codes. The jobs behind it are tested in their own rooms."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from armchair.cli import COMMANDS, GROUPS, app, load_command
from armchair.terminal.options import TASKS
from armchair_core.errors import ArmchairError
from armchair_sim.tasks import task_names


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run a command in an empty folder; answers (exit code, stdout, stderr) with boxes and line ends taken out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UV_RUN_RECURSION_DEPTH", raising=False)
    runner = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"})

    def run(*words: str) -> tuple[int, str, str]:
        result = runner.invoke(app, words)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, flat(result.stdout), flat(result.stderr)

    return run


def flat(text: str) -> str:
    return " ".join(text.translate(str.maketrans("│╭╮╰╯─", "      ")).split())


def test_help_names_the_commands_and_imports_nothing_heavy():
    code = (
        "import sys; from typer.testing import CliRunner; from armchair.cli import app\n"
        "print(CliRunner().invoke(app, ['--help']).stdout)\n"
        "heavy = ('torch', 'mujoco', 'lerobot', 'numpy', 'gymnasium', 'matplotlib', 'fastapi')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert all(command in said for command in ("demo", "record", "train", "eval"))
    assert said.strip().endswith("[]")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_of_a_command_what_it_says_itself(name):
    assert load_command(name).help.split("\n\n")[0].replace("\n", " ") == COMMANDS[name][1]


def test_the_help_of_every_command_waits_for_neither_pytorch_nor_lerobot():
    code = (
        "import sys; from typer.testing import CliRunner; from armchair.cli import COMMANDS, app\n"
        "codes = {CliRunner().invoke(app, [name, '--help']).exit_code for name in COMMANDS}\n"
        "print(codes, [name for name in ('torch', 'lerobot', 'matplotlib') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "{0} []"


def test_armchair_alone_shows_the_help_in_groups_and_is_no_mistake(run):
    code, said, error = run()
    assert (code, error) == (0, "") and said.index("Begin here") < said.index("demo") < said.index("A real arm")
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(COMMANDS)


@pytest.mark.parametrize("columns", [40, 100])
def test_help_is_whole_and_no_wider_than_the_terminal(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    runner = CliRunner(env={"COLUMNS": str(columns), "TERM": "dumb"})
    for words in ([], *([name] for name in COMMANDS)):
        said = runner.invoke(app, [*words, "--help"]).stdout
        assert max(map(len, said.splitlines())) <= columns
    said = " ".join(runner.invoke(app, ["record", "--help"]).stdout.split())
    assert all(option in said for option in ("--image-size", "--episode-time", "<float range>", "--no-home"))


def test_help_names_every_task():
    assert ", ".join(task_names()) == TASKS


def test_version(run):
    code, said, _ = run("--version")
    assert (code, said.split()[0]) == (0, "armchair")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["record", "--out", "x", "--task", "lfit"], "no task called 'lfit': did you mean 'lift'?"),
        (["record", "--out", "x", "--hand", "exprt"], "no hand called 'exprt': did you mean 'expert'?"),
        (["train", "data", "--out", "x", "--policy", "nona"], "no policy called 'nona': did you mean 'nano'?"),
        (["eval", "exprt", "--out", "x"], "no policy folder, skill or hand called 'exprt': did you mean 'expert'?"),
        (["eval", "my/policy", "--out", "x"], "name a folder that `armchair train` wrote, a skill or a hand"),
        (["eval", "expert", "--out", "x", "--task", "lfit"], "no task called 'lfit': did you mean 'lift'?"),
        (["eval", "expert", "--out", "x", "--suite", "robst"], "no suite called 'robst': did you mean 'robust'?"),
        (["eval", "expert", "--out", "x", "--suite", "robust", "--env", "pusht"], "leave --env away"),
        (["demo", "--task", "plaice"], "did you mean 'place'?"),
        (["run", "lfit"], "no policy folder, skill or hand called 'lfit': did you mean 'lift'?"),
        (["doctor", "twin", "--wiggle", "gripr"], "no joint called 'gripr': did you mean 'gripper'?"),
        (["record", "--out", "x", "--taks", "lift"], "--taks"),
        (["record"], "Missing option '--out'"),
        (["recrod"], "Did you mean 'record'?"),
    ],
)
def test_a_wrong_word_is_a_usage_error_with_the_nearest_choice(run, words, hint):
    code, _, error = run(*words)
    assert code == 2
    assert hint in error


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["eval", "expert", "--out", "x", "--episodes", "0"], "the number of episodes is 0"),
        (["eval", "expert", "--out", "x", "--seed", "7"], "evaluation seeds start at 100000 and 7 is below"),
        (["eval", "expert", "--out", "taken"], "taken exists and is not empty: use --out"),
        (["record", "--out", "taken"], "taken exists and is not empty: use --out"),
        (["record", "--out", "x", "--episodes", "0"], "the number of episodes is 0"),
        (["train", "nowhere", "--out", "x"], "there is no folder nowhere: give the folder of a dataset"),
        (["train", "nowhere", "--out", "taken"], "taken exists and is not empty: use --out"),
        (["demo", "--out", "taken"], "taken exists and is not empty: use --out"),
        (["record", "--out", "a file"], "a file-2'."),
        (["train", "nowhere", "--out", "a file"], "a file is a file: use --out 'a file-2'."),
        (["eval", "expert", "--out", "a file"], "a file is a file: use --out 'a file-2'."),
        (["info", "a file"], "a file is a file, and a dataset is a folder"),
        (["check", "taken/mine.txt"], "taken/mine.txt is a file, and a dataset is a folder: give the folder"),
        (["repair", "a file"], "a file is a file, and a dataset is a folder"),
        (["remove", "a file", "0"], "a file is a file, and a dataset is a folder"),
        (["push", "a file", "--repo-id", "me/x"], "a file is a file, and a dataset or policy is a folder"),
        (["compare", "a file", "taken"], "a file is a file, and a report is a folder"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_1(run, tmp_path, words, sentence):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("dear to me")
    (tmp_path / "a file").write_text("")
    code, said, error = run(*words)
    assert code == 1 and "Writes" not in said
    assert error.startswith("error: ")
    assert sentence in error
    assert (tmp_path / "taken" / "mine.txt").read_text() == "dear to me"


def stop_with(monkeypatch, error: BaseException, cause: BaseException | None = None) -> None:
    def stop(*_, **__):
        if cause is None:
            raise error
        try:
            raise cause
        except BaseException:
            raise error from None

    monkeypatch.setattr("armchair.commands.training.nano.train", stop)


def test_ctrl_c_in_training_tells_the_command_that_goes_on(run, monkeypatch, tmp_path):
    stop_with(monkeypatch, KeyboardInterrupt())
    words = ["train", "data", "--out", "policy", "--minutes", "3", "--seed", "5"]
    code, _, error = run(*words)
    line = "armchair train data --minutes 3 --out policy --seed 5"
    assert (code, error) == (130, f"stopped by Ctrl-C: nothing was learnt yet; go on with `{line}`.")
    (tmp_path / "policy" / "checkpoints" / "last").mkdir(parents=True)
    assert run(*words)[2] == f"stopped by Ctrl-C: what was learnt is kept; go on with `{line} --resume`."


def test_ctrl_c_that_a_room_has_explained_is_130_too(run, monkeypatch):
    stop_with(monkeypatch, ArmchairError("stopped by Ctrl-C: all is kept."), KeyboardInterrupt())
    assert run("train", "data", "--out", "policy")[::2] == (130, "stopped by Ctrl-C: all is kept.")


def test_a_full_disk_is_a_sentence(run, monkeypatch):
    stop_with(monkeypatch, OSError(28, "No space left on device"))
    code, _, error = run("train", "data", "--out", "policy")
    assert code == 1
    assert error.startswith("error: no space is left on the disk: make room or choose another --out")


@pytest.mark.parametrize("bug", [ZeroDivisionError("a bug"), OSError(5, "Input/output error")])
def test_bugs_keep_their_traceback(run, monkeypatch, bug):
    stop_with(monkeypatch, bug)
    with pytest.raises(type(bug)):
        run("train", "data", "--out", "policy")


def test_the_next_command_is_shown_as_it_was_started(run, monkeypatch, tmp_path):
    folder = tmp_path / "my policy" / "checkpoints" / "000012" / "pretrained_model"
    monkeypatch.setattr("armchair.commands.training.nano.train", lambda *_, **__: folder)
    monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", "1")
    (tmp_path / "data" / "meta").mkdir(parents=True)
    (tmp_path / "data" / "meta" / "armchair.json").write_text('{"task": "lift"}')
    code, said, _ = run("train", "data", "--out", "my policy")
    assert code == 0
    assert "Trained 12 steps." in said
    assert said.endswith("Next: uv run armchair eval 'my policy' --out 'my policy-report'")
    for task in ("lift", "place"):
        (tmp_path / task / "meta").mkdir(parents=True)
        (tmp_path / task / "meta" / "armchair.json").write_text(json.dumps({"task": task}))
    _, said, _ = run("train", "place", "lift", "--out", "both")
    assert said.endswith("Next: uv run armchair eval both --task place --out both-report")
    (tmp_path / "both-report").mkdir()
    (tmp_path / "both-report" / "eval.json").write_text("{}")
    _, said, _ = run("train", "elsewhere", "--out", "both")
    assert said.endswith("Next: uv run armchair eval both --task lift --out both-report-2"), "it must name a task"


@pytest.fixture
def lerobot_trains(monkeypatch, tmp_path):
    """`armchair train` without the training: what was planned is kept, and stopped like by Ctrl-C."""
    from armchair.commands.training import lerobot as train_lerobot
    from armchair_policies.training.lerobot.measure import Speed
    from armchair_policies.training.lerobot.train import TrainingPlan

    plans = []
    monkeypatch.setattr(train_lerobot, "prepare", lambda job, *_: TrainingPlan(job, {}, ("The camera is far.",)))
    monkeypatch.setattr(train_lerobot, "measure", lambda job, on_step: Speed(0.5, 18))

    def stop(plan, tell):
        plans.append(plan)
        raise KeyboardInterrupt

    monkeypatch.setattr(train_lerobot, "run", stop)
    return plans


def test_minutes_become_steps_by_the_measured_speed(run, lerobot_trains):
    code, said, error = run("train", "data", "--policy", "act", "--minutes", "10", "--preset", "laptop", "--out", "act")
    assert code == 130 and lerobot_trains[0].job.steps == 1200
    assert "Note: The camera is far." in said
    assert "act with the preset laptop takes 0.50 s a step here" in said and "1,200 steps take about 10 minutes" in said
    assert "50,000 steps (the length of published SO-101 policies): 7 hours at this speed" in said
    line = "armchair train data --policy act --preset laptop --minutes 10 --out act"
    assert error == f"stopped by Ctrl-C: nothing was learnt yet; go on with `{line}`."


def test_the_stock_line_is_lerobots_own(lerobot_trains, run):
    import shlex

    from armchair.commands.training.lerobot import stock_line

    run(
        "train", "data", "--policy", "act", "--steps", "9", "--preset", "laptop", "--target", "torchrun:2", "--out", "a"
    )
    words = shlex.split(stock_line(lerobot_trains[0]))
    assert words[:5] == ["torchrun", "--standalone", "--nproc-per-node=2", "-m", "lerobot.scripts.lerobot_train"]
    assert {"--policy.type=act", "--steps=9", "--policy.push_to_hub=false"} <= set(words)


def test_a_dry_run_prints_what_hf_jobs_would_be_sent(run, monkeypatch):
    monkeypatch.setattr("armchair.commands.training.lerobot.read_dataset_facts", lambda root: None)
    words = ["--policy", "act", "--steps", "100", "--target", "hf:t4-small", "--repo-id", "me/lift", "--out", "x"]
    code, said, _ = run("train", "data", *words, "--dry-run")
    assert code == 0 and said.startswith("lerobot-train --dataset.repo_id=me/lift --policy.type=act")
    assert "--job.target=t4-small" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--preset", "laptop"], "nano trains alike on every machine"),
        (["--policy", "act", "--target", "hf"], "there is no target 'hf': use --target torchrun:2"),
        (["--policy", "act", "--target", "hf:t4-small"], "add --repo-id, the name that `armchair push` gave it"),
        (["--policy", "act", "--target", "hf:t4-small", "--dry-run"], "add --repo-id, the name that"),
    ],
)
def test_what_cannot_be_trained_is_a_sentence(run, words, sentence):
    code, _, error = run("train", "data", *words, "--out", "x")
    assert code == 1 and sentence in error


def test_an_estimate_measures_and_begins_nothing(tmp_path, monkeypatch):
    from armchair.commands.training import lerobot as train_lerobot
    from armchair_policies.training.lerobot.measure import Speed
    from armchair_policies.training.lerobot.train import TrainingPlan

    monkeypatch.setattr(train_lerobot, "prepare", lambda job, *_: TrainingPlan(job, {}, ("it is small.",)))
    monkeypatch.setattr("armchair.commands.training.lerobot._measure", lambda job: Speed(0.5, 18))
    words = ["--policy", "act", "--preset", "laptop", "--minutes", "1", "--out", str(tmp_path / "out"), "--estimate"]
    done = CliRunner().invoke(app, ["train", str(tmp_path / "data"), *words])
    assert done.exit_code == 0, done.stderr
    assert "Note: it is small." in done.stdout and "takes 0.50 s a step" in done.stdout
    assert "120 steps take about 60 seconds." in done.stdout and "Next:" not in done.stdout
    assert not (tmp_path / "out").exists()
