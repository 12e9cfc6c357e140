//! Decoding and encoding, beside tokio-util's codecs and beside a bare copy of the stream.
//!
//! A chunk stands for what one receive gives, and copying it to a buffer for the receive: that is
//! what memcpy does and nothing else, what `u32be` and `line` do before they decode from there, and
//! what tokio-util's codecs need anyhow, whose buffer it is. "In place" decodes from the chunk where
//! it is: what is left then is the decoder's own work.
//!
//! `cargo bench -p sockdrill --bench frame`

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use sockdrill::frame::Framing;
use tokio_util::codec::{Decoder, Encoder, LengthDelimitedCodec, LinesCodec};

const FRAMES: [usize; 4] = [16, 64, 1024, 64 * 1024];
const CHUNKS: [usize; 2] = [64 * 1024, 1];

/// What one receive takes at most.
const BUFFER: usize = 64 * 1024;

fn framing(name: &str) -> Framing {
    Framing::parse(name).expect("a name")
}

/// A stream of whole frames: 4 MiB, or 256 KiB to be read byte by byte.
fn stream(framing: &Framing, frame: usize, chunk: usize) -> Vec<u8> {
    let size = if chunk == 1 { 256 * 1024 } else { 4 * 1024 * 1024 };
    let (frame, mut stream) = (vec![b'x'; frame], Vec::new());
    while stream.len() < size {
        framing.encode(&frame, &mut stream).expect("a frame that fits");
    }
    stream
}

/// Receives chunks into a buffer and looks at each frame where it lies.
fn decode_ours(framing: &Framing, stream: &[u8], chunk: usize) -> usize {
    let (mut decoder, mut buffer, mut read) = (framing.decoder(1 << 20), vec![0; BUFFER], 0);
    for piece in stream.chunks(chunk) {
        buffer[..piece.len()].copy_from_slice(piece);
        let mut received = &buffer[..piece.len()];
        while let Some(frame) = decoder.decode(&mut received).expect("frames") {
            read += black_box(frame).len();
        }
    }
    read
}

/// Looks at each frame where it lies, in chunks that are there already.
fn decode_in_place(framing: &Framing, stream: &[u8], chunk: usize) -> usize {
    let (mut decoder, mut read) = (framing.decoder(1 << 20), 0);
    for mut piece in stream.chunks(chunk) {
        while let Some(frame) = decoder.decode(&mut piece).expect("frames") {
            read += black_box(frame).len();
        }
    }
    read
}

fn decode_theirs<D: Decoder>(mut codec: D, stream: &[u8], chunk: usize) -> usize
where
    D::Item: AsRef<[u8]>,
    D::Error: std::fmt::Debug,
{
    let (mut buffer, mut read) = (BytesMut::with_capacity(BUFFER), 0);
    for piece in stream.chunks(chunk) {
        buffer.extend_from_slice(piece);
        while let Some(frame) = codec.decode(&mut buffer).expect("frames") {
            read += black_box(frame).as_ref().len();
        }
    }
    read
}

fn copy(stream: &[u8], chunk: usize) -> usize {
    let mut buffer = vec![0; BUFFER];
    for piece in stream.chunks(chunk) {
        buffer[..piece.len()].copy_from_slice(piece);
        black_box(&mut buffer);
    }
    stream.len()
}

fn group<'c>(c: &'c mut Criterion, name: &str, bytes: usize) -> BenchmarkGroup<'c, WallTime> {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Bytes(bytes as u64));
    group
}

fn decode(c: &mut Criterion) {
    for chunk in CHUNKS {
        for frame in FRAMES {
            let (length, line) = (framing("u32be"), framing("line"));
            let stream = stream(&length, frame, chunk);
            let name = format!("decode, frames of {frame}, chunks of {chunk}");
            let mut group = group(c, &name, stream.len());
            group.bench_function("memcpy", |b| b.iter(|| copy(&stream, chunk)));
            group.bench_function("u32be", |b| b.iter(|| decode_ours(&length, &stream, chunk)));
            group.bench_function("u32be, in place", |b| {
                b.iter(|| decode_in_place(&length, &stream, chunk));
            });
            group.bench_function("LengthDelimitedCodec", |b| {
                b.iter(|| decode_theirs(LengthDelimitedCodec::new(), &stream, chunk));
            });
            let stream = self::stream(&line, frame, chunk);
            group.throughput(Throughput::Bytes(stream.len() as u64));
            group.bench_function("line", |b| b.iter(|| decode_ours(&line, &stream, chunk)));
            group.bench_function("LinesCodec", |b| {
                b.iter(|| decode_theirs(LinesCodec::new(), &stream, chunk));
            });
            group.finish();
        }
    }
}

/// 4 MiB of frames, sent whenever 64 KiB have been written.
fn encode(c: &mut Criterion) {
    for frame in FRAMES {
        let frame = vec![b'x'; frame];
        let count = 4 * 1024 * 1024 / frame.len();
        let mut group =
            group(c, &format!("encode, frames of {}", frame.len()), count * frame.len());
        for name in ["u32be", "line"] {
            let framing = framing(name);
            group.bench_function(name, |b| {
                let mut out = Vec::with_capacity(2 * BUFFER);
                b.iter(|| {
                    for _ in 0..count {
                        framing.encode(black_box(&frame), &mut out).expect("a frame that fits");
                        if out.len() >= BUFFER {
                            black_box(&mut out).clear();
                        }
                    }
                });
            });
        }
        group.bench_function("LengthDelimitedCodec", |b| {
            let (mut codec, bytes) = (LengthDelimitedCodec::new(), Bytes::from(frame.clone()));
            let mut out = BytesMut::with_capacity(2 * BUFFER);
            b.iter(|| {
                for _ in 0..count {
                    codec.encode(black_box(&bytes).clone(), &mut out).expect("a frame that fits");
                    if out.len() >= BUFFER {
                        black_box(&mut out).clear();
                    }
                }
            });
        });
        group.bench_function("LinesCodec", |b| {
            let (mut codec, text) = (LinesCodec::new(), String::from_utf8_lossy(&frame));
            let mut out = BytesMut::with_capacity(2 * BUFFER);
            b.iter(|| {
                for _ in 0..count {
                    codec.encode(black_box(&text), &mut out).expect("a line");
                    if out.len() >= BUFFER {
                        black_box(&mut out).clear();
                    }
                }
            });
        });
        group.finish();
    }
}

criterion_group!(benches, decode, encode);
criterion_main!(benches);
