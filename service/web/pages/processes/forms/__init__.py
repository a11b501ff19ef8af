"""The pages of a draft's forms: the list, the editor of one, and its layout."""
