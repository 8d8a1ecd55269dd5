"""The package beside the program: the same numbers, nothing mislabelled."""

import importlib.util
import json
import os
import pathlib
import re
import subprocess

import numpy as np
import pytest

import ecg_panorama as ecg

ROOT = pathlib.Path(__file__).parents[2]
DEMO = ROOT / "assets" / "demos" / "normal.edf"
PTBXL = ROOT / ".." / "shared" / "data" / "samples" / "00001_hr.hea"


def test_a_lead_in_five_lines_as_documented(tmp_path, monkeypatch, capsys):
    if not PTBXL.exists():
        pytest.skip("no PTB-XL record here")
    folder = tmp_path / "records500" / "00000"
    folder.mkdir(parents=True)
    for ending in ("hea", "dat"):
        (folder / f"00001_hr.{ending}").symlink_to(PTBXL.with_suffix(f".{ending}").resolve())
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "python" / "README.md").read_text()
    lines = re.search(r"```python\n(.*?)```", page, re.S)[1]
    assert len(lines.strip().splitlines()) == 5
    exec(lines, {})
    said = capsys.readouterr().out
    assert re.fullmatch(r"dV7 \(5000,\) \d+\.\d+ [ABC]|dV7 \(5000,\) \d+\.\d+ not supported", said.strip()), said


def cells():
    notebook = json.loads((ROOT / "python" / "ptb-xl.ipynb").read_text())
    return ["".join(it["source"]) for it in notebook["cells"] if it["cell_type"] == "code"]


def test_the_notebook_runs_on_a_ptb_xl_record():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    if not PTBXL.exists():
        pytest.skip("no PTB-XL record here")
    names = {}
    for cell in cells():
        exec(cell.replace("records500/00000/00001_hr.hea", str(PTBXL)), names)
    assert 0 < names["error_uv"] < 300 and names["measured"]["qrs_ms"]


def test_the_recipe_for_spark_gives_a_row_for_each_lead_and_one_for_what_failed():
    pd = pytest.importorskip("pandas")
    spec = importlib.util.spec_from_file_location("spark_batch", ROOT / "docs" / "recipes" / "spark_batch.py")
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    exam = ecg.open(DEMO)
    good = {"record": "good", "rate_hz": exam.rate_hz, **dict(zip(exam.leads, exam.samples_mv))}
    part = pd.DataFrame([good, {**good, "record": "bad", "rate_hz": 0.0}])
    (found,) = recipe.work(["V7", "V8"])(iter([part]))
    assert list(found["record"]) == ["good", "good", "bad"]
    assert list(found["lead"])[:2] == ["dV7", "dV8"] and "rate_hz" in found["reason"][2]
    alone = exam.calibrate().synthesise("V7")
    assert np.array_equal(found["samples_mv"][0], alone.samples_mv)


def test_the_same_numbers_as_the_program(tmp_path):
    program = os.environ.get("ECG_PANORAMA")
    if not program:
        pytest.skip("ECG_PANORAMA does not name the program")
    command = [program, "reliability", str(DEMO), "--lead", "V8", "--withhold", "V6", "--json"]
    theirs = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[0]
    patient = ecg.open(DEMO).calibrate(withhold=["V6"])
    assert patient.reliability("V8") == theirs


def test_arrays_give_what_the_file_gives():
    exam = ecg.open(DEMO)
    again = ecg.Exam(exam.samples_mv, exam.leads, exam.rate_hz)
    assert exam.samples_mv.dtype == np.float32 and exam.samples_mv.shape[0] == len(exam.leads)
    one, other = (it.calibrate(closed_form=True).synthesise("V1@2ICS") for it in (exam, again))
    assert np.array_equal(one.samples_mv, other.samples_mv)
    assert one.expected_rmse_uv == other.expected_rmse_uv


def test_what_was_synthesised_says_so_and_what_was_recorded_does_not():
    exam = ecg.open(DEMO)
    patient = exam.calibrate(closed_form=True)
    made = patient.synthesise("V7")
    assert made.is_synthesised and made.label == "dV7" and made.band_mv.shape == made.samples_mv.shape
    recorded = patient.synthesise("V2")
    assert not recorded.is_synthesised and recorded.label == "V2"
    assert np.allclose(recorded.samples_mv, exam.samples_mv[exam.leads.index("V2")], atol=1e-6)


def test_measurements_are_plausible():
    table = ecg.open(DEMO).measure()
    assert 40 < table["heart_rate_bpm"] < 120 and 60 < table["qrs_ms"] < 140


@pytest.mark.parametrize(
    "call, word",
    [
        (lambda: ecg.open("/nowhere/a.edf"), "nowhere"),
        (lambda: ecg.Exam(np.zeros((2, 10)), ["I"], 500), "rows"),
        (lambda: ecg.Exam(np.zeros((1, 10)), ["I"], 0), "rate_hz"),
        (lambda: ecg.open(DEMO).calibrate(withhold=["V99"]), "V99"),
        (lambda: ecg.open(DEMO).calibrate(closed_form=True).synthesise("nonsense"), "nonsense"),
    ],
)
def test_errors_say_what_was_found(call, word):
    with pytest.raises(ValueError, match=word):
        call()
