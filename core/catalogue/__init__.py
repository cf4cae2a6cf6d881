"""Every regularizer, network, optimizer and data set by name."""
