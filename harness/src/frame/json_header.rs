//! `json-header`: a 32-bit big-endian length of a JSON object, the object, then as many bytes as
//! its `length` says.
//!
//! The way of the popular Python socket tutorials: it costs little to write and leaves room for
//! further fields, which are read and ignored here. Never looks into the frame itself.

use serde_json::Value;

use super::decoder::{Codec, Extent, Mark, Scan};
use super::error::within;
use super::output::Put;
use super::{FrameError, Framing, Word};

pub(super) struct JsonHeader;

pub(super) const WORDS: &[Word] = &[Word::plain(
    "json-header",
    |_| Ok(Framing::JsonHeader),
    r#"a 32-bit big-endian length of a header, the header {"length":N}, then N bytes"#,
)];

/// Bytes of the length before the header.
const PREFIX: usize = 4;

/// The longest header, in bytes. It describes a frame and is no place for data: 8 KiB is what
/// Apache (`LimitRequestFieldSize`) and nginx (`large_client_header_buffers`) grant a header.
const MAX_HEADER: usize = 8 * 1024;

impl Codec for JsonHeader {
    fn encode(&self, frame: &[u8], into: &mut impl Put) -> Result<(), FrameError> {
        let header = format!(r#"{{"length":{}}}"#, frame.len());
        // At most 31 bytes: 11 and the 20 digits of `u64::MAX`.
        let length = u32::try_from(header.len()).unwrap_or(u32::MAX);
        into.put([&length.to_be_bytes(), header.as_bytes(), frame])
    }

    fn locate(&self, unread: &[u8], limit: usize, _: &mut Scan) -> Result<Mark, FrameError> {
        let Some((prefix, rest)) = unread.split_first_chunk::<PREFIX>() else {
            return Ok(Mark::Need(PREFIX - unread.len()));
        };
        let announced = u32::from_be_bytes(*prefix);
        let length = within(announced.into(), MAX_HEADER).map_err(|_| {
            FrameError::BadHeader(format!("{announced} bytes long, at most {MAX_HEADER} allowed"))
        })?;
        match rest.get(..length) {
            None => Ok(Mark::Need(length - rest.len())),
            Some(header) => {
                let body = within(read(header)?, limit)?;
                Ok(Mark::Frame(Extent { head: PREFIX + length, body, ..Extent::default() }))
            }
        }
    }
}

/// The `length` of a header.
fn read(header: &[u8]) -> Result<u64, FrameError> {
    let value: Value = serde_json::from_slice(header)
        .map_err(|error| FrameError::BadHeader(format!("not JSON: {error}")))?;
    let Value::Object(fields) = value else {
        return Err(FrameError::BadHeader("not a JSON object".into()));
    };
    match fields.get("length") {
        None => Err(FrameError::BadHeader("no `length`".into())),
        Some(length) => length.as_u64().ok_or_else(|| {
            FrameError::BadHeader("`length` is not an integer from 0 to 2^64 - 1".into())
        }),
    }
}
