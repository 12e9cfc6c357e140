//! Appending few bytes, as codecs do for every frame.

/// Appends `bytes`. Where they are few, as two pieces of a size known here, the second of which may lie
/// over the first: a call of memcpy would take longer than the copy.
#[inline]
pub(super) fn append(into: &mut Vec<u8>, bytes: &[u8]) {
    let is_done =
        in_two::<16>(into, bytes) || in_two::<32>(into, bytes) || in_two::<64>(into, bytes);
    if !is_done {
        into.extend_from_slice(bytes);
    }
}

/// Appends the first `N` of the bytes and the last `N`, if these are all of them. Whether they are.
#[inline]
fn in_two<const N: usize>(into: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let ends = (bytes.first_chunk::<N>(), bytes.last_chunk::<N>());
    let ((Some(first), Some(last)), Some(common)) = (ends, (2 * N).checked_sub(bytes.len())) else {
        return false;
    };
    into.extend_from_slice(first);
    into.truncate(into.len() - common);
    into.extend_from_slice(last);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_bytes_is_appended() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..=bytes.len() {
            let mut into = vec![b'!'];
            append(&mut into, &bytes[..length]);
            assert_eq!(into, [b"!", &bytes[..length]].concat(), "{length}");
        }
    }
}
