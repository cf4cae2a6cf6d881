"""What open pages are told: topics that change, read and written once for all who look at them."""
