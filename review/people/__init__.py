"""Accounts, passwords, sessions, and the throttling of attempts."""
