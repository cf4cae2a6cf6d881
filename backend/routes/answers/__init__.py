"""What experiments have shown: verdicts, claims, comparisons."""
