"""What anybody asks an office for as a public document, and how the office decides."""
