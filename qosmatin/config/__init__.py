"""Configs: YAML files read into typed models, with every fault named."""
