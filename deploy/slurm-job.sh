#!/bin/bash
# A whole job on one node: sbatch deploy/slurm-job.sh configs/nllb-ctranslate2.yaml
# Killed or out of time, it goes on where it was when it is submitted again. Translation spread over many nodes:
# configs/slurm-array.sh.
#SBATCH --job-name=qosmatin
#SBATCH --cpus-per-task=8
#SBATCH --mem=32G
#SBATCH --time=12:00:00
#SBATCH --requeue
set -eu
export OMP_NUM_THREADS="$SLURM_CPUS_PER_TASK"
qosmatin config check "$1"
exec qosmatin run "$1" --quiet --log "qosmatin-$SLURM_JOB_ID.log"
