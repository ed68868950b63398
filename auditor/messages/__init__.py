"""What each end of a flow sends: the sizes of IKEv2 and RADIUS messages, summed line by line. No I/O."""
