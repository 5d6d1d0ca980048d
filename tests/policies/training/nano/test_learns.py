"""Nano learns where to point from some hundred pictures, and is right about pictures it has not seen."""

import torch

from armchair_policies.nano.modeling_nano import NanoPolicy


def test_error_on_unseen_places_drops_far_below_the_best_constant(make_config, make_batch):
    torch.manual_seed(0)
    # Where the disc stands is the answer, so move it little; the joints stand anywhere, so tell where exactly.
    config = make_config(random_shift_px=1, state_noise=0.0)
    seen, unseen = make_batch(config, 300, seed=0), make_batch(config, 100, seed=1)
    policy = NanoPolicy(config).train()
    optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-3, fused=True)
    for _ in range(200):
        rows = torch.randint(300, (32,))
        optimizer.zero_grad()
        policy({key: values[rows] for key, values in seen.items()})[0].backward()
        optimizer.step()
    best_constant = unseen["action"].abs().mean()  # zero, the middle of the range
    error = policy.eval()(unseen)[0]
    assert error < 0.1 * best_constant
