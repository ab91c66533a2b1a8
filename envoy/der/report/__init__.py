"""Reporting while a device follows: its settings and status, its alarms, and its readings."""
