"""Comparisons with other systems, which are not installed with this one."""
