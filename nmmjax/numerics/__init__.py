"""Numerical methods: functions of arrays that know no physics."""
