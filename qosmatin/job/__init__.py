"""A job: its documents, its pipeline, its progress."""
