"""The electrocardiogram at any electrode position, with the error to expect.

For research and teaching, not for diagnosis.
"""

from __future__ import annotations

import json
import os
from typing import Any, Iterable

import numpy as np

from . import _native
from ._native import __version__

__all__ = ["Exam", "Lead", "Patient", "open", "__version__"]


def _array(samples: bytes) -> np.ndarray:
    return np.frombuffer(samples, dtype=np.float32)


class Exam:
    """A recording: leads of one rate, in millivolts."""

    def __init__(self, samples_mv: np.ndarray, leads: Iterable[str], rate_hz: float) -> None:
        """From an array of leads by samples; NaN where nothing was recorded."""
        samples_mv = np.ascontiguousarray(samples_mv, dtype=np.float32)
        leads = list(leads)
        if samples_mv.ndim != 2 or len(samples_mv) != len(leads):
            raise ValueError(f"samples_mv has the shape {samples_mv.shape}, expected {len(leads)} rows, one for each lead")
        self._native = _native.Exam.from_bytes(samples_mv.tobytes(), leads, float(rate_hz))

    @property
    def leads(self) -> list[str]:
        """Names of the recorded leads."""
        return self._native.leads

    @property
    def rate_hz(self) -> float:
        """Samples per second."""
        return self._native.rate_hz

    @property
    def samples_mv(self) -> np.ndarray:
        """Millivolts, leads by samples, float32."""
        return _array(self._native.samples_mv).reshape(len(self.leads), -1)

    @property
    def warnings(self) -> list[str]:
        """What reading the file had to say."""
        return self._native.warnings

    def calibrate(
        self,
        *,
        inputs: Iterable[str] | None = None,
        withhold: Iterable[str] = (),
        seconds: float = 5.0,
        closed_form: bool = False,
    ) -> Patient:
        """Learns this patient from the first seconds. Leads in `withhold` are not looked at; where
        `inputs` names leads, only those are mixed and the others calibrate."""
        inputs = None if inputs is None else list(inputs)
        return Patient(self._native.calibrate(inputs, list(withhold), float(seconds), closed_form))

    def measure(self) -> dict[str, Any]:
        """What an electrocardiograph prints: rate, intervals, axes, each lead's waves."""
        return json.loads(self._native.measure())


class Patient:
    """A recording that was calibrated on."""

    def __init__(self, native: _native.Patient) -> None:
        self._native = native

    @property
    def method(self) -> str:
        """How it was calibrated."""
        return self._native.method

    def synthesise(self, lead: str) -> Lead:
        """The lead at a place: a name (`V7`, `V1@2ICS`, `X`) or a direction in degrees (`48,-38`)."""
        return Lead(self._native.synthesise(lead))

    def reliability(self, lead: str) -> dict[str, Any]:
        """How far that lead can be relied on: grade, reasons, this patient's own errors. The first
        call withholds each recorded chest lead in turn, which takes longest."""
        return json.loads(self._native.reliability(lead))


class Lead:
    """A lead that was made. Synthesised ones are estimated, not recorded, not for diagnosis."""

    def __init__(self, native: _native.Lead) -> None:
        self._native = native

    @property
    def name(self) -> str:
        """Which lead."""
        return self._native.name

    @property
    def label(self) -> str:
        """What to write beside it: `d` before the name says that it was synthesised."""
        return self._native.label

    @property
    def is_synthesised(self) -> bool:
        """Whether it was estimated rather than recorded or derived exactly."""
        return self._native.is_synthesised

    @property
    def samples_mv(self) -> np.ndarray:
        """Millivolts, float32."""
        return _array(self._native.samples_mv)

    @property
    def band_mv(self) -> np.ndarray:
        """Half-width of the 90 % band at each sample, millivolts."""
        return _array(self._native.band_mv)

    @property
    def expected_rmse_uv(self) -> float:
        """Root mean square error to expect, microvolts."""
        return self._native.expected_rmse_uv

    @property
    def contributions(self) -> dict[str, float]:
        """How much of each recorded lead it contains."""
        return self._native.contributions

    def __repr__(self) -> str:
        return f"<Lead {self.label}, ± {self.expected_rmse_uv:.0f} µV to expect>"


def open(path: str | os.PathLike[str]) -> Exam:
    """Opens a recording of any format that the program reads."""
    exam = Exam.__new__(Exam)
    exam._native = _native.Exam.open(os.fspath(path))
    return exam
