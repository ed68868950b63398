"""The simulate room: a train of packets walks a path, stage by stage, and every branch of what can happen is kept."""
