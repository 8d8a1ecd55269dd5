#!/usr/bin/env bash
# The parts of an archive as a Slurm array: sbatch slurm_batch.sh INPUT OUTPUT --lead V7,V8
# Each task takes every 64th part. Submit it again, with the same options, to go on where it was stopped.
#SBATCH --job-name=ecg-panorama
#SBATCH --array=1-64
#SBATCH --cpus-per-task=2
#SBATCH --mem=2G
set -euo pipefail
input=$1 output=$2
shift 2
exec "${ECG_PANORAMA:-ecg-panorama}" batch "$input" --output "$output" --format parquet --resume \
  --shard "${SLURM_ARRAY_TASK_ID:?}/${SLURM_ARRAY_TASK_COUNT:?}" --jobs "${SLURM_CPUS_PER_TASK:-1}" "$@" >/dev/null
