"""Acts on a case that no step asks for: an answer is corrected, a consent is taken back after the
end.
"""
