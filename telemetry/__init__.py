"""What the processes say of themselves: log lines for programs, and traces where they are asked for."""
