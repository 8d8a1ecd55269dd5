"""Makes wfdb/*.dat and .hea with random bytes in every storage format, and wfdb_codings.tsv with what wfdb-python reads from them.

    python3 make_wfdb_codings.py

A row per signal: record, signal, then the physical values (nan: not recorded). Made with wfdb 4.3.1.
"""

from pathlib import Path

import numpy as np
import wfdb

here = Path(__file__).parent / "wfdb"
rng = np.random.default_rng(20261121)
sizes = {"8": 1, "16": 2, "24": 3, "32": 4, "61": 2, "80": 1, "160": 2, "212": 1.5, "310": 4 / 3, "311": 4 / 3}
rows = []
for name, size in sizes.items():
    for variant, (per_frame, offset) in {"plain": (1, 0), "offset": (1, 24), "frames": (2, 0)}.items():
        record = f"f{name}_{variant}"
        n_frames = 31
        n_bytes = int(np.ceil(n_frames * 3 * per_frame * size / 4) * 4)
        data = rng.integers(0, 256, offset + n_bytes, dtype=np.uint8)
        if name == "311":
            # The two highest bits of each four bytes are unused; wfdb-python takes one of them into the third sample, the C library does not.
            data[offset + 3 :: 4] &= 0x3F
        (here / f"{record}.dat").write_bytes(data.tobytes())
        fmt = name + (f"x{per_frame}" if 1 < per_frame else "") + (f"+{offset}" if offset else "")
        lines = [f"{record} 3 100 {n_frames}"] + [f"{record}.dat {fmt} 200({idx})/mV 12 0 5 0 0 V{idx + 1}" for idx in range(3)]
        (here / f"{record}.hea").write_text("\n".join(lines) + "\n")
        try:
            read = wfdb.rdrecord(str(here / record), smooth_frames=False)
        except Exception as error:  # noqa: BLE001 - said, not hidden
            print("not read by wfdb:", record, repr(error)[:100])
            for suffix in (".dat", ".hea"):
                (here / f"{record}{suffix}").unlink()
            continue
        for idx in range(3):
            values = read.e_p_signal[idx]
            rows.append("\t".join([record, f"V{idx + 1}", *(f"{it:.9g}" for it in values)]))
(here.parent / "wfdb_codings.tsv").write_text("\n".join(rows) + "\n")
