//! Rules of changes: what the preview finds between what stands and what is wanted.
