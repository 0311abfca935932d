"""Samples of pairs: drawn at random, judged blind, estimated."""
