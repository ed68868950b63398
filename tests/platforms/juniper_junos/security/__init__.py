"""Tests of the SRX part of Junos."""
