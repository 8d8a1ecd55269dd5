"""Reference numbers for the network's tests, from the formulas alone (NumPy, no Burn): run it and compare with
`REFERENCE` in src/geovt/reference.rs. Every parameter, in the order in which the modules declare them, is
0.25 · sin(0.9 · (i + 1) · (k + 1)), plus 0.5 for vectors, with i the parameter's number and k the flat index; inputs are likewise formulas.
"""
from math import erf

import numpy as np

gelu = lambda x: x * 0.5 * (1 + np.vectorize(erf)(x / np.sqrt(2)))
sigmoid = lambda x: 1 / (1 + np.exp(-x))


class Fill:
    def __init__(self):
        self.i = -1

    def __call__(self, *shape):
        self.i += 1
        k = np.arange(int(np.prod(shape)))
        return (0.25 * np.sin(0.9 * (self.i + 1) * (k + 1)) + 0.5 * (len(shape) == 1)).reshape(shape)


def conv(x, w, b, stride=1):  # x [rows, in, time], w [out, in, k], "same" zero padding
    pad = w.shape[2] // 2
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    n = (xp.shape[2] - w.shape[2]) // stride + 1
    cols = np.stack([xp[:, :, t * stride : t * stride + w.shape[2]] for t in range(n)], 2)
    return np.einsum("rctk,ock->rot", cols, w) + b[None, :, None]


def norm(x, gain, shift):  # over channels
    c = x - x.mean(1, keepdims=True)
    return c / np.sqrt((c * c).mean(1, keepdims=True) + 1e-5) * gain[None, :, None] + shift[None, :, None]


def harmonics(angles):
    t, p = angles[..., 0], angles[..., 1]
    x, y, z = np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)
    return np.stack([x, y, z, x * y, y * z, x * z, x * x - y * y, 3 * z * z - 1, x * (x * x - 3 * y * y), y * (3 * x * x - y * y),
                     z * (x * x - y * y), x * y * z, x * (5 * z * z - 1), y * (5 * z * z - 1), z * (5 * z * z - 3)], -1)


def geovt(kind, samples, angles, query, C, W, blocks):
    f = Fill()
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
    score = np.einsum("bw,bkw->bk", asked[:, 0] @ wq, own @ wk) / np.sqrt(W)
    if kind == "softmax":
        e = np.exp(score - score.max(1, keepdims=True))
        m = e / e.sum(1, keepdims=True)
    elif kind == "signed":
        m = score / np.sqrt(1 + (score**2).sum(1, keepdims=True))
    else:
        m = np.full_like(score, 1 / K)
    mod = np.concatenate([np.repeat(asked, K, 1), own], 2) @ film + film_b
    x = x * (1 + mod[..., :C])[..., None] + mod[..., C:, None]
    z = np.einsum("bk,bkct->bct", m, x)
    for _ in range(blocks):
        pw, pb, ew, eb = f(C, C, 1), f(C), f(C, C, 3), f(C)
        rw, rb, xw, xb, gate = f(C, -(-C // 4)), f(-(-C // 4)), f(-(-C // 4), C), f(C), f(C)
        found = gelu(conv(gelu(conv(z, pw, pb)), ew, eb))
        n = found.shape[2]
        pad = np.pad(found, ((0, 0), (0, 0), (16, 16)))
        around = np.stack([pad[:, :, t : t + 33].mean(2) for t in range(n)], 1)
        weight = sigmoid(gelu(around @ rw + rb) @ xw + xb).transpose(0, 2, 1)
        g = sigmoid(gate)[None, :, None]
        z = z * (1 - g) + found * weight * g
    half = -(-C // 2)
    sw, sb = f(half, C, 5), f(half)
    hn = f(half), f(half)
    rw, rb = f(1, half, 5), f(1)
    nxt = np.concatenate([z[:, :, 1:], z[:, :, -1:]], 2)
    up = np.stack([z, (z + nxt) / 2], 3).reshape(B, C, -1)[:, :, :T]
    M = sw.reshape(half, -1)
    u = np.ones(half) / np.sqrt(half)
    v = u @ M
    v /= np.linalg.norm(v)
    for _ in range(6):
        u = M @ v
        u /= np.linalg.norm(u)
        v = u @ M
        v /= np.linalg.norm(v)
    return conv(gelu(norm(conv(up, sw / (u @ M @ v), sb), *hn)), rw, rb)[:, 0]


def mix(features, edges, present, d, rounds):
    f = Fill()
    w, b = f(47, d), f(d)
    rs = [(f(6 * d, d), f(d), f(d, d), f(d)) for _ in range(rounds)]
    ow, ob, sw, sb = f(d, 1), f(1), f(d, 1), f(1)
    n = present.sum(1)[:, None, None]
    mask = present[..., None]
    h = gelu(features @ w + b) * mask
    for gw, gb, uw, ub in rs:
        along = np.einsum("beij,bjd->bied", edges, h).reshape(*h.shape[:2], -1) / n
        pooled = np.repeat(h.sum(1, keepdims=True) / n, h.shape[1], 1)
        h = h + gelu(np.concatenate([along, pooled, h], 2) @ gw + gb) @ uw + ub
        h = h / np.sqrt((h * h).mean(2, keepdims=True) + 1e-6) * mask
    own, shared = (h @ ow + ob)[..., 0], (h @ sw + sb) * mask
    return (own + 0.3 * np.einsum("bij,bj->bi", edges[:, -1], shared[..., 0])) * present


wave = lambda a, b, *shape: np.sin(a * np.arange(int(np.prod(shape))) + b).reshape(shape)
if __name__ == "__main__":
    np.set_printoptions(precision=6, suppress=True, linewidth=140)
    for kind, blocks in (("signed", 4), ("softmax", 4), ("average", 1)):
        y = geovt(kind, wave(0.37, 0.1, 2, 3, 37), 1.2 + 0.8 * wave(1.1, 0.2, 2, 3, 2), 1.0 + 0.5 * wave(0.7, 0.4, 2, 1, 2), 6, 5, blocks)
        print(kind, y[0, [0, 9, 18, 36]], y[1, [0, 9, 18, 36]])
    y = mix(wave(0.23, 0.3, 2, 4, 47), 0.5 * wave(0.41, 0.7, 2, 4, 4, 4), np.ones((2, 4)), 8, 2)
    print("mix", y.ravel())
