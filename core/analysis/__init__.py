"""Statistics over runs and curves. numpy only, pure."""
