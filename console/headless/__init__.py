"""The reader's answers on stdout: aligned tables, JSON, JSON lines, CSV; nothing cut silently, nothing that acts."""
