"""Campaigns: people judge what systems translated."""
