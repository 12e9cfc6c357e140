//! The laws over every word, and what each codec says in particular: wire form, refusals, names.
//!
//! Never lists codecs where a law is meant: [`framings`] takes them from the table of words.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use rstest::rstest;

mod acknowledged;
mod borrowed;
mod second_opinion;

use super::laws::{any_bytes, any_frames, fit, read, write};
use super::{Delimiter, FrameError, Framing, words};

fn framing(name: &str) -> Framing {
    Framing::parse(name).unwrap()
}

/// Every word's example, then arguments that are harder than the example.
fn framings() -> Vec<Framing> {
    let hard = [
        "delimiter:;",
        "delimiter:;;",
        "delimiter:aabaaab",
        r"delimiter:\x00",
        "fixed:1",
        "length:u8,inclusive",
        "length:u24le,inclusive",
        "length:u64be,offset=1",
        "length:u32le,offset=2,inclusive",
    ];
    words().map(|word| word.example).chain(hard).map(framing).collect()
}

/// Runs a law over every framing, each with as many cases as a property test has.
fn law<S: Strategy>(input: &S, holds: impl Fn(&Framing, S::Value)) {
    for framing in framings() {
        let outcome = TestRunner::default().run(input, |value| {
            holds(&framing, value);
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{}: {failure}", framing.name()));
    }
}

/// Bytes that codecs take for marks, more often than chance would have it.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let marks = &b"\0\0\0\x01\x02\x0c\r\n;ab0123:,"[..];
    let piece = prop_oneof![
        4 => vec(select(marks), 0..8),
        2 => vec(any::<u8>(), 0..8),
        1 => Just(b"\0\0\0\x0c{\"length\":3}".to_vec()),
        1 => Just(b"\0\0\0\x12{\"a\":[],\"length\":0}".to_vec()),
        1 => Just(b"Content-Length: 3\r\n\r\n".to_vec()),
        1 => Just(b"content-length:0\r\nA: b\r\n\r\n".to_vec()),
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn sizes() -> impl Strategy<Value = Vec<u8>> {
    vec(1..20u8, 0..4)
}

#[test]
fn any_bytes_are_read_alike_however_divided() {
    let limit = prop_oneof![0..40usize, Just(usize::MAX)];
    law(&(limit, bytes(), sizes()), |framing, (limit, bytes, sizes)| {
        any_bytes(framing, limit, &bytes, &sizes);
    });
}

#[test]
fn frames_are_read_back_split_coalesced_or_truncated() {
    law(&(vec(bytes(), 0..5), sizes()), |framing, (frames, sizes)| {
        let frames: Vec<_> = frames.iter().map(|bytes| fit(framing, bytes)).collect();
        any_frames(framing, &frames, &sizes);
    });
}

#[test]
fn every_split_point_of_a_stream_is_read_alike() {
    for framing in framings() {
        let frames = ["ls", "", "uname -a"].map(|text| fit(&framing, text.as_bytes()));
        let stream = write(&framing, &frames);
        for (first, second) in (0..=stream.len()).map(|at| stream.split_at(at)) {
            let reading = read(&framing, 64, &[first, second]);
            assert_eq!(reading, (frames.to_vec(), Ok(())), "{}", framing.name());
        }
    }
}

#[test]
fn a_frame_of_the_limit_is_read_and_a_longer_one_is_not() {
    for framing in framings() {
        let frame = fit(&framing, b"0123456789");
        let stream = write(&framing, std::slice::from_ref(&frame));
        let (length, limit) = (frame.len(), frame.len() - 1);
        assert_eq!(read(&framing, length, &[&stream]), (vec![frame], Ok(())));
        let refused = FrameError::TooLong { announced: length as u64, limit };
        assert_eq!(read(&framing, limit, &[&stream]), (vec![], Err(refused)));
    }
}

/// Every codec module lists its words, and every list is in the table. Fails when a codec is
/// written and never joins.
#[test]
fn every_codec_has_its_words_in_the_table() {
    let source = include_str!("../mod.rs");
    let (before, after) = source.split_once("const TABLES").unwrap();
    let (table, _) = after.split_once("\n];").unwrap();
    let modules = before
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .filter(|module| !NO_CODECS.contains(module));
    for module in modules {
        assert!(table.contains(&format!(" {module}::WORDS,")), "{module} is not in TABLES");
    }
}

const NO_CODECS: [&str; 7] = ["decoder", "error", "laws", "output", "tests", "window", "word"];

/// A round trip cannot tell the byte order: what is on the wire, word by word.
const WIRE: [(&str, &[u8], &[u8]); 17] = [
    ("u8", b"ls", b"\x02ls"),
    ("u16be", b"ls", b"\0\x02ls"),
    ("u16le", b"ls", b"\x02\0ls"),
    ("u24be", b"ls", b"\0\0\x02ls"),
    ("u24le", b"ls", b"\x02\0\0ls"),
    ("u32be", b"ls", b"\0\0\0\x02ls"),
    ("u32le", b"ls", b"\x02\0\0\0ls"),
    ("u64be", b"ls", b"\0\0\0\0\0\0\0\x02ls"),
    ("u64le", b"ls", b"\x02\0\0\0\0\0\0\0ls"),
    ("length:u16be,offset=3", b"\x16\x03\x01ls", b"\x16\x03\x01\0\x02ls"),
    ("varint", b"ls", b"\x02ls"),
    ("line", b"ls\r", b"ls\r\n"),
    (r"delimiter:\r\n", b"l\ns", b"l\ns\r\n"),
    ("json-header", b"ls", b"\0\0\0\x0c{\"length\":2}ls"),
    ("content-length", b"ls", b"Content-Length: 2\r\n\r\nls"),
    ("fixed:16", b"0123456789abcdef", b"0123456789abcdef"),
    ("netstring", b"ls", b"2:ls,"),
];

#[test]
fn every_word_has_its_wire_form() {
    let listed: BTreeSet<_> = WIRE.iter().map(|(name, _, _)| *name).collect();
    let accepted: BTreeSet<_> = words().map(|word| word.example).collect();
    assert_eq!(listed, accepted);
    for (name, frame, wire) in WIRE {
        assert_eq!(write(&framing(name), &[frame.to_vec()]), wire, "{name}");
        assert_eq!(read(&framing(name), 16, &[wire]), (vec![frame.to_vec()], Ok(())), "{name}");
    }
}

#[rstest]
#[case("u16be", b"\xff\xff", 65_535)]
#[case("u64be", &[0xff; 8], u64::MAX)]
#[case("netstring", b"1025", 1025)]
#[case("netstring", &[b'9'; 2000], 9999)]
#[case("line", &[b'x'; 2000], 1025)]
#[case(r"delimiter:\r\n", &[b'\r'; 2000], 1025)]
#[case("fixed:1025", b"", 1025)]
#[case("json-header", b"\0\0\0\x0f{\"length\":1025}", 1025)]
#[case("length:u16be,offset=3", &[0xff; 5], 65_538)]
#[case("length:u64be,inclusive", &[0xff; 8], u64::MAX - 8)]
#[case("length:u64le,offset=2", &[0xff; 10], u64::MAX)]
#[case("varint", b"\x81\x08", 1025)]
#[case("varint", b"\xff\xff", 16_384 + 16_383)]
#[case("content-length", b"Content-Length: 1025\r\n\r\n", 1025)]
#[case("content-length", b"content-length:99999999999999999999\r\n\r\n", u64::MAX)]
fn a_hostile_length_is_refused(#[case] name: &str, #[case] stream: &[u8], #[case] announced: u64) {
    let refused = FrameError::TooLong { announced, limit: 1024 };
    assert_eq!(read(&framing(name), 1024, &[stream]), (vec![], Err(refused)));
    any_bytes(&framing(name), 1024, stream, &[7]);
}

#[rstest]
#[case(b"\0\0\x20\x01", "8193 bytes long, at most 8192 allowed")]
#[case(b"\0\0\0\x00", "not JSON: EOF while parsing a value at line 1 column 0")]
#[case(b"\0\0\0\x01[", "not JSON: EOF while parsing a list at line 1 column 1")]
#[case(b"\0\0\0\x02[]", "not a JSON object")]
#[case(b"\0\0\0\x02{}", "no `length`")]
#[case(b"\0\0\0\x0d{\"length\":-1}", NO_INTEGER)]
#[case(b"\0\0\0\x0e{\"length\":2.0}", NO_INTEGER)]
#[case(b"\0\0\0\x0e{\"length\":\"2\"}", NO_INTEGER)]
#[case(b"\0\0\0\x1f{\"length\":18446744073709551616}", NO_INTEGER)]
fn a_bad_json_header_is_refused(#[case] stream: &[u8], #[case] why: &str) {
    let refused = FrameError::BadHeader(why.into());
    assert_eq!(read(&Framing::JsonHeader, 1024, &[stream]), (vec![], Err(refused)));
}

const NO_INTEGER: &str = "`length` is not an integer from 0 to 2^64 - 1";

#[rstest]
#[case("length:u16be,inclusive", b"\0\x01", "a length of 1, and the header alone has 2")]
#[case("length:u8,offset=3,inclusive", b"abc\x03", "a length of 3, and the header alone has 4")]
#[case("varint", b"\x80\x00", "a varint that ends in zeros, and could be shorter")]
#[case("content-length", b"\r\n\r\n", "a line without a colon: ``")]
#[case("content-length", b"A: b\r\n\r\n", "no `Content-Length`")]
#[case("content-length", b"GET / HTTP/1.1\r\n\r\n", "a line without a colon: `GET / HTTP/1.1`")]
#[case("content-length", b"Content-Length: -1\r\n\r\n", NO_DIGITS)]
#[case("content-length", b"Content-Length: +1\r\n\r\n", NO_DIGITS)]
#[case("content-length", b"Content-Length: 1, 1\r\n\r\n", NO_DIGITS)]
#[case("content-length", b"Content-Length:\r\n\r\n", NO_DIGITS)]
#[case(
    "content-length",
    b"Content-Length: 1\r\ncontent-length: 1\r\n\r\n",
    "`Content-Length` twice"
)]
#[case("content-length", b"Content-Length : 1\r\n\r\n", "not a field name")]
#[case("content-length", b"A: b\r\n Content-Length: 1\r\n\r\n", "not a field name")]
#[case("content-length", b"A: b\nContent-Length: 1\r\n\r\n", "a line that ends without CR LF")]
#[case("content-length", b"Content-Length: 1\n\r\n\r\n", "a line that ends without CR LF")]
#[case("content-length", b"Transfer-Encoding: chunked\r\n\r\n", "a second way to say the length")]
#[case("content-length", &[b'x'; 8192], "no empty line within 8192 bytes")]
fn a_bad_header_is_refused(#[case] name: &str, #[case] stream: &[u8], #[case] why: &str) {
    let refused = read(&framing(name), usize::MAX, &[stream]).1.unwrap_err();
    let FrameError::BadHeader(said) = &refused else { panic!("{refused}") };
    assert!(said.starts_with(why), "{said}");
    any_bytes(&framing(name), usize::MAX, stream, &[7]);
}

const NO_DIGITS: &str = "not a length in decimal digits: `Content-Length:";

/// Whatever stands beside the length, and however it is written.
#[test]
fn a_content_length_is_found_among_other_lines() {
    let stream = b"Host: a\r\ncontent-LENGTH:\t 002 \r\nX: y:z\r\n\r\nls";
    assert_eq!(read(&Framing::ContentLength, 2, &[stream]), (vec![b"ls".to_vec()], Ok(())));
}

/// Found by fuzzing: the multiplication saturated, and the addition then overflowed.
#[test]
fn a_netstring_length_saturates() {
    let (frames, end) = read(&Framing::Netstring, usize::MAX, &[&[b'4'; 40]]);
    assert!(frames.is_empty() && matches!(end, Err(FrameError::TooLong { .. })), "{end:?}");
}

#[rstest]
#[case(b":", "found `:`")]
#[case(b"01", "found `1`")]
#[case(b"+2", "found `+`")]
#[case(b"2 :", "found ` `")]
#[case(b"2:ls\n", r"bad frame end: expected `,` after 2 bytes, found `\n`")]
fn a_bad_netstring_is_refused(#[case] stream: &[u8], #[case] why: &str) {
    let refused = read(&Framing::Netstring, 1024, &[stream]).1.unwrap_err().to_string();
    assert!(refused.ends_with(why), "{refused}");
}

/// A length within the limit is believed, and no memory is reserved for it: the process would die.
#[rstest]
#[case("u64be", b"\x7f\xff\xff\xff\xff\xff\xff\xff".to_vec())]
#[case("netstring", b"9223372036854775807:".to_vec())]
#[case("json-header", b"\0\0\0\x1e{\"length\":9223372036854775807}".to_vec())]
#[case("fixed:9223372036854775807", Vec::new())]
#[cfg(target_pointer_width = "64")]
fn a_promise_reserves_no_memory(#[case] name: &str, #[case] mut stream: Vec<u8>) {
    stream.extend_from_slice(b"ls");
    let mut decoder = framing(name).decoder(usize::MAX);
    decoder.push(&stream);
    assert_eq!(decoder.next(), Ok(None));
    assert!(decoder.missing() >= isize::MAX.unsigned_abs() - 2);
}

#[rstest]
#[case("u8", &[0; 256], "256 bytes, and u8 can say at most 255")]
#[case("u16le", &vec![0; 65_536], "65536 bytes, and u16le can say at most 65535")]
#[case("line", b"a\nb", "a line cannot contain a line feed")]
#[case("delimiter:;;", b"a;;b", "the delimiter would be found before the end")]
#[case("delimiter:;;", b"a;", "the delimiter would be found before the end")]
#[case("delimiter:aba", b"ab", "the delimiter would be found before the end")]
#[case("fixed:16", b"ls", "2 bytes, and every frame has 16")]
#[case("length:u16be,offset=3", b"ls", "2 bytes, and 3 stand before the length")]
#[case("length:u8,inclusive", &[0; 255], "255 bytes, and length:u8,inclusive can say at most 254")]
#[case("length:u8,offset=1", &[0; 257], "257 bytes, and length:u8,offset=1 can say at most 256")]
fn a_frame_that_would_not_come_back_is_refused(
    #[case] name: &str,
    #[case] frame: &[u8],
    #[case] why: &str,
) {
    let mut stream = b"before".to_vec();
    let refused = framing(name).encode(frame, &mut stream);
    assert_eq!(refused, Err(FrameError::Unencodable { why: why.into() }));
    assert_eq!(stream, b"before");
}

/// Whatever is written is read back, and what is refused would not have been.
#[test]
fn a_delimiter_refuses_only_what_it_must() {
    let letters = || vec(select(&b"ab"[..]), 0..8);
    let delimiter = vec(select(&b"ab"[..]), 1..5);
    proptest!(|(delimiter in delimiter, frame in letters(), after in letters())| {
        let framing = Framing::Delimiter(Delimiter::new(delimiter.clone()).unwrap());
        let naive = [&frame[..], &delimiter].concat();
        let first = naive.windows(delimiter.len()).position(|it| it == delimiter);
        let mut stream = Vec::new();
        let written = framing.encode(&frame, &mut stream);
        prop_assert_eq!(written.is_ok(), first == Some(frame.len()));
        any_bytes(&framing, 5, &[naive, after].concat(), &[3]);
    });
}

#[test]
fn a_name_gives_back_its_framing() {
    for framing in framings() {
        assert_eq!(Framing::parse(&framing.name()), Ok(framing));
    }
    proptest!(|(bytes in vec(any::<u8>(), 1..8))| {
        let framing = Framing::Delimiter(Delimiter::new(bytes).unwrap());
        let name = framing.name();
        prop_assert!(name.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        prop_assert_eq!(Framing::parse(&name), Ok(framing));
    });
    proptest!(|(name in "(delimiter:)?\\PC*")| {
        if let Ok(framing) = Framing::parse(&name) {
            prop_assert_eq!(Framing::parse(&framing.name()), Ok(framing));
        }
    });
}

#[rstest]
#[case("delimiter:;", b";")]
#[case("delimiter:\r\n\r\n", b"\r\n\r\n")]
#[case(r"delimiter:\r\n\r\n", b"\r\n\r\n")]
#[case(r"delimiter:\0\x1E\\\'", b"\0\x1e\\'")]
#[case("delimiter::", b":")]
#[case("delimiter:é", b"\xc3\xa9")]
fn a_delimiter_is_written_raw_or_escaped(#[case] name: &str, #[case] bytes: &[u8]) {
    assert_eq!(Some(framing(name)), Delimiter::new(bytes.to_vec()).map(Framing::Delimiter));
}

#[rstest]
#[case("u16", "unknown framing `u16`; did you mean `u16be`? accepted: u8, u16be, ")]
#[case("Lines", "unknown framing `Lines`; did you mean `line`? accepted: u8, ")]
#[case("json", "unknown framing `json`; did you mean `json-header`? accepted: u8, ")]
#[case("delim:;", "unknown framing `delim`; did you mean `delimiter:BYTES`? accepted: u8, ")]
#[case("", "unknown framing ``; accepted: u8, ")]
#[case("line:", "framing `line` takes no argument: write `line`")]
#[case("fixed", "framing `fixed` needs an argument: `fixed:SIZE`, such as `fixed:16`")]
#[case("fixed:0", "framing `fixed:SIZE`: `0` is not a whole number from 1 in plain digits")]
#[case("fixed:+1", "framing `fixed:SIZE`: `+1` is not a whole number")]
#[case("length:u16", "framing `length:FIELD`: unknown length `u16`; accepted: u8, u16be, u16le, ")]
#[case("length:u8,", "framing `length:FIELD`: unknown length `u8,`; accepted: ")]
#[case("length:u8,offset=0", "framing `length:FIELD`: `0` is not an offset from 1 to 254")]
#[case("length:u8,offset=255", "framing `length:FIELD`: `255` is not an offset from 1 to 254")]
#[case("length:u8,inclusive,offset=1", "framing `length:FIELD`: unknown length `u8,inclusive`; ")]
#[case("fixed:01", "framing `fixed:SIZE`: `01` is not a whole number")]
#[case("delimiter:", "framing `delimiter:BYTES`: the delimiter is empty")]
#[case(r"delimiter:\q;;", r"framing `delimiter:BYTES`: unknown escape `\q`; accepted: \r \n ")]
#[case(r"delimiter:\x+1", r"framing `delimiter:BYTES`: unknown escape `\x+1`; ")]
#[case(r"delimiter:\xé", r"framing `delimiter:BYTES`: unknown escape `\xé`; ")]
#[case(r"delimiter:a\", r"framing `delimiter:BYTES`: unknown escape `\`; ")]
fn a_name_that_is_none_says_what_would_be(#[case] name: &str, #[case] beginning: &str) {
    let message = Framing::parse(name).unwrap_err();
    assert!(message.starts_with(beginning), "{message}");
}

#[rstest]
#[case("u32be", b"", 4)]
#[case("u32be", b"\0\0\0", 1)]
#[case("u32be", b"\0\0\x01\0x", 255)]
#[case("line", b"ls", 1)]
#[case(r"delimiter:\r\n\r\n", b"GET", 4)]
#[case(r"delimiter:\r\n\r\n", b"GET\r\n", 2)]
#[case(r"delimiter:\r\n\r\n", b"GET\r\n\r\r", 3)]
#[case("json-header", b"\0\0\0\x0c{", 11)]
#[case("json-header", b"\0\0\0\x0c{\"length\":9}", 9)]
#[case("fixed:16", b"ls", 14)]
#[case("length:u16be,offset=3", b"\x16\x03", 3)]
#[case("length:u16be,inclusive", b"\0\x06ls", 2)]
#[case("varint", b"", 1)]
#[case("varint", b"\x80", 129)]
#[case("varint", b"\x02l", 1)]
#[case("content-length", b"Content-Length: 9\r", 3)]
#[case("content-length", b"Content-Length: 9\r\n\r\nls", 7)]
#[case("netstring", b"", 3)]
#[case("netstring", b"12", 14)]
#[case("netstring", b"12:", 13)]
#[case("netstring", b"0:,", 0)]
#[case("netstring", b"0:;", 0)]
fn missing_is_the_most_that_is_certain(
    #[case] name: &str,
    #[case] stream: &[u8],
    #[case] missing: usize,
) {
    let mut decoder = framing(name).decoder(1024);
    decoder.push(stream);
    assert_eq!(decoder.missing(), missing);
}

/// Runs `work`, which takes about a second where every byte costs the same and many minutes where
/// each costs more than the one before. Time is the subject; the margin is wide on both sides.
fn linear(work: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    thread::spawn(move || {
        work();
        done.send(())
    });
    wait.recv_timeout(Duration::from_secs(60)).expect("no failure, and done long before");
}

#[rstest]
#[case("line")]
#[case("delimiter:aaaaaaaaaaaaaaab")]
#[case("json-header")]
#[case("netstring")]
fn a_long_frame_costs_the_same_byte_by_byte(#[case] name: &'static str) {
    linear(move || {
        let frame = vec![b'a'; 1 << 21];
        let mut decoder = framing(name).decoder(usize::MAX);
        for byte in write(&framing(name), std::slice::from_ref(&frame)) {
            decoder.push(&[byte]);
        }
        assert!(decoder.next() == Ok(Some(frame)));
    });
}

/// Neither a frame that is taken nor a byte that comes moves all those that wait.
#[test]
fn many_frames_that_wait_cost_no_more_than_few() {
    linear(|| {
        let mut decoder = framing("u8").decoder(0);
        decoder.push(&vec![0; 1 << 22]);
        for _ in 0..1 << 22 {
            assert_eq!(decoder.next(), Ok(Some(vec![])));
            decoder.push(&[0]);
        }
    });
}
