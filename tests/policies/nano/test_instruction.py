"""Tasks are told apart by their sentences, and by nothing else."""

import pytest
import torch

from armchair_policies.nano.instruction import Instruction, vocabulary, words
from armchair_policies.nano.modeling_nano import NanoPolicy

SENTENCES = ["Go to the disc.", "Go away from the disc."]


@pytest.fixture
def make_policy(make_config):
    def make():
        torch.manual_seed(0)
        return NanoPolicy(make_config(vocabulary=vocabulary(SENTENCES)))

    return make


def test_words():
    assert words("Pick up the RED cube, please.") == ["pick", "up", "the", "red", "cube", "please"]
    assert vocabulary(SENTENCES) == ["away", "disc", "from", "go", "the", "to"]


def test_a_sentence_is_its_known_words():
    instruction = Instruction(vocabulary(SENTENCES), 8)
    plain, polite = instruction(["Go to the disc."]), instruction(["go TO the disc, please"])
    torch.testing.assert_close(plain, polite)
    both = instruction(SENTENCES)
    torch.testing.assert_close(both[:1], plain)
    assert not torch.allclose(both[0], both[1])


def test_no_sentence_and_no_known_word(make_policy, make_batch, make_config):
    batch = make_batch(make_config(), 1)
    with pytest.raises(ValueError, match="knows several tasks and was told none: say it with away, disc"):
        make_policy().select_action(batch)
    with pytest.raises(ValueError, match="no word of the task 'fold a towel' was there in training"):
        make_policy().select_action({**batch, "task": ["fold a towel"]})


def test_the_sentence_alone_decides(make_policy, make_batch, make_config):
    """The same pictures and joints, opposite ways to go: after some steps the answers are opposite, too."""
    policy = make_policy()
    optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-3)
    for step in range(60):
        batch = make_batch(make_config(), 16, seed=step)
        batch["task"] = [SENTENCES[row % 2] for row in range(16)]
        batch["action"][1::2] *= -1
        batch["action"] += batch["observation.state"][:, None]
        optimizer.zero_grad()
        policy(batch)[0].backward()
        optimizer.step()
    policy.eval()
    batch = make_batch(make_config(), 16, seed=1000)
    here = batch["observation.state"][:, None]
    there = policy.predict_action_chunk({**batch, "task": SENTENCES[:1] * 16}) - here
    away = policy.predict_action_chunk({**batch, "task": SENTENCES[1:] * 16}) - here
    assert (there - away).abs().mean() > 0.3
    agree = (torch.sign(there) == torch.sign(batch["action"])).float().mean()
    contrary = (torch.sign(away) == -torch.sign(batch["action"])).float().mean()
    assert agree > 0.7 and contrary > 0.7


def test_it_survives_the_disk(make_policy, make_batch, make_config, tmp_path):
    policy = make_policy()
    policy.save_pretrained(tmp_path)
    again = NanoPolicy.from_pretrained(tmp_path)
    batch = {**make_batch(make_config(), 1), "task": SENTENCES[1:]}
    torch.testing.assert_close(again.predict_action_chunk(batch), policy.eval().predict_action_chunk(batch))
