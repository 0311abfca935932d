#!/bin/bash
# A SLURM array over a job whose corpus folder is on a disk that all nodes share. Sentences first, then the shards:
#   qosmatin run configs/nllb-ctranslate2.yaml --until split
#   sbatch --array=1-8 configs/slurm-array.sh configs/nllb-ctranslate2.yaml
# and when all are done (a killed task goes on where it was when it is submitted again):
#   qosmatin run configs/nllb-ctranslate2.yaml
#SBATCH --job-name=qosmatin
#SBATCH --gpus-per-task=1
#SBATCH --cpus-per-task=4
#SBATCH --time=24:00:00
#SBATCH --requeue
set -eu
exec qosmatin translate "$1" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
