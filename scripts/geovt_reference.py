"""Reference numbers for the networks' tests, from the formulas alone (PyTorch's autograd, no Burn): run it and compare with
the constants in src/geovt/reference.rs and src/training/published_baselines/reference.rs. Every parameter, in the order in
which the modules declare them, is
0.25 · sin(0.9 · (i + 1) · (k + 1)), plus 0.5 for vectors, with i the parameter's number and k the flat index; inputs are likewise
formulas. Beside each answer stands one number per parameter: Σ_k cos(k) · ∂(mean of squares of the answer) / ∂ parameter_k.
"""
import math

import torch
from torch.nn.functional import gelu, pad, relu

torch.set_default_dtype(torch.float64)
sigmoid = torch.sigmoid


class Fill:
    def __init__(self):
        self.all = []

    def __call__(self, *shape):
        k = torch.arange(math.prod(shape))
        it = (0.25 * torch.sin(0.9 * (len(self.all) + 1) * (k + 1)) + 0.5 * (len(shape) == 1)).reshape(shape).requires_grad_()
        self.all.append(it)
        return it

    def digest(self, y):
        y.square().mean().backward()
        return torch.stack([(it.grad.flatten() * torch.cos(torch.arange(it.numel()).double())).sum() for it in self.all])


def conv(x, w, b, stride=1):  # x [rows, in, time], w [out, in, k], "same" zero padding
    return torch.nn.functional.conv1d(x, w, b, stride=stride, padding=w.shape[2] // 2)


def norm(x, gain, shift):  # over channels
    c = x - x.mean(1, keepdim=True)
    return c / torch.sqrt((c * c).mean(1, keepdim=True) + 1e-5) * gain[None, :, None] + shift[None, :, None]


def harmonics(angles):
    t, p = angles[..., 0], angles[..., 1]
    x, y, z = torch.sin(t) * torch.cos(p), torch.sin(t) * torch.sin(p), torch.cos(t)
    return torch.stack([x, y, z, x * y, y * z, x * z, x * x - y * y, 3 * z * z - 1, x * (x * x - 3 * y * y), y * (3 * x * x - y * y),
                        z * (x * x - y * y), x * y * z, x * (5 * z * z - 1), y * (5 * z * z - 1), z * (5 * z * z - 3)], -1)


def geovt(f, kind, samples, angles, query, C, W, blocks):
    lift, lift_b, proj, proj_b = f(15, W), f(W), f(W, W), f(W)
    embed = lambda a: gelu(harmonics(a) @ lift + lift_b) @ proj + proj_b
    B, K, T = samples.shape
    stem = f(C, 1, 9), f(C)
    n0 = f(C), f(C)
    c1 = f(C, C, 5), f(C)
    n1 = f(C), f(C)
    c2 = f(C, C, 5), f(C)
    n2 = f(C), f(C)
    film, film_b = f(2 * W, 2 * C), f(2 * C)
    wq, wk = f(W, W), f(W, W)
    x = gelu(norm(conv(samples.reshape(B * K, 1, T), *stem, stride=2), *n0))
    x = gelu(x + norm(conv(gelu(norm(conv(x, *c1), *n1)), *c2), *n2))
    x = x.reshape(B, K, C, -1)
    asked, own = embed(query), embed(angles)
    score = torch.einsum("bw,bkw->bk", asked[:, 0] @ wq, own @ wk) / math.sqrt(W)
    if kind == "softmax":
        m = torch.softmax(score, 1)
    else:
        m = torch.full_like(score, 1 / K)
    mod = torch.cat([asked.expand(B, K, W), own], 2) @ film + film_b
    x = x * (1 + mod[..., :C])[..., None] + mod[..., C:, None]
    z = torch.einsum("bk,bkct->bct", m, x)
    for _ in range(blocks):
        pw, pb, ew, eb = f(C, C, 1), f(C), f(C, C, 3), f(C)
        rw, rb, xw, xb, gate = f(C, -(-C // 4)), f(-(-C // 4)), f(-(-C // 4), C), f(C), f(C)
        found = gelu(conv(gelu(conv(z, pw, pb)), ew, eb))
        n = found.shape[2]
        wide = pad(found, (16, 16))
        around = torch.stack([wide[:, :, t : t + 33].mean(2) for t in range(n)], 1)
        weight = sigmoid(gelu(around @ rw + rb) @ xw + xb).transpose(1, 2)
        g = sigmoid(gate)[None, :, None]
        z = z * (1 - g) + found * weight * g
    half = -(-C // 2)
    sw, sb = f(half, C, 5), f(half)
    hn = f(half), f(half)
    rw, rb = f(1, half, 5), f(1)
    nxt = torch.cat([z[:, :, 1:], z[:, :, -1:]], 2)
    up = torch.stack([z, (z + nxt) / 2], 3).reshape(B, C, -1)[:, :, :T]
    M = sw.reshape(half, -1)
    with torch.no_grad():  # the vectors are constants for the gradient
        unit = lambda it: it / it.norm()
        v = unit(unit(torch.ones(half)) @ M)
        for _ in range(6):
            u = unit(M @ v)
            v = unit(u @ M)
    return conv(gelu(norm(conv(up, sw / (u @ M @ v), sb), *hn)), rw, rb)[:, 0]


def trunk(f, features, edges, present, d, rounds):
    w, b = f(47, d), f(d)
    rs = [(f(6 * d, d), f(d), f(d, d), f(d)) for _ in range(rounds)]
    n = present.sum(1)[:, None, None]
    mask = present[..., None]
    h = gelu(features @ w + b) * mask
    for gw, gb, uw, ub in rs:
        along = torch.einsum("beij,bjd->bied", edges, h).reshape(*h.shape[:2], -1) / n
        pooled = (h.sum(1, keepdim=True) / n).expand(h.shape)
        h = h + gelu(torch.cat([along, pooled, h], 2) @ gw + gb) @ uw + ub
        h = h / torch.sqrt((h * h).mean(2, keepdim=True) + 1e-6) * mask
    return h


def mix(f, features, edges, present, d, rounds):
    h = trunk(f, features, edges, present, d, rounds)
    ow, ob, sw, sb = f(d, 1), f(1), f(d, 1), f(1)
    own, shared = (h @ ow + ob)[..., 0], (h @ sw + sb) * present[..., None]
    return (own + 0.3 * torch.einsum("bij,bj->bi", edges[:, -1], shared[..., 0])) * present


def residual(f, features, edges, present, taps, mixed, d, rounds, channels, hidden, layers):
    h = trunk(f, features, edges, present, d, rounds)
    lags = mixed.shape[2]
    bank, prior_bank = f(lags, channels), f(lags, channels)
    aw, ab, sw, sb = f(d, channels), f(channels), f(d, channels), f(channels)
    fw, fb, mw, mb = f(channels, hidden), f(hidden), f(d, 2 * hidden), f(2 * hidden)
    deep = [(f(hidden, hidden), f(hidden)) for _ in range(layers)]
    rw, rb = f(hidden, 1), f(1)
    mask = present[..., None]
    patient = h.sum(1) / present.sum(1, keepdim=True)
    scores = (h @ aw + ab) * mask
    b, time, _ = taps.shape
    near = taps.reshape(b, time, -1, lags)
    first = torch.einsum("blc,kc,btlk->btc", scores, bank, near) + mixed @ prior_bank + (patient @ sw + sb)[:, None]
    film = patient @ mw + mb
    second = relu((relu(first) @ fw + fb) * (1 + film[:, None, :hidden]) + film[:, None, hidden:])
    for w, b in deep:
        second = second + relu(second @ w + b)
    return (second @ rw + rb)[..., 0]


wave = lambda a, b, *shape: torch.sin(a * torch.arange(math.prod(shape)) + b).reshape(shape)


if __name__ == "__main__":
    rust = lambda it: ", ".join(f"{float(x):.6g}" for x in torch.as_tensor(it).detach())
    for kind, blocks in (("softmax", 4), ("average", 1), ("softmax", 1)):
        f = Fill()
        y = geovt(f, kind, wave(0.37, 0.1, 2, 3, 37), 1.2 + 0.8 * wave(1.1, 0.2, 2, 3, 2), 1.0 + 0.5 * wave(0.7, 0.4, 2, 1, 2), 6, 5, blocks)
        # Attention takes no part where leads are averaged.
        for it in f.all:
            it.grad = torch.zeros_like(it)
        print(kind, blocks, [rust(y[:, [0, 9, 18, 36]].flatten())], [rust(f.digest(y))])
    f = Fill()
    y = mix(f, wave(0.23, 0.3, 2, 4, 47), 0.5 * wave(0.41, 0.7, 2, 4, 4, 4), torch.ones(2, 4), 8, 2)
    print("mix", [rust(y.flatten())], [rust(f.digest(y))])
    f = Fill()
    present = torch.tensor([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0]])
    edges = 0.5 * wave(0.41, 0.7, 2, 4, 4, 4) * present[:, None, None, :] * present[:, None, :, None]
    y = residual(f, wave(0.23, 0.3, 2, 4, 47), edges, present, wave(0.31, 0.2, 2, 5, 60), wave(0.53, 0.9, 2, 5, 15), 8, 2, 6, 5, 1)
    print("residual", [rust(y.flatten())], [rust(f.digest(y))])
