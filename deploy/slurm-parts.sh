#!/bin/bash
# A corpus in parts, a config for each: sbatch --array=1-8 deploy/slurm-parts.sh parts/part-%d.yaml
# The configs differ in their files and their folder alone. When all are done (a killed task goes on where it was):
#   qosmatin merge parts/1 parts/2 ... -o corpora/all
#SBATCH --job-name=qosmatin-parts
#SBATCH --cpus-per-task=4
#SBATCH --mem=16G
#SBATCH --time=12:00:00
#SBATCH --requeue
set -eu
# shellcheck disable=SC2059  # the pattern is the user's
exec qosmatin run "$(printf "$1" "$SLURM_ARRAY_TASK_ID")" --quiet --log "qosmatin-$SLURM_JOB_ID.log"
