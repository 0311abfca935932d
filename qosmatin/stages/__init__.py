"""The stages of a job: one module for each, and the order in which they run."""
