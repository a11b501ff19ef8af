"""What lists read of cases, and what of a case a turn reads and keeps besides its history."""
