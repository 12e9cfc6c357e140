//! Which of 64 bytes are a given one: what searches of short distances are made of.

/// A bit for each byte of `bytes` that is `byte`, the lowest for the first.
#[inline]
pub fn byte_mask(bytes: &[u8; 64], byte: u8) -> u64 {
    let (blocks, _) = bytes.as_chunks();
    blocks.iter().rev().fold(0, |mask, block| mask << 16 | u64::from(matches_of_16(block, byte)))
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn matches_of_16(bytes: &[u8; 16], byte: u8) -> u16 {
    use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8};

    // SAFETY: every x86-64 has SSE2, and the load is of 16 bytes, which need not be aligned.
    let mask = unsafe {
        let bytes = _mm_loadu_si128(bytes.as_ptr().cast());
        _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte.cast_signed())))
    };
    let [low, high, ..] = mask.to_le_bytes();
    u16::from_le_bytes([low, high])
}

/// Eight at a time, by arithmetic.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn matches_of_16(bytes: &[u8; 16], byte: u8) -> u16 {
    let (eights, _) = bytes.as_chunks();
    eights.iter().rev().fold(0, |mask, eight| mask << 8 | u16::from(matches_of_8(*eight, byte)))
}

#[cfg(any(test, not(target_arch = "x86_64")))]
#[inline]
fn matches_of_8(bytes: [u8; 8], byte: u8) -> u8 {
    const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);

    // A byte that matches is 0 here; of the next it alone has its high bit, and nothing has another.
    let zero = u64::from_le_bytes(bytes) ^ u64::from_ne_bytes([byte; 8]);
    let high = !(((zero & LOW) + LOW) | zero | LOW);
    // The eight high bits, gathered in the highest byte.
    let [.., gathered] = (high >> 7).wrapping_mul(0x0102_0408_1020_4080).to_le_bytes();
    gathered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_bit() {
        for byte in [0, 1, b'\n', 0x7f, 0x80, 0xff] {
            for other in [0, 1, b'\n' - 1, b'\n' + 1, 0x7f, 0x80, 0x8a, 0xff] {
                for at in 0..64 {
                    let mut bytes = [other; 64];
                    bytes[at] = byte;
                    bytes[63 - at] = byte;
                    let expected =
                        (0..64).filter(|&at| bytes[at] == byte).fold(0, |mask, at| mask | 1 << at);
                    assert_eq!(byte_mask(&bytes, byte), expected, "{bytes:?}");
                    let (eights, _) = bytes.as_chunks();
                    let by_eight = eights.iter().rev().fold(0, |mask: u64, eight| {
                        mask << 8 | u64::from(matches_of_8(*eight, byte))
                    });
                    assert_eq!(by_eight, expected, "{bytes:?}");
                }
            }
        }
    }
}
