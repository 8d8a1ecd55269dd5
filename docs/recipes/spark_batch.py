"""Leads, errors and grades by Spark: spark-submit spark_batch.py SIGNALS.parquet OUT V7,V8

Reads rows as `batch` does (a list column for each lead, `record`, `rate_hz`; millivolts here) and works on them by
`mapInPandas` with the Python package, which must be installed on the executors. Spark decides where a row is worked on;
what comes out of a row depends on that row and the settings alone.
"""

import sys

import numpy as np
import pandas as pd

import ecg_panorama as ecg

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
SCHEMA = (
    "record string, lead string, is_synthesised boolean, expected_rmse_uv double, grade string, "
    "rate_hz double, samples_mv array<float>, reason string"
)
COLUMNS = [column.split()[0] for column in SCHEMA.split(", ")]


def rows_of(row, wanted):
    """One row for each wanted lead; or one that says why there are none."""
    names = [name for name in LEADS if getattr(row, name, None) is not None]
    try:
        exam = ecg.Exam(np.array([getattr(row, name) for name in names]), names, row.rate_hz)
        patient = exam.calibrate()
        for name in wanted:
            lead = patient.synthesise(name)
            grade = patient.reliability(name)["grade"]
            yield (row.record, lead.label, lead.is_synthesised, lead.expected_rmse_uv, grade, row.rate_hz, lead.samples_mv, None)
    except ValueError as error:
        yield (row.record, None, None, None, None, None, None, str(error))


def work(wanted):
    """What `mapInPandas` asks for: frames to frames, a few exams at a time."""

    def frames(parts):
        for part in parts:
            rows = [made for row in part.itertuples(index=False) for made in rows_of(row, wanted)]
            yield pd.DataFrame(rows, columns=COLUMNS)

    return frames


def main():
    from pyspark.sql import SparkSession

    signals, out, wanted = sys.argv[1:4]
    spark = SparkSession.builder.appName("ecg-panorama").config("spark.sql.execution.arrow.maxRecordsPerBatch", 64).getOrCreate()
    exams = spark.read.parquet(signals)
    exams.mapInPandas(work(wanted.split(",")), SCHEMA).write.parquet(out)


if __name__ == "__main__":
    main()
