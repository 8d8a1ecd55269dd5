"""Makes sample_numbers.tsv: what wfdb-python and pyedflib read from the sample files, a row per channel.

    python3 make_sample_numbers.py ../../../shared/data/samples > sample_numbers.tsv

Columns: file, channel, Hz, samples, mV of the samples 0, 1 and the last, minimum, maximum, mean, and the sum over i of
(i mod 97 + 1) times mV, which a swapped or shifted sample changes. Made with wfdb 4.3.1 and pyedflib 0.1.42.
"""

import sys
from pathlib import Path

import numpy as np
import pyedflib
import wfdb

MV = {"mV": 1.0, "uV": 1e-3, "V": 1e3}


def row(file, channel, hz, mv):
    weights = np.arange(len(mv)) % 97 + 1
    numbers = [mv[0], mv[1], mv[-1], mv.min(), mv.max(), mv.mean(), (weights * mv).sum()]
    print(file, channel, f"{hz:g}", len(mv), *(f"{it:.9g}" for it in numbers), sep="\t")


folder = Path(sys.argv[1])
print("file\tchannel\thz\tsamples\tfirst\tsecond\tlast\tmin\tmax\tmean\tweighted")
for file in sorted(folder.glob("*.hea")):
    record = wfdb.rdrecord(str(file.with_suffix("")))
    for idx, name in enumerate(record.sig_name):
        row(file.name, name, record.fs, record.p_signal[:, idx] * MV[record.units[idx]])
for file in sorted([*folder.glob("*.edf"), *folder.glob("*.bdf")]):
    with pyedflib.EdfReader(str(file)) as reader:
        for idx in range(reader.signals_in_file):
            mv = reader.readSignal(idx) * MV[reader.getPhysicalDimension(idx).strip()]
            row(file.name, reader.getLabel(idx).strip(), reader.getSampleFrequency(idx), mv)
