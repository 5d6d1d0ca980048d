"""The contract of the network: shapes, padding, pictures of any size, weights that go to disk and back."""

import socket

import pytest
import torch

from armchair_policies.nano.modeling_nano import NanoPolicy, random_shift, resize

THREE = {"front": (96, 96), "wrist": (48, 64), "side": (120, 90)}


@pytest.mark.parametrize("cameras", [{"front": (96, 96)}, THREE], ids=["one camera", "three of other sizes"])
def test_shapes_and_size(make_config, make_batch, cameras):
    config = make_config(cameras)
    policy, batch = NanoPolicy(config), make_batch(config, 2)
    loss, info = policy(batch)
    assert loss.ndim == 0 and loss.requires_grad
    assert info["l1_loss"] == pytest.approx(loss.item())
    assert policy.predict_action_chunk(batch).shape == (2, 16, 2)
    assert policy.select_action(batch).shape == (2, 2)
    assert sum(parameter.numel() for parameter in policy.parameters()) < 1_000_000


def test_a_head_that_says_nothing_leaves_the_arm_where_it_is(make_config, make_batch):
    config = make_config()
    policy, batch = NanoPolicy(config).train(), make_batch(config, 3)
    torch.nn.init.zeros_(policy.head[-1].weight)
    torch.nn.init.zeros_(policy.head[-1].bias)
    here = batch["observation.state"][:, None].expand(-1, config.chunk_size, -1)
    assert torch.equal(policy.predict_action_chunk(batch), here)  # the noise of training is for the head alone


def test_padded_actions_do_not_count(make_config, make_batch):
    config = make_config()
    policy, batch = NanoPolicy(config).eval(), make_batch(config, 4)
    batch["action_is_pad"][:, 5:] = True
    loss = policy(batch)[0]
    batch["action"][:, 5:] = 1e6
    assert policy(batch)[0] == loss
    batch["action"][:, 4] += 1
    assert policy(batch)[0] != loss
    predicted = policy.predict_action_chunk(batch)
    by_hand = (predicted - batch["action"])[:, :5].abs().mean()
    torch.testing.assert_close(policy(batch)[0], by_hand)


def test_a_batch_of_padding_alone_has_no_loss(make_config, make_batch):
    config = make_config()
    batch = make_batch(config, 2)
    batch["action_is_pad"][:] = True
    assert NanoPolicy(config)(batch)[0] == 0


def test_foresight_teaches_the_encoders_while_training(make_config, make_batch):
    config = make_config(foresight_ticks=[16, 32], dropout=0.0, state_noise=0.0, random_shift_px=0, color_jitter=0.0)
    policy, batch = NanoPolicy(config).train(), make_batch(config, 4)
    ahead = torch.randn(4, 2, 2)
    loss, info = policy({**batch, "nano.ahead": ahead})
    (seen,) = policy._see(batch)
    missed = (policy.foresight[0](seen).view(4, 2, 2) - ahead).abs().mean()
    torch.testing.assert_close(loss - info["l1_loss"], config.foresight_weight * missed)
    missed.backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in policy.encoders[0].maps[0].parameters())
    torch.testing.assert_close(policy.eval()(batch)[0].item(), info["l1_loss"])  # who judges has no need of it


def test_select_action_looks_once_every_n_action_steps(make_config, make_batch):
    config = make_config(n_action_steps=3)
    policy = NanoPolicy(config).eval()
    first, second = make_batch(config, 1, seed=1), make_batch(config, 1, seed=2)
    chunk = policy.predict_action_chunk(first)[0]
    played = [policy.select_action(first)] + [policy.select_action(second) for _ in range(3)]
    torch.testing.assert_close(torch.cat(played[:3]), chunk[:3])
    torch.testing.assert_close(played[3], policy.predict_action_chunk(second)[:, 0])
    policy.reset()
    torch.testing.assert_close(policy.select_action(first)[0], chunk[0])


def test_bytes_and_floats_are_the_same_picture(make_config, make_batch):
    config = make_config()
    policy, batch = NanoPolicy(config).eval(), make_batch(config, 2)
    as_floats = {**batch, "observation.images.front": batch["observation.images.front"] / 255}
    torch.testing.assert_close(policy.predict_action_chunk(batch), policy.predict_action_chunk(as_floats))


def test_augmentation_only_while_training(make_config, make_batch):
    config = make_config()
    policy, batch = NanoPolicy(config), make_batch(config, 4)
    assert policy.train()(batch)[0] != policy(batch)[0]
    assert policy.eval()(batch)[0] == policy(batch)[0]


def test_random_shift_moves_by_whole_pixels_and_repeats_the_border():
    torch.manual_seed(0)
    picture = torch.arange(8 * 8, dtype=torch.uint8).view(1, 1, 8, 8).repeat(50, 3, 1, 1)
    shifts = set()
    for moved in random_shift(picture, 2):
        candidates = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if torch.equal(moved, _shifted(picture[0], down, right))
        ]
        assert len(candidates) == 1
        shifts.add(candidates[0])
    assert len(shifts) > 10


def _shifted(picture, down, right):
    rows, columns = (torch.arange(8) + down).clamp(0, 7), (torch.arange(8) + right).clamp(0, 7)
    return picture[:, rows][:, :, columns]


def test_resize_keeps_where_things_are(make_config, make_batch):
    large, small = make_config({"front": (240, 320)}), make_config()
    key = "observation.images.front"
    shrunk = resize(make_batch(large, 3)[key], 96).float()
    assert (shrunk - make_batch(small, 3)[key].float()).abs().mean() < 2


def test_saved_and_loaded_it_does_the_same_without_network(make_config, make_batch, tmp_path, monkeypatch):
    config = make_config(THREE)
    policy, batch = NanoPolicy(config).eval(), make_batch(config, 2)
    policy.save_pretrained(tmp_path)

    def refuse(*args, **kwargs):
        raise AssertionError("loading a policy must not use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    loaded = NanoPolicy.from_pretrained(tmp_path)
    assert torch.equal(loaded.predict_action_chunk(batch), policy.predict_action_chunk(batch))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"n_action_steps": 17}, "use 1 to 16"),
        ({"n_action_steps": 0}, "use 1 to 16"),
        ({"n_obs_steps": 2}, "one observation at a time"),
    ],
)
def test_impossible_settings_are_refused(make_config, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        make_config(**change)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("observation.images.front", "no camera"), ("observation.state", r"no observation\.state")],
)
def test_missing_inputs_are_named(make_config, missing, sentence):
    config = make_config()
    del config.input_features[missing]
    with pytest.raises(ValueError, match=sentence):
        NanoPolicy(config)
