"""Tests of subscriptions and notifications."""
