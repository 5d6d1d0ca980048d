"""Nano learns where to point from some hundred pictures, and is right about pictures it has not seen."""

import torch

from armchair_policies.nano.configuration_nano import NanoConfig
from armchair_policies.nano.modeling_nano import NanoPolicy


def learn(config: NanoConfig, seen: dict[str, torch.Tensor], steps: int) -> NanoPolicy:
    policy = NanoPolicy(config).train()
    optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-3, fused=True)
    for _ in range(steps):
        rows = torch.randint(len(seen["action"]), (32,))
        optimizer.zero_grad()
        policy({key: values[rows] for key, values in seen.items()})[0].backward()
        optimizer.step()
    return policy.eval()


def test_error_on_unseen_places_drops_far_below_the_best_constant(make_config, make_batch):
    torch.manual_seed(0)
    # Where the disc stands is the answer, so move it little; the joints stand anywhere, so tell where exactly.
    config = make_config(random_shift_px=1, state_noise=0.0)
    seen, unseen = make_batch(config, 300, seed=0), make_batch(config, 100, seed=1)
    policy = learn(config, seen, 200)
    best_constant = unseen["action"].abs().mean()  # zero, the middle of the range
    error = policy(unseen)[1]["l1_loss"]
    assert error < 0.1 * best_constant


def test_where_two_ways_were_shown_it_goes_one_of_them(make_config, make_batch):
    """Half of the demonstrations go left where the others go right: each time one of both, never between."""
    torch.manual_seed(0)
    config = make_config()
    seen, unseen = make_batch(config, 200, seed=0), make_batch(config, 100, seed=1)
    sides = torch.where(torch.arange(200) % 2 == 0, 1.0, -1.0)
    seen["action"] = seen["observation.state"][:, None] + sides[:, None, None].expand_as(seen["action"])
    policy = learn(config, seen, 100)
    gone = policy.predict_action_chunk(unseen) - unseen["observation.state"][:, None]
    assert (gone.abs() - 1).abs().mean() < 0.2
    assert 0.2 < (gone.mean((1, 2)) > 0).float().mean() < 0.8
