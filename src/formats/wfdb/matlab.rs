//! MATLAB 4 matrices, which some records keep their samples in.

/// MATLAB 4 matrices begin with type, rows, columns, an imaginary flag and the length of the name.
pub(in crate::formats) fn is_matlab4(head: &[u8]) -> bool {
    matlab4(head).is_some()
}

/// Rows and columns of a little-endian MATLAB 4 matrix.
pub(super) fn matlab4(head: &[u8]) -> Option<(i32, u64, u64)> {
    let word = |at: usize| Some(i32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?));
    let (kind, rows, columns, imaginary, name) =
        (word(0)?, word(4)?, word(8)?, word(12)?, word(16)?);
    let sound = (0..100).contains(&kind)
        && 0 < rows
        && 0 < columns
        && (0..=1).contains(&imaginary)
        && (1..64).contains(&name);
    let named = sound && *head.get(20 + name as usize - 1)? == 0;
    named.then_some((kind, rows as u64, columns as u64))
}
