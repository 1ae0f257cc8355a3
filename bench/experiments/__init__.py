"""What is found out, a file each: reads, writes, growth, filters by hand, workers, memory, start."""
