"""Encoders: what turns sentences into vectors of their meaning, and where these are kept."""
